//! `puppyslug visualize`.

use std::collections::BTreeSet;

use puppyslug::picture::Picture;
use testkit::Desk;

/// What makes it quick.
const QUICK: &str = "--device cpu --steps 2 --size 48x40";
const CHANNEL: &str = "channel:inception_3a/output:7";

#[test]
fn a_picture_has_the_name_of_what_it_shows_and_is_had_again() {
    let desk = Desk::new();
    let ran = desk.run(&format!("visualize {CHANNEL} {QUICK}"));
    let name = "channel-inception_3a-output-7.png";
    assert_eq!((ran.code, &ran.text()[..], &ran.err[..]), (Some(0), "", &format!("{name}\n")[..]));
    let picture = Picture::open(desk.path(name)).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (48, 40));
    let ran = desk.succeed(&format!("replay {name} -o again.png --device cpu"));
    assert!(ran.err.contains("bit for bit"), "{}", ran.err);
    assert_eq!(Picture::open(desk.path("again.png")).expect("a picture").rgb(), picture.rgb());
    // Another seed is another picture.
    desk.succeed(&format!("visualize {CHANNEL} {QUICK} --seed 1 -o other.png"));
    assert_ne!(Picture::open(desk.path("other.png")).expect("a picture").rgb(), picture.rgb());
    // A recipe of something else is told from what it is.
    desk.put("recipe.json", r#"{ "visualize": { "step": 3 } }"#);
    desk.fail("replay recipe.json", 1, &["recipe in 'recipe.json' cannot be used"]);
}

#[test]
fn several_make_a_sheet_and_the_way_is_kept() {
    let desk = Desk::new();
    let sums = "logit:3 channel:inception_3a/output:7*-1 l2:conv2/3x3";
    desk.succeed(&format!("visualize {sums} {QUICK} -o sheet.png --steps-out way --robustness none"));
    let sheet = Picture::open(desk.path("sheet.png")).expect("a picture");
    assert_eq!((sheet.width(), sheet.height()), (2 * 48 + 4, 2 * 40 + 4));
    let way = [1, 2, 3]
        .into_iter()
        .flat_map(|number| [1, 2].map(|step| format!("way/picture-{number:02}-step-{step:06}.png")));
    let rest = ["cat.png", "sheet.png"].map(str::to_owned);
    assert_eq!(desk.files(), way.chain(rest).collect::<BTreeSet<String>>());
    // The last on the way is the first on the sheet.
    let last = Picture::open(desk.path("way/picture-01-step-000002.png")).expect("a picture");
    let row = |picture: &Picture| picture.rgb()[..48].to_vec();
    assert_eq!(row(&last), row(&sheet));
}

#[test]
fn a_picture_to_begin_with_keeps_its_shape_and_is_needed_again() {
    let desk = Desk::new();
    desk.succeed(&format!("visualize {CHANNEL} --from cat.png --steps 1 --device cpu -o from.png"));
    let picture = Picture::open(desk.path("from.png")).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (40, 32));
    desk.fail("replay from.png --device cpu", 1, &["Name its file too"]);
    let ran = desk.succeed("replay from.png cat.png --device cpu");
    assert!(ran.err.contains("bit for bit"), "{}", ran.err);
}

#[test]
fn what_cannot_be_seen_is_refused() {
    let desk = Desk::new();
    for (arguments, words) in [
        ("visualize", &["required arguments"][..]),
        ("visualize 7", &["it has no colon"]),
        ("visualize channel:inception_3a/output:900", &["0 to 255"]),
        ("visualize l2:conv2/3x3@2", &["names octaves or a mask"]),
        ("visualize l2:conv2/3x3 --preset lucent", &["lucid or distill"]),
        ("visualize l2:conv2/3x3 --steps 0", &["from 1"]),
        ("visualize l2:conv2/3x3 --rate nan", &["rate"]),
        ("visualize l2:conv2/3x3 --size 1x40", &["too narrow"]),
        ("visualize guide:conv2/3x3", &["guide"]),
        ("visualize l2:conv2/3x3 --from cat.png -o cat.png", &["is the input"]),
    ] {
        desk.refuse(arguments, 2, words);
    }
    desk.refuse("visualize logit:3 --size 8 --device cpu --robustness none", 1, &["leaves no cell"]);
}

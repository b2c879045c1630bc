//! `puppyslug visualize`.

use std::collections::BTreeSet;

use puppyslug::picture::Picture;
use testkit::{Desk, Ran};

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

/// A file of NumPy's with numbers of 32 bits.
fn npy(numbers: &[f32]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}\n", numbers.len());
    let length = (header.len() as u16).to_le_bytes();
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes()].concat().into_iter().chain(bytes).collect()
}

#[test]
fn a_direction_is_read_kept_and_known_again() {
    let desk = Desk::new();
    let wave = |at: usize| ((at * 37 % 11) as f32 - 5.0) / 5.0;
    let numbers: Vec<f32> = (0..256).map(wave).collect();
    desk.put("v.npy", npy(&numbers));
    let direction = "direction:inception_3a/output:v.npy^2";
    desk.succeed(&format!("visualize {direction} {QUICK} -o v.png"));
    desk.succeed(&format!("visualize direction:inception_3a/output:v.npy {QUICK} -o plain.png"));
    assert_ne!(desk.read("v.png"), desk.read("plain.png"), "the power counts");
    let dream = "dream cat.png --device cpu --octaves 1 --iterations 1";
    desk.succeed(&format!("{dream} --objective {direction} -o dream.png --checkpoint stopped.safetensors"));
    for replay in ["replay v.png --device cpu", "replay dream.png cat.png --device cpu"] {
        assert!(desk.succeed(replay).err.contains("bit for bit"), "{replay}");
    }
    // A channel alone is the channel's objective, but for its factor, which Adam does not see.
    let one: Vec<f32> = (0..256).map(|channel| if channel == 7 { 1.0 } else { 0.0 }).collect();
    desk.put("one.npy", npy(&one));
    desk.succeed(&format!("visualize direction:inception_3a/output:one.npy {QUICK} -o one.png"));
    desk.succeed(&format!("visualize {CHANNEL} {QUICK} -o channel.png"));
    let [one, channel] =
        ["one.png", "channel.png"].map(|name| Picture::open(desk.path(name)).expect("a picture"));
    let pairs = one.rgb().iter().zip(channel.rgb());
    let far = pairs.fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(far <= 1.0, "{far} levels apart"); // a rounding may fall either way
    // What is another file by now is told.
    desk.put("v.npy", npy(&numbers[1..]));
    desk.fail("replay v.png --device cpu", 1, &["'v.npy' is not the direction", "v.png"]);
    for (file, words) in
        [("v.npy", "has 255 numbers, but layer 'inception_3a/output' has 256"), ("w.npy", "cannot be read")]
    {
        let objective = format!("direction:inception_3a/output:{file}");
        desk.refuse(&format!("visualize {objective} {QUICK}"), 2, &[words, file]);
        desk.refuse(&format!("{dream} --objective {objective}"), 2, &[words, file]);
    }
    desk.refuse(
        &format!("probe cat.png -o p.safetensors --objective {direction}"),
        2,
        &["needs its direction"],
    );
}

#[test]
fn several_climb_together_and_differ() {
    let desk = Desk::new();
    let together = format!("{CHANNEL} + 2*diversity:inception_3a/output");
    let rest = "--batch 3 -o three.png --steps-out way";
    let mut command = desk.command(&format!("visualize l2:conv2/3x3 {QUICK} {rest}"));
    let ran = Ran::of(command.arg(&together));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // A row for each objective.
    let sheet = Picture::open(desk.path("three.png")).expect("a picture");
    assert_eq!((sheet.width(), sheet.height()), (3 * 48 + 2 * 4, 2 * 40 + 4));
    let last = |number: usize| {
        let name = format!("way/picture-{number:02}-step-000002.png");
        Picture::open(desk.path(&name)).expect("a picture").rgb().to_vec()
    };
    let pictures: Vec<Vec<f32>> = (1..=6).map(last).collect();
    for (at, picture) in pictures.iter().enumerate() {
        assert!(!pictures[..at].contains(picture), "picture {at} is there twice");
    }
    let ran = desk.succeed("replay three.png -o again.png --device cpu");
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
        ("visualize diversity:conv2/3x3", &["pictures that are optimised together", "--batch 4"]),
        ("visualize diversity:conv9/3x3 --batch 4", &["conv9/3x3"]),
        ("visualize l2:conv2/3x3 --batch 0", &["1 to 16"]),
        ("dream cat.png --objective diversity:conv2/3x3", &["pictures that are optimised together"]),
        ("video cat.png -o x.mp4 --objective diversity:conv2/3x3", &["pictures that are optimised together"]),
        ("visualize l2:conv2/3x3 --from cat.png -o cat.png", &["is the input"]),
    ] {
        desk.refuse(arguments, 2, words);
    }
    desk.refuse("visualize logit:3 --size 8 --device cpu --robustness none", 1, &["leaves no cell"]);
}

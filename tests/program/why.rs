//! `puppyslug why`.

use puppyslug::picture::Picture;
use serde_json::Value;
use testkit::Desk;

fn json(desk: &Desk, arguments: &str) -> Value {
    let ran = desk.succeed(&format!("why cat.png --device cpu --json {arguments}"));
    serde_json::from_str(&ran.text()).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn the_likeliest_class_is_explained_in_words() {
    let desk = Desk::new();
    let classified = desk.succeed("classify cat.png --device cpu --top 1");
    let ran = desk
        .succeed("why cat.png --device cpu --top 3 --layer inception_5b/output --layer inception_5?/output");
    let text = ran.text();
    let class = classified.text().lines().nth(1).expect("a class").to_owned();
    assert!(text.starts_with("cat.png\n") && text.contains(&class), "{text}");
    let layers: Vec<&str> = text.lines().filter(|line| line.contains(" places: ")).collect();
    assert!(layers.len() == 2 && layers[0].starts_with("inception_5a/output, 7 by 7 places: "), "{layers:?}");
    assert_eq!(text.lines().count(), 2 + 2 * (2 + 3), "{text}");
}

#[test]
fn numbers_add_up_in_json() {
    let desk = Desk::new();
    let all = json(&desk, "--class sunflower --layer inception_5b/output --top 2000");
    assert_eq!(all["name"], "sunflower");
    let layer = &all["layers"][0];
    let channels = layer["channels"].as_array().expect("channels");
    assert_eq!(channels.len(), 1024);
    let speaks: Vec<f64> = channels.iter().map(|channel| number(&channel["speaks"])).collect();
    assert!(speaks.is_sorted_by(|a, b| a.abs() >= b.abs()), "the loudest first");
    let rows = layer["places"].as_array().expect("rows").iter();
    let places: Vec<f64> = rows.flat_map(|row| row.as_array().expect("a row").iter().map(number)).collect();
    assert_eq!(places.len(), 49);
    let size: f64 = speaks.iter().map(|speaks| speaks.abs()).sum();
    // Sums of f64 in another order.
    for sum in [speaks.iter().sum::<f64>(), places.iter().sum()] {
        assert!((sum - number(&layer["sum"])).abs() <= 1e-9 * size, "{sum} of {layer}");
    }
    // By its number it is the same; the default is another class, and three modules.
    let class = &all["class"];
    assert_eq!(json(&desk, &format!("--class {class} --layer inception_5b/output --top 2000")), all);
    let default = json(&desk, "");
    assert_eq!(default["layers"].as_array().map(Vec::len), Some(3));
    assert!(default["class"] != *class && number(&default["probability"]) > number(&all["probability"]));
}

#[test]
fn the_picture_has_a_panel_for_each_layer() {
    let desk = Desk::new();
    let ran =
        desk.succeed("why cat.png --device cpu --whole -o heat.png --layer conv2/3x3 --layer pool2/3x3_s2");
    assert_eq!(ran.err, "heat.png\n");
    let heat = Picture::open(desk.path("heat.png")).expect("a picture");
    assert_eq!((heat.width(), heat.height()), (2 * 40 + 4, 32));
    // Something is coloured: the panels are not gray, and not the same.
    let plane = heat.rgb().len() / 3;
    let coloured = |from: usize| {
        (0..32).any(|row| {
            (from..from + 40).any(|column| {
                let at = row * heat.width() + column;
                heat.rgb()[at] != heat.rgb()[at + plane]
            })
        })
    };
    assert!(coloured(0) && coloured(44));
}

#[test]
fn what_has_no_answer_is_refused() {
    let desk = Desk::new();
    for (arguments, words) in [
        ("why", &["required arguments"][..]),
        ("why cat.png --top 0", &["--top 0"]),
        ("why cat.png --class sunflwer", &["no class 'sunflwer'", "sunflower"]),
        ("why cat.png --class 1000", &["0 to 999"]),
        ("why cat.png --layer inception_9a/output", &["inception_9a/output"]),
        ("why cat.png -o heat.txt", &["heat.txt"]),
        ("why cat.png -o cat.png", &["is the input"]),
        ("why cat.png --layer prob --device cpu", &["layer 'prob' says nothing about classes"]),
    ] {
        desk.refuse(arguments, 2, words);
    }
    desk.refuse("why missing.png", 1, &["missing.png"]);
}

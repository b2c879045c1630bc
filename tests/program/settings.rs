//! Every setting, whoever speaks of it: the library, the flags, recipes and the JSON schema.

use std::collections::BTreeSet;

use puppyslug::dream::presets::EMBEDDED_DEFAULT;
use puppyslug::dream::{Changes, Config};
use puppyslug::net::Weights;
use puppyslug::settings::Settings;
use serde_json::{Value, json};
use testkit::Desk;

fn schema() -> Value {
    let text = String::from_utf8(Desk::new().succeed("settings --json").out).expect("text");
    serde_json::from_str(&text).expect("JSON")
}

/// Whether a schema accepts a value, by those keywords of draft 2020-12 that the program uses; any other is a mistake.
fn accepts(schema: &Value, value: &Value) -> bool {
    schema.as_object().expect("a schema").iter().all(|(keyword, says)| {
        let number = |limit: &Value| value.as_f64().zip(limit.as_f64());
        let items = value.as_array();
        match keyword.as_str() {
            "$schema" | "title" | "description" | "group" | "order" | "default" => true,
            "type" => says == kind(value) || says == "number" && kind(value) == "integer",
            "const" => says == value || number(says).is_some_and(|(value, only)| value == only),
            "enum" => says.as_array().expect("a list").contains(value),
            "not" => !accepts(says, value),
            "oneOf" => says.as_array().expect("a list").iter().filter(|one| accepts(one, value)).count() == 1,
            "minimum" => number(says).is_none_or(|(value, limit)| value >= limit),
            "exclusiveMinimum" => number(says).is_none_or(|(value, limit)| value > limit),
            "maximum" => number(says).is_none_or(|(value, limit)| value <= limit),
            "minItems" => items.is_none_or(|items| items.len() as u64 >= says.as_u64().expect("a number")),
            "maxItems" => items.is_none_or(|items| items.len() as u64 <= says.as_u64().expect("a number")),
            "items" if says == false => items
                .is_none_or(|items| items.len() <= schema["prefixItems"].as_array().expect("a list").len()),
            "items" => items.is_none_or(|items| items.iter().all(|item| accepts(says, item))),
            "prefixItems" => {
                let says = says.as_array().expect("a list");
                items.is_none_or(|items| says.iter().zip(items).all(|(says, item)| accepts(says, item)))
            }
            "properties" => value.as_object().is_none_or(|object| {
                object.iter().all(|(key, value)| says.get(key).is_none_or(|says| accepts(says, value)))
            }),
            "additionalProperties" => value.as_object().is_none_or(|object| {
                *says != json!(false) || object.keys().all(|key| schema["properties"].get(key).is_some())
            }),
            unknown => panic!("the keyword {unknown}"),
        }
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The paths of everything in an object that is none itself.
fn leaves(value: &Value, above: &str) -> BTreeSet<String> {
    let Value::Object(object) = value else { return [above.trim_end_matches('.').to_owned()].into() };
    object.iter().flat_map(|(key, value)| leaves(value, &format!("{above}{key}."))).collect()
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| &value[key])
}

/// Objects with one setting each, and whether it is one that is accepted.
fn samples() -> Vec<(Value, bool)> {
    let one = |path: &str, value: Value| path.rsplit('.').fold(value, |inner, key| json!({ key: inner }));
    let mut samples = Vec::new();
    for (path, good, bad) in [
        (
            "objectives",
            json!([["l2:conv2/3x3"], ["logit:7", "l2:pool1/*"]]),
            json!([[], [7], "l2:conv2/3x3"]),
        ),
        ("octaves", json!([1, 100, "auto"]), json!([0, 101, -1, 1.5, "all", null])),
        ("min_edge", json!([1, 999]), json!([0, "1"])),
        ("octave_scale", json!([1.01, 2, 100]), json!([1, 100.5, "2"])),
        ("grain", json!([0, 255]), json!([-1, 256, "much"])),
        ("iterations", json!([1, [20, 10, 5]]), json!([0, [], [1, 0], [[1]], 1_000_001])),
        ("step", json!([-1.5, 1000, [2, 0.5]]), json!([0, 1000.5, [1, 0], "far"])),
        ("jitter", json!([0, [0, 65535]]), json!([65536, -1, [true]])),
        ("seed", json!([0, u64::MAX]), json!([-1, 0.5])),
        ("mean", json!([[0, 1.5, 255]]), json!([[1, 2], [1, 2, 3, 4], [1, 2, 256], 7])),
        ("controls.normalize", json!(["mean", "std", "rms"]), json!(["median", 1])),
        ("controls.smooth", json!([true, false]), json!([1, "true", null])),
        ("controls.laplacian", json!([0, 10]), json!([11])),
        ("controls.optimizer", json!(["step", "adam"]), json!(["sgd"])),
        ("controls.tv", json!([[0, 1], [1000, 4]]), json!([[1], [1, 2, 3], [1001, 2], [1, 0.5], 2])),
        ("controls.l2", json!([0, 1000]), json!([-1, 1001])),
        ("controls.keep", json!([[0, 1]]), json!([[0, 1.5], 0.5])),
        ("controls.guard", json!([true]), json!([0])),
        ("controls.color", json!(["dream", "keep"]), json!(["gray"])),
        ("controls.contrast", json!([[0, 100], null]), json!([[1], [1, 101]])),
        ("controls.strength", json!([0, 10]), json!([-0.5, 10.5])),
        ("tiling.tile", json!([1, 65535, null]), json!([0, 65536, "none"])),
        ("tiling.tile_mode", json!(["exact", "fast", null]), json!(["slow"])),
        ("tiling.memory_limit", json!([1 << 20, null]), json!([1000, "2G"])),
    ] {
        let mut put = |values: Value, ok| {
            let values = values.as_array().expect("a list").clone();
            samples.extend(values.into_iter().map(|value| (one(path, value), ok)));
        };
        put(good, true);
        put(bad, false);
    }
    samples
}

#[test]
fn the_schema_has_every_setting_with_its_default() {
    let (schema, defaults) = (schema(), serde_json::to_value(Config::default()).expect("JSON"));
    let declared: BTreeSet<String> = Config::all().iter().map(|setting| setting.path.to_owned()).collect();
    assert_eq!(declared, leaves(&defaults, ""));
    for path in &declared {
        let property = at(&schema["properties"], &path.replace('.', ".properties."));
        assert_eq!(&property["default"], at(&defaults, path), "{path}");
        for keyword in ["title", "description", "group"] {
            assert!(property[keyword].as_str().is_some_and(|text| !text.is_empty()), "{path}: {keyword}");
        }
    }
    assert!(accepts(&schema, &defaults));
    assert!(!accepts(&schema, &json!({ "controls": { "tvv": 1 } })));
}

/// The schema, the reader and the range agree on what is accepted.
#[test]
fn the_schema_accepts_what_the_program_accepts() {
    let schema = schema();
    let mut seen = BTreeSet::new();
    for (sample, ok) in samples() {
        assert_eq!(accepts(&schema, &sample), ok, "the schema: {sample}");
        assert_eq!(Config::read_json(&sample).is_ok(), ok, "the program: {sample}");
        seen.extend(leaves(&sample, ""));
    }
    assert!(Config::all().iter().all(|setting| seen.contains(setting.path)), "{seen:?}");
}

#[test]
fn values_are_read_as_they_are_written() {
    for (sample, _) in samples().into_iter().filter(|(_, ok)| *ok) {
        let config = Config::default().changed(&Config::read_json(&sample).expect("accepted"));
        let text = serde_json::to_value(&config).expect("JSON");
        assert_eq!(Config::default().changed(&Config::read_json(&text).expect("its own")), config);
    }
    for setting in Config::all().iter().filter(|setting| setting.path != "objectives") {
        if let Ok(changes) = setting.read(&setting.default) {
            assert_eq!(Config::default().changed(&changes), Config::default(), "{}", setting.path);
        }
    }
}

#[test]
fn the_last_layer_counts() {
    let weights = Weights::embedded();
    let of = |octaves: usize, step: Option<f32>| Changes {
        octaves: Some(octaves.into()),
        step: step.map(Into::into),
        ..Changes::default()
    };
    let config = Config::by(&weights, [&of(2, Some(3.0)), &Changes::default(), &of(5, None)]);
    let expected = Config { octaves: 5.into(), step: 3.0.into(), ..Config::by(&weights, []) };
    assert_eq!(config, expected);
    assert_ne!(Config::by(&weights, [&of(5, None), &of(2, Some(3.0))]), expected);
}

#[test]
fn every_setting_has_a_line_and_a_flag_that_counts_more_than_a_recipe() {
    let desk = Desk::new();
    let table = String::from_utf8(desk.succeed("settings").out).expect("text");
    let help = String::from_utf8(desk.succeed("dream --help").out).expect("text");
    for setting in Config::all() {
        let mut lines = table.lines().skip_while(|line| !line.starts_with(&format!("  {} ", setting.path)));
        let (line, about) = (lines.next().expect(setting.path), lines.next().expect(setting.path));
        assert!(line.contains(&setting.default) && line.ends_with(&setting.accepted), "{line}");
        assert_eq!(about.trim(), setting.about);
        let flag = if setting.path == "objectives" { "objective" } else { &setting.flag };
        assert!(help.contains(&format!("--{flag}")), "{flag}");
    }
    desk.put(
        "base.json",
        json!({ "dream": {
        "objectives": ["l2:conv2/3x3"], "octaves": 1, "iterations": 1,
        "controls": { "smooth": true, "contrast": [1, 99], "tv": [1, 2], "keep": [0.1, 0.2] },
    } })
        .to_string(),
    );
    let start = "dream cat.png --recipe base.json --device cpu";
    desk.succeed(&format!("{start} -o a.png"));
    desk.succeed(&format!("{start} -o b.png --smooth=false --contrast none --tv 0 --keep 0.3"));
    let controls = |name: &str| {
        let recipe = puppyslug::picture::read_recipe(desk.path(name)).expect(name).expect("a recipe");
        serde_json::from_str::<Value>(&recipe).expect("JSON")["dream"]["controls"].clone()
    };
    let [a, b] = ["a.png", "b.png"].map(controls);
    assert_eq!((&a["smooth"], &a["contrast"]), (&json!(true), &json!([1.0, 99.0])));
    assert_eq!((&b["smooth"], &b["contrast"]), (&json!(false), &Value::Null));
    assert_eq!((&b["tv"], &b["keep"]), (&json!([0.0, 2.0]), &json!([0.3, 0.3])));
    desk.fail("dream cat.png --smooth=perhaps", 2, &["--smooth", "true or false is needed"]);
}

/// What a dream is without a word about it: of the network inside its own preset, of others the notebook's numbers.
#[test]
fn the_default_is_shown_as_it_is_dreamed() {
    let desk = Desk::new();
    let recipe = |name: &str| {
        let recipe = puppyslug::picture::read_recipe(desk.path(name)).expect(name).expect("a recipe");
        serde_json::from_str::<Value>(&recipe).expect("JSON")["dream"].clone()
    };
    let dreamed = |arguments: &str| {
        desk.succeed(&format!("dream cat.png -o out.png --device cpu {arguments}"));
        recipe("out.png")
    };
    let preset = dreamed(&format!("--preset {EMBEDDED_DEFAULT}"));
    assert_eq!(dreamed(""), preset);
    let of_layer = dreamed("--layer conv2/3x3");
    let notebook = serde_json::to_value(Config::for_weights(&Weights::embedded())).expect("JSON");
    assert_eq!(of_layer["objectives"], json!(["l2:conv2/3x3"]));
    for (name, value) in
        of_layer.as_object().expect("settings").iter().filter(|(name, _)| *name != "objectives")
    {
        assert_eq!(value, &notebook[name], "--layer keeps {name} of the default");
    }
    // A recipe from before the preset was the default means what it meant.
    desk.put("old.json", r#"{ "dream": { "octaves": 1 } }"#);
    assert_eq!(dreamed("--recipe old.json")["objectives"], notebook["objectives"]);
    desk.put("other.safetensors", testkit::WeightsFile::zeros(None).bytes());
    let other = Weights::open(&desk.path("other.safetensors")).expect("weights");
    assert_eq!(Config::by(&other, []), Config::for_weights(&other));
    let table = desk.answer("settings");
    let shown = table.split_once(&format!("the preset {EMBEDDED_DEFAULT}:\n")).expect("it is named").1;
    let objectives = preset["objectives"].as_array().expect("a list");
    for objective in objectives.iter().map(|it| it.as_str().expect("a text")) {
        assert!(shown.contains(objective), "{shown}");
    }
    let help = desk.answer("dream --help").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(&format!("[default: {EMBEDDED_DEFAULT} with the built-in network")), "{help}");
}

//! Checks that all keys of a recipe are known, and that their values are of the right kind. Settings check
//! themselves.

use serde_json::{Map, Value};

use super::{ARITHMETIC, to_value, unknown};
use super::{
    DeviceMark, DirectionMark, FileMark, FilmMark, MaskMark, PictureMark, Recipe, RecipeError,
    ReferenceMarks, Source, WeightsMark,
};
use crate::dream::Config;
use crate::dream::reference::PixelBox;
use crate::picture::{Depth, Format};
use crate::spelling::nearest;

/// Refuses the first key that is unknown, or whose value is of the wrong kind.
pub(super) fn check(recipe: &Map<String, Value>) -> Result<(), RecipeError> {
    check_below("", recipe, &full(), &to_value(&sample()))
}

/// `known` is a recipe in which every key has a value; in `bare`, those that may be null are null.
fn check_below(
    above: &str,
    given: &Map<String, Value>,
    known: &Value,
    bare: &Value,
) -> Result<(), RecipeError> {
    for (key, value) in given {
        let path = format!("{above}{key}");
        let Some(sample) = known.get(key) else {
            let names = known.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
            return Err(unknown(&path, &nearest(key, names)));
        };
        let may_be_null = sample.is_null() || bare.get(key).is_some_and(Value::is_null);
        match (value, kind(value, sample)) {
            (Value::Null, _) if may_be_null => {}
            (_, Err(needed)) if !sample.is_null() => {
                let (value, reason) = (value.to_string(), format!("{needed} is needed"));
                return Err(RecipeError::Value { key: path, value, reason });
            }
            (Value::Object(inner), _) if sample.is_object() => {
                let bare = bare.get(key).unwrap_or(&Value::Null);
                check_below(&format!("{path}."), inner, sample, bare)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a value is of the same kind as the sample. The error says what is needed.
fn kind(value: &Value, sample: &Value) -> Result<(), &'static str> {
    let (right, needed) = match sample {
        Value::Null => (true, "anything"),
        Value::Bool(_) => (value.is_boolean(), "true or false"),
        Value::Number(number) if number.is_f64() => (value.is_number(), "a number"),
        Value::Number(_) => (value.is_u64(), "a whole number, 0 or more,"),
        Value::String(_) => (value.is_string(), "a text in quotes"),
        Value::Array(_) => (value.is_array(), "a list"),
        Value::Object(_) => (value.is_object(), "an object, { … },"),
    };
    if right { Ok(()) } else { Err(needed) }
}

/// A recipe with every possible key and a value for each, including the keys of both kinds of source.
fn full() -> Value {
    let mark = || PictureMark { sha256: String::new(), width: 0, height: 0 };
    let references = ReferenceMarks {
        guide: Some(mark()),
        like: Some(mark()),
        like_box: Some(PixelBox { x: 0, y: 0, width: 1, height: 1 }),
        directions: vec![DirectionMark { file: String::new(), sha256: String::new() }],
        masks: vec![MaskMark::Alpha],
    };
    let file = FileMark { format: Format::Png, depth: Some(Depth::Eight), quality: Some(1) };
    let mut full = to_value(&Recipe { references, file, film: Some(film()), ..sample() });
    full["dream"] = Value::Null;
    if let (Value::Object(kinds), Value::Object(picture)) =
        (&mut full["source"], to_value(&Source::Picture(mark())))
    {
        kinds.extend(picture);
    }
    full
}

/// A film in which every key has a value.
fn film() -> FilmMark {
    let text = || Some(String::new());
    let (from, to, fps, size, hdr) = (text(), text(), text(), text(), text());
    FilmMark { carry: 0.5, from, to, fps, size, hdr, crf: Some(0), ..FilmMark::default() }
}

/// Any recipe.
pub(super) fn sample() -> Recipe {
    let text = String::new;
    Recipe {
        puppyslug: text(),
        arithmetic: ARITHMETIC,
        device: DeviceMark { kind: text(), name: text() },
        weights: WeightsMark { name: text(), sha256: text() },
        source: Source::Sky { seed: 0 },
        references: ReferenceMarks::default(),
        width: 0,
        height: 0,
        file: FileMark { format: Format::Png, depth: None, quality: None },
        complete: true,
        dream: Config::default(),
        film: None,
    }
}

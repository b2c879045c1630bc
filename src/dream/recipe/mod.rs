//! Recipes: what a dream was made from and how, as JSON that travels with the picture.
//!
//! ```json
//! {
//!   "puppyslug": "0.1.0",
//!   "arithmetic": 2,
//!   "device": { "kind": "cpu", "name": "cpu (8 threads)" },
//!   "weights": { "name": "embedded", "sha256": "…" },
//!   "source": { "picture": { "sha256": "…", "width": 800, "height": 600 } },
//!   "width": 640,
//!   "height": 480,
//!   "file": { "format": "png", "depth": null, "quality": null },
//!   "complete": true,
//!   "dream": { "objectives": ["l2:inception_4c/output"], "octaves": 4, "step": 1.5 }
//! }
//! ```
//!
//! `dream` is a [`Config`] under its own names. A setting that is missing there has its default, so recipes
//! of older versions stay valid. An unknown key is refused, because it may have had a meaning.

mod film;
mod keys;
mod marks;

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::objective::Sum;
use super::{Changes, Config, Objective};
use crate::extent::Extent;
use crate::picture::{Depth, Format};
use crate::settings::{JsonError, Settings};

pub use film::{FilmMark, SegmentMark};
pub use marks::{
    DeviceMark, DirectionMark, FileMark, MaskMark, PictureMark, ReferenceMarks, Source, WeightsMark,
};

/// The version of the arithmetic that dreams are computed with on the CPU: as long as it stays the same, the
/// same recipe gives the same bits. It is raised whenever a change to the program changes results.
pub const ARITHMETIC: u32 = 2;

/// The version for recipes from before it was recorded.
fn first_arithmetic() -> u32 {
    1
}

/// Everything that decides the file of a dream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of the program that dreamed.
    pub puppyslug: String,
    /// The version of the arithmetic: see [`ARITHMETIC`].
    #[serde(default = "first_arithmetic")]
    pub arithmetic: u32,
    /// The device that it ran on.
    pub device: DeviceMark,
    /// The weights.
    pub weights: WeightsMark,
    /// What was dreamed over.
    pub source: Source,
    /// What the dream was steered by.
    #[serde(default)]
    pub references: ReferenceMarks,
    /// Width of the dream; the source is resized to it.
    pub width: usize,
    /// Height of the dream.
    pub height: usize,
    /// How the picture was saved.
    pub file: FileMark,
    /// Whether the dream was completed; one that was stopped cannot be repeated.
    pub complete: bool,
    /// The settings of the dream.
    #[serde(default, deserialize_with = "read_config")]
    pub dream: Config,
    /// What describes a film of dreams, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub film: Option<FilmMark>,
}

/// Why a text is not a recipe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// Not JSON, or not an object.
    #[error("it is not a recipe in JSON: {0}")]
    Json(String),
    /// An unknown key.
    #[error("it has an unknown key '{key}'{nearest}")]
    Key {
        /// Its path, such as `dream.stepp`.
        key: String,
        /// Which keys may have been meant, as the end of a sentence.
        nearest: String,
    },
    /// A value that its key does not accept.
    #[error("its '{key}' is {value}: {reason}")]
    Value {
        /// Its path.
        key: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something is missing, or is wrong outside of the settings.
    #[error("it is not complete: {0}")]
    Incomplete(String),
}

impl Recipe {
    /// The size of the dream.
    pub fn extent(&self) -> Extent {
        Extent { height: self.height, width: self.width }
    }

    /// The recipe as it is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a recipe has nothing that JSON cannot say")
    }

    /// Reads a whole recipe.
    ///
    /// # Errors
    /// See [`RecipeError`].
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        let object = object(text)?;
        changes_of(&object)?;
        serde_json::from_value(Value::Object(object))
            .map_err(|error| RecipeError::Incomplete(error.to_string()))
    }

    /// Reads the settings of a recipe, as a basis for changes. Everything else may be missing.
    ///
    /// # Errors
    /// See [`RecipeError`].
    pub fn parse_changes(text: &str) -> Result<Changes, RecipeError> {
        changes_of(&object(text)?)
    }

    /// The differences between this recipe and the one that would replay it, for people.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        if self.arithmetic != now.arithmetic {
            // This alone explains any difference in the result.
            let (then, now) = (self.arithmetic, now.arithmetic);
            let version = &self.puppyslug;
            return vec![format!(
                "it was dreamed with arithmetic {then} (version {version}), but this version computes with arithmetic {now}"
            )];
        }
        let mut differences = Vec::new();
        let mut compare = |what: &str, then: &str, now: &str| {
            if then != now {
                differences.push(format!("the {what} was {then} and is now {now}"));
            }
        };
        compare("version of puppyslug", &self.puppyslug, &now.puppyslug);
        compare("device", &self.device.name, &now.device.name);
        compare("picture", &self.dream.tiling.describe(), &now.dream.tiling.describe());
        differences
    }
}

/// The recipe as an object, with all of its keys checked.
fn object(text: &str) -> Result<Map<String, Value>, RecipeError> {
    let value: Value = serde_json::from_str(text).map_err(|error| RecipeError::Json(error.to_string()))?;
    let Value::Object(object) = value else {
        return Err(RecipeError::Json("an object is needed, { … }".to_owned()));
    };
    keys::check(&object)?;
    Ok(object)
}

/// The settings of a recipe, with errors that name the full path of a key.
fn changes_of(recipe: &Map<String, Value>) -> Result<Changes, RecipeError> {
    let Some(settings) = recipe.get("dream") else { return Ok(Changes::default()) };
    Config::read_json(settings).map_err(|error| match error {
        JsonError::Key { key, nearest } => unknown(&format!("dream.{key}"), &nearest),
        JsonError::Value { key, value, reason } if key.is_empty() => {
            RecipeError::Value { key: "dream".to_owned(), value, reason }
        }
        JsonError::Value { key, value, reason } => {
            RecipeError::Value { key: format!("dream.{key}"), value, reason }
        }
    })
}

fn read_config<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, D::Error> {
    let changes = Config::read_json(&Value::deserialize(deserializer)?).map_err(D::Error::custom)?;
    Ok(Config::default().changed(&changes))
}

fn unknown(key: &str, nearest: &[String]) -> RecipeError {
    RecipeError::Key { key: key.to_owned(), nearest: format!("; nearest: {}", nearest.join(", ")) }
}

fn to_value(what: &impl Serialize) -> Value {
    serde_json::to_value(what).expect("a recipe has nothing that JSON cannot say")
}

fn read_text<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Types that have a grammar of their own are serialised in it.
macro_rules! as_text {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_text(deserializer)
            }
        }
    )*};
}

as_text!(Objective, Sum, Format, Depth);

/// Whether a file looks like a recipe on its own, rather than a picture.
pub fn is_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::keys::sample;
    use super::*;
    use crate::dream::controls::{Color, Optimizer};
    use crate::dream::{Controls, Octaves, PerOctave, PixelBox};
    use crate::plan::shaping::Normalise;

    fn recipe() -> Recipe {
        let controls = Controls {
            normalize: Normalise::RootMeanSquare,
            tv: (0.1, 1.5),
            keep: (1.0 / 3.0, 0.2),
            optimizer: Optimizer::Adam,
            color: Color::Keep,
            contrast: Some((0.3, 99.9)),
            ..Controls::default()
        };
        let dream = Config {
            step: PerOctave::new(vec![0.1, 0.7]),
            octaves: Octaves::Auto,
            octave_scale: 1.0 / 0.7,
            seed: u64::MAX,
            controls,
            ..Config::default()
        };
        let mark = || PictureMark { sha256: "ab".into(), width: 3, height: 2 };
        let references = ReferenceMarks {
            guide: Some(mark()),
            like: Some(mark()),
            like_box: Some(PixelBox { x: 1, y: 2, width: 3, height: 4 }),
            directions: vec![DirectionMark { file: "v.npy".into(), sha256: "ef".into() }],
            masks: vec![MaskMark::Alpha, MaskMark::Picture(mark())],
        };
        let segments = vec![SegmentMark { frames: 250, decoded: "cd".into(), dreamed: "ef".into() }];
        let from = Some("2250f".to_owned());
        let film =
            FilmMark { carry: 0.97, per_frame: 2, from, crf: Some(16), segments, ..FilmMark::default() };
        Recipe { dream, references, source: Source::Picture(mark()), film: Some(film), ..sample() }
    }

    #[test]
    fn what_is_written_is_read_to_the_last_bit() {
        assert_eq!(Recipe::parse(&recipe().to_json()), Ok(recipe()));
    }

    #[test]
    fn another_arithmetic_is_the_difference_that_counts() {
        let now = recipe();
        assert_eq!(now.differences(&now), Vec::<String>::new());
        let device = DeviceMark { kind: "gpu".into(), name: "another".into() };
        let elsewhere = Recipe { device, ..recipe() };
        assert!(now.differences(&elsewhere)[0].contains("device"));
        let then = Recipe { arithmetic: ARITHMETIC + 1, puppyslug: "9.9.9".into(), ..elsewhere };
        let [one] = &then.differences(&now)[..] else { panic!("one difference") };
        assert!(one.contains("arithmetic 3 (version 9.9.9)") && !one.contains("device"), "{one}");
        // A recipe from before the version was recorded has the first one.
        let older = now.to_json().replacen("\"arithmetic\": 2,", "", 1);
        assert_eq!(Recipe::parse(&older), Ok(Recipe { arithmetic: 1, ..now }));
    }

    #[test]
    fn unknown_keys_are_named_with_what_may_be_meant() {
        for (known, misspelt) in
            [("\"step\"", "dream.stepp"), ("\"height\"", "source.picture.heihgt"), ("\"kind\"", "device.kin")]
        {
            let word = misspelt.rsplit('.').next().expect("a word");
            let text = recipe().to_json().replacen(known, &format!("\"{word}\""), 1);
            let error = Recipe::parse(&text).expect_err(misspelt).to_string();
            assert!(error.contains(&format!("'{misspelt}'")), "{error}");
            assert!(error.contains(known.trim_matches('"')), "{error}");
        }
    }

    #[test]
    fn wrong_values_are_named() {
        for (setting, words) in [
            ("\"octaves\": 0", "'dream.octaves' is 0: it must be from 1 to 100, or auto"),
            ("\"step\": \"far\"", "'dream.step' is \"far\": a number is needed, or a list"),
            ("\"step\": []", "'dream.step' is []: the list is empty"),
            ("\"step\": [1, 0]", "'dream.step' is [1,0]: step of octave 2 is 0, and must be from -1000"),
            ("\"step\": [1, \"far\"]", "'dream.step' is [1,\"far\"]: a number is needed, or a list"),
            ("\"jitter\": 4294967296", "'dream.jitter' is 4294967296: that is too large a number"),
            ("\"jitter\": 0.5", "'dream.jitter' is 0.5: a whole number is needed"),
            ("\"seed\": null", "'dream.seed' is null: a whole number is needed"),
            ("\"octaves\": \"all\"", "'dream.octaves' is \"all\": a whole number from 1 to 100, or auto"),
            ("\"controls\": {\"l2\": -1}", "'dream.controls.l2' is -1: it must be from 0 to 1000"),
            ("\"controls\": {\"tv\": [1, 9]}", "'dream.controls.tv' is [1,9]: tv exponent is 9, and must be"),
            ("\"controls\": {\"tv\": 1}", "'dream.controls.tv' is 1: a list of two numbers is needed"),
            ("\"controls\": {\"guard\": 1}", "'dream.controls.guard' is 1: true or false is needed"),
            ("\"controls\": {\"color\": \"gray\"}", "dream or keep is needed"),
            ("\"controls\": {\"color\": 7}", "'dream.controls.color' is 7: dream or keep is needed"),
            ("\"controls\": {\"contrast\": [9, 2]}", "it must be two numbers, the lower first, like 1,99"),
            ("\"controls\": 1", "'dream.controls' is 1: an object with settings is needed"),
            ("\"tiling\": {\"tile\": true}", "'dream.tiling.tile' is true: a whole number is needed"),
            ("\"objectives\": [\"l3:x\"]", "no kind of objective"),
            ("\"objectives\": []", "'dream.objectives' is []: it must be at least one"),
            ("\"mean\": [1, 2]", "'dream.mean' is [1,2]: a list of three numbers is needed"),
        ] {
            let text = format!("{{\"dream\": {{{setting}}}}}");
            let error = Recipe::parse_changes(&text).expect_err(setting).to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(
            Recipe::parse("{\"dream\": {}}").expect_err("nothing in it").to_string().contains("puppyslug")
        );
    }

    #[test]
    fn values_of_the_wrong_kind_are_named_wherever_they_stand() {
        for (right, wrong, words) in [
            (
                "\"width\": 0",
                "\"width\": \"64\"",
                "its 'width' is \"64\": a whole number, 0 or more, is needed",
            ),
            ("\"height\": 0", "\"height\": -1", "its 'height' is -1: a whole number, 0 or more, is needed"),
            ("\"height\": 0", "\"height\": null", "its 'height' is null: a whole number"),
            ("\"arithmetic\": 2", "\"arithmetic\": \"one\"", "its 'arithmetic' is \"one\": a whole number"),
            ("\"height\": 2", "\"height\": \"2\"", "its 'source.picture.height' is \"2\": a whole number"),
            ("\"carry\": 0.97", "\"carry\": \"much\"", "its 'film.carry' is \"much\": a number is needed"),
            ("\"complete\": true", "\"complete\": 1", "its 'complete' is 1: true or false is needed"),
            ("\"format\": \"png\"", "\"format\": 3", "its 'file.format' is 3: a text in quotes is needed"),
            ("\"quality\": null", "\"quality\": \"95\"", "its 'file.quality' is \"95\": a whole number"),
            ("\"x\": 1", "\"x\": \"1\"", "its 'references.like_box.x' is \"1\": a whole number"),
            ("\"masks\": [", "\"masks\": 3, \"guide\": [", "its 'references.guide' is [\"alpha\""),
        ] {
            let text = recipe().to_json();
            assert!(text.contains(right), "{right} is not in {text}");
            let text = text.replacen(right, wrong, 1);
            for error in [Recipe::parse(&text).map(drop), Recipe::parse_changes(&text).map(drop)] {
                let error = error.expect_err(wrong).to_string();
                assert!(error.contains(words), "{error}");
            }
        }
    }

    #[test]
    fn a_recipe_changes_what_it_says_and_flags_change_the_recipe() {
        let recipe =
            Recipe::parse_changes("{\"dream\": {\"step\": 3, \"octaves\": 2, \"tiling\": {\"tile\": null}}}")
                .expect("good");
        let preset = Changes { octaves: Some(7.into()), jitter: Some(1.into()), ..Changes::default() };
        let flags = Changes { octaves: Some(3.into()), ..Changes::default() };
        let config = Config::default().changed(&Config::layered([&preset, &recipe, &flags]));
        let expected = Config { step: 3.0.into(), octaves: 3.into(), jitter: 1.into(), ..Config::default() };
        assert_eq!(config, expected);
        // An explicit `null` means something.
        assert_eq!((recipe.tiling.tile, recipe.tiling.tile_mode), (Some(None), None));
    }
}

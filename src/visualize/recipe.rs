//! The recipe of a visualisation: what it was made from, and how, as JSON stored with the picture. It is told
//! apart from a dream's [`Recipe`](crate::dream::recipe::Recipe) by its key `visualize`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::VisualizeConfig;
use crate::dream::objective::Sum;
use crate::dream::recipe::{DeviceMark, FileMark, PictureMark, RecipeError, ReferenceMarks, WeightsMark};
use crate::extent::Extent;
use crate::settings::Settings;

/// Everything that determines the file of a visualisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisualizeRecipe {
    /// The version of the program.
    pub puppyslug: String,
    /// The version of the arithmetic: see [`ARITHMETIC`](crate::dream::recipe::ARITHMETIC).
    pub arithmetic: u32,
    /// The device that it ran on.
    pub device: DeviceMark,
    /// The weights of the network that was visualised.
    pub weights: WeightsMark,
    /// The picture that it started from; `None` for noise.
    pub start: Option<PictureMark>,
    /// The pictures to which objectives refer.
    pub references: ReferenceMarks,
    /// The objectives that each picture climbs.
    pub pictures: Vec<Sum>,
    /// The width of each picture.
    pub width: usize,
    /// The height of each picture.
    pub height: usize,
    /// How the picture was saved.
    pub file: FileMark,
    /// Whether every step was taken.
    pub complete: bool,
    /// The settings.
    #[serde(deserialize_with = "read_config")]
    pub visualize: VisualizeConfig,
}

impl VisualizeRecipe {
    /// The size of each picture.
    pub fn extent(&self) -> Extent {
        Extent::new(self.height, self.width)
    }

    /// The recipe as it is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a recipe has nothing that JSON cannot say")
    }

    /// Whether a text is meant as the recipe of a visualisation, rather than of a dream.
    pub fn is_meant(text: &str) -> bool {
        serde_json::from_str::<Value>(text).is_ok_and(|value| value.get("visualize").is_some())
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// [`RecipeError::Incomplete`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        serde_json::from_str(text).map_err(|error| RecipeError::Incomplete(error.to_string()))
    }

    /// The differences, for people, between this recipe and `now`, the one that would replay it.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let pairs = [
            ("arithmetic", self.arithmetic.to_string(), now.arithmetic.to_string()),
            ("version of puppyslug", self.puppyslug.clone(), now.puppyslug.clone()),
            ("device", self.device.name.clone(), now.device.name.clone()),
        ];
        let differ = pairs.into_iter().filter(|(_, then, now)| then != now);
        differ.map(|(what, then, now)| format!("the {what} was {then} and is now {now}")).collect()
    }
}

fn read_config<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VisualizeConfig, D::Error> {
    let changes = VisualizeConfig::read_json(&Value::deserialize(deserializer)?).map_err(D::Error::custom)?;
    Ok(VisualizeConfig::default().changed(&changes))
}

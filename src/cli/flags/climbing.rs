//! The flags for what to maximise, and for presets.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::objectives::parse_objective;
use crate::dream::objective::accepted;
use crate::dream::presets::{EMBEDDED_DEFAULT, PRESETS};
use crate::dream::{Changes, Objective, Preset};
use crate::net::Weights;

#[derive(Args)]
pub(crate) struct ClimbArguments {
    #[arg(long, value_name = "NAME", value_parser = presets(), help_heading = "What to dream of",
          conflicts_with = "recipe",
          help = format!("Start from a named preset; flags override it [default: {EMBEDDED_DEFAULT} with the built-in \
                          network, unless a layer, an objective or a recipe is given]"))]
    preset: Option<String>,

    /// Maximise a layer: half its sum of squares, times WEIGHT; may be repeated. A pattern like
    /// 'inception_4*/output' stands for every layer that it matches; @1, @2-3 or @3- limits it to these
    /// octaves, 1 being the smallest; #N limits it to mask N
    #[arg(long, value_name = "NAME[=WEIGHT][@OCTAVES][#MASK]", value_parser = Objective::parse_layer,
          help_heading = "What to dream of")]
    layer: Vec<Objective>,

    // The help is made from the list of kinds, which are described where they are defined.
    #[arg(long, value_name = "SPEC", value_parser = parse_objective, help_heading = "What to dream of",
          help = format!("{}; a LAYER may be a pattern; may be repeated. `puppyslug layers` explains them",
                         accepted()))]
    objective: Vec<Objective>,
}

impl ClimbArguments {
    /// The changes that the preset makes.
    pub(crate) fn preset(&self, weights: &Weights) -> Changes {
        let preset = self.preset.as_deref().and_then(Preset::find);
        preset.map_or_else(Changes::default, |preset| preset.changes(weights))
    }

    /// The changes that the flags make.
    pub(crate) fn changes(&self) -> Changes {
        let objectives: Vec<_> = self.layer.iter().chain(&self.objective).cloned().collect();
        Changes { objectives: Some(objectives).filter(|all| !all.is_empty()), ..Changes::default() }
    }

    /// Whether the flags name objectives.
    pub(crate) fn names_objectives(&self) -> bool {
        !self.layer.is_empty() || !self.objective.is_empty()
    }
}

/// The names of the presets, with their descriptions for the help.
fn presets() -> PossibleValuesParser {
    PRESETS.iter().map(|preset| PossibleValue::new(preset.name).help(preset.about)).into()
}

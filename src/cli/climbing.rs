//! The flags that say what is climbed, and how.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{parse_objective, parse_octaves, parse_real, parse_reals, parse_whole, parse_wholes};
use crate::dream::objective::accepted;
use crate::dream::presets::PRESETS;
use crate::dream::{Config, Objective, Octaves, PerOctave, Preset};
use crate::net::Weights;

#[derive(Args)]
pub(super) struct ClimbArguments {
    /// Start from settings with a name; flags beside it count more
    #[arg(long, value_name = "NAME", value_parser = presets(), help_heading = "What to climb",
          conflicts_with = "recipe")]
    preset: Option<String>,

    /// Climb a layer: half its sum of squares, times WEIGHT; may be repeated. A pattern like
    /// 'inception_4*/output' climbs every layer that it matches; @1, @2-3 or @3- are the octaves where it is
    /// climbed, the smallest being 1; #N is the mask that it is climbed under
    #[arg(long, value_name = "NAME[=WEIGHT][@OCTAVES][#MASK]", value_parser = Objective::parse_layer,
          help_heading = "What to climb")]
    layer: Vec<Objective>,

    // The kinds are described where they are defined.
    #[arg(long, value_name = "SPEC", value_parser = parse_objective, help_heading = "What to climb",
          help = format!("{}; a LAYER may be a pattern; may be repeated. `puppyslug layers` says what each climbs",
                         accepted()))]
    objective: Vec<Objective>,

    /// How many sizes of the picture are dreamed, smallest first; auto for as many as the layers allow [default: 4]
    #[arg(long, value_name = "N|auto", help_heading = "How to climb",
          value_parser = parse_octaves, allow_negative_numbers = true)]
    octaves: Option<Octaves>,

    /// Dream no size whose shorter side has fewer pixels than this, except the picture's own [default: 1]
    #[arg(long, value_name = "N", help_heading = "How to climb",
          value_parser = parse_whole::<usize>, allow_negative_numbers = true)]
    min_edge: Option<usize>,

    /// Factor between neighbouring sizes [default: 1.4]
    #[arg(long, value_name = "X", help_heading = "How to climb",
          value_parser = parse_real::<f64>, allow_negative_numbers = true)]
    octave_scale: Option<f64>,

    /// Steps in each octave; this and the next two take a list, smallest octave first, whose last number repeats
    /// [default: 10]
    #[arg(long, value_name = "N[,N...]", help_heading = "How to climb",
          value_parser = parse_wholes::<usize>, allow_negative_numbers = true)]
    iterations: Option<PerOctave<usize>>,

    /// Mean change of a pixel in one step, in gray levels [default: 1.5]
    #[arg(long, value_name = "X[,X...]", help_heading = "How to climb",
          value_parser = parse_reals::<f32>, allow_hyphen_values = true)]
    step: Option<PerOctave<f32>>,

    /// Largest random shift of the picture in each step, in pixels [default: 32]
    #[arg(long, value_name = "N[,N...]", help_heading = "How to climb",
          value_parser = parse_wholes::<u32>, allow_negative_numbers = true)]
    jitter: Option<PerOctave<u32>>,

    /// What the shifts (and the sky) are drawn from
    #[arg(long, value_name = "N", default_value_t = Config::default().seed, help_heading = "How to climb",
          value_parser = parse_whole::<u64>, allow_negative_numbers = true)]
    seed: u64,
}

impl ClimbArguments {
    /// The settings by these flags, over the preset's or the defaults.
    pub(super) fn config(&self, weights: &Weights) -> Config {
        let preset = self.preset.as_deref().and_then(Preset::find);
        let base = preset.map_or_else(|| Config::for_weights(weights), |preset| preset.config(weights));
        Config {
            objectives: if self.names_objectives() { self.objectives() } else { base.objectives },
            octaves: self.octaves.unwrap_or(base.octaves),
            min_edge: self.min_edge.unwrap_or(base.min_edge),
            octave_scale: self.octave_scale.unwrap_or(base.octave_scale),
            iterations: self.iterations.clone().unwrap_or(base.iterations),
            step: self.step.clone().unwrap_or(base.step),
            jitter: self.jitter.clone().unwrap_or(base.jitter),
            seed: self.seed,
            mean: base.mean,
            controls: base.controls,
            tiling: base.tiling,
        }
    }

    /// Whether flags say what is climbed.
    pub(super) fn names_objectives(&self) -> bool {
        !self.layer.is_empty() || !self.objective.is_empty()
    }

    fn objectives(&self) -> Vec<Objective> {
        self.layer.iter().chain(&self.objective).cloned().collect()
    }
}

/// The names of the presets, and for the help what they make.
fn presets() -> PossibleValuesParser {
    PRESETS.iter().map(|preset| PossibleValue::new(preset.name).help(preset.about)).into()
}

/// The flags that decide a setting. Most bear its name.
pub(super) fn flags_for(setting: &str) -> Vec<&str> {
    match setting {
        "objectives" => vec!["layer", "objective", "guide", "like", "preset"],
        "octaves" | "octave_scale" | "iterations" | "step" | "jitter" | "mean" => vec![setting, "preset"],
        name => vec![name],
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::flags_for;
    use crate::cli::Cli;
    use crate::dream::recipe::setting_names;

    #[test]
    fn every_setting_has_a_flag_that_overrides_it() {
        let program = Cli::command();
        let dream = program.find_subcommand("dream").expect("the subcommand");
        for setting in setting_names() {
            let flags = flags_for(&setting);
            assert!(!flags.is_empty(), "no flag for {setting}");
            for flag in flags {
                assert!(dream.get_arguments().any(|argument| argument.get_id() == flag), "no flag {flag}");
            }
        }
    }
}

//! The settings of a visualisation, each declared once.

use crate::plan::visualize::Parametrisation;
use crate::settings::form::{real, whole, word, words};
use crate::settings::{of, settings};

use super::Robustness;

words!(Parametrisation: "fourier" = Fourier, "pixels" = Pixels);
words!(Robustness: "none" = None, "lucid" = Lucid, "distill" = Distill);

settings! {
    /// Everything that decides a visualisation, apart from what is climbed, size, weights and machine.
    VisualizeConfig / VisualizeChanges {
        "How to visualize" {
            /// What the picture is made of: frequencies (fourier) or single pixels (pixels)
            parametrisation: Parametrisation = Parametrisation::Fourier, of(word("WHAT"));
            /// How the picture is shaken in each step: as in lucid, as in the Distill article, or not at all
            /// (none)
            robustness: Robustness = Robustness::Lucid, of(word("HOW"));
            /// Pictures of each objective, optimised together from different noise; diversity: objectives make them differ
            batch: usize = 1, of(whole(1..=16));
            /// Steps of Adam
            steps: usize = 512, of(whole(1..=1_000_000));
            /// Roughly how far each number that makes up the picture moves in a step
            rate: f32 = 0.05, of(real(0.000_001..=1000.0).like("0.05"));
            /// Seed of the noise and the shaking
            seed: u64 = 0, of(whole(0..));
        }
    }
}

/// The changes that a named preset makes.
///
/// # Errors
/// There is no such preset; the error lists their names.
pub fn preset(name: &str) -> Result<VisualizeChanges, String> {
    let changes = |robustness, steps| VisualizeChanges {
        parametrisation: Some(Parametrisation::Fourier),
        robustness: Some(robustness),
        steps: Some(steps),
        rate: Some(0.05),
        ..VisualizeChanges::default()
    };
    match name {
        "lucid" => Ok(changes(Robustness::Lucid, 512)),
        "distill" => Ok(changes(Robustness::Distill, 2560)),
        _ => Err("lucid or distill is needed".to_owned()),
    }
}

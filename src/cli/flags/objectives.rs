//! Checks objectives given as flags.

use crate::cli::failure::Failure;
use crate::dream::Objective;
use crate::net::Weights;

pub(crate) fn parse_objective(text: &str) -> Result<Objective, String> {
    text.parse::<Objective>().map_err(|error| error.to_string())
}

/// Checks objectives for commands that have neither octaves nor masks, so that errors in the arguments are
/// reported before any work.
pub(crate) fn check_objectives(objectives: &[Objective], weights: &Weights) -> Result<(), Failure> {
    if let Some(objective) = objectives.iter().find(|it| it.octaves.is_some() || it.mask.is_some()) {
        return Err(Failure::usage(format_args!(
            "'{objective}' names octaves or a mask, which only a dream has; leave out @ and # here"
        )));
    }
    Ok(objectives.iter().try_for_each(|objective| objective.resolve(weights).map(drop))?)
}

//! Checks of settings that are possible only together, or once octaves and masks are known.

use std::fmt::Display;

use super::{Config, ConfigError};
use crate::dream::objective::Objective;
use crate::settings::Settings;

impl Config {
    /// Checks every range.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_ranges()
    }

    /// Checks that every octave has something to climb, and that no setting refers to octaves that are not
    /// dreamed.
    pub(crate) fn check_octaves(&self, dreamed: usize) -> Result<(), ConfigError> {
        self.check_lists(dreamed)?;
        for octave in 1..=dreamed {
            let climbed = self.objectives_at(octave).count();
            let name = format!("number of objectives in octave {octave} of {dreamed}");
            check(&name, climbed > 0, &climbed, "at least 1")?;
        }
        for objective in &self.objectives {
            let Some(octaves) = objective.octaves else { continue };
            let last = octaves.last.unwrap_or(octaves.first);
            check("last octave of an objective", last <= dreamed, objective, &number_of_octaves(dreamed))?;
        }
        Ok(())
    }

    /// No list may be longer than there are octaves.
    fn check_lists(&self, octaves: usize) -> Result<(), ConfigError> {
        let accepted = number_of_octaves(octaves);
        let check_list = |name: &str, values: usize, text: &dyn Display| {
            check(&format!("number of {name}"), values <= octaves, text, &accepted)
        };
        check_list("values for iterations", self.iterations.values().len(), &self.iterations)?;
        check_list("values for step", self.step.values().len(), &self.step)?;
        check_list("values for jitter", self.jitter.values().len(), &self.jitter)
    }

    /// The objectives that are climbed in an octave, counted from 1, the smallest.
    pub fn objectives_at(&self, octave: usize) -> impl Iterator<Item = &Objective> {
        self.objectives.iter().filter(move |objective| objective.is_climbed_in(octave))
    }

    /// Which mask, from 0, each objective is climbed under, where there are `masks` of them. It is the mask
    /// that the objective names; all objectives that name none share the one mask that no objective names.
    /// Every mask must have something climbed under it.
    pub(crate) fn place_masks(
        &self,
        masks: usize,
    ) -> Result<impl Fn(&Objective) -> Option<usize> + use<>, ConfigError> {
        for objective in &self.objectives {
            let ok = objective.mask.is_none_or(|mask| mask <= masks);
            check(
                "objective under a mask",
                ok,
                objective,
                &format!("under a given mask (masks given: {masks})"),
            )?;
        }
        let named = |mask: &usize| self.objectives.iter().any(|objective| objective.mask == Some(mask + 1));
        let mut unnamed = (0..masks).filter(|mask| !named(mask));
        let common = unnamed.next();
        let uses_common = self.objectives.iter().any(|objective| objective.mask.is_none());
        let idle = common.filter(|_| !uses_common).or(unnamed.next()).map_or(0, |mask| mask + 1);
        let accepted = format!("named by an objective that ends in #{idle}, or left out");
        check("mask without an objective", idle == 0, &idle, &accepted)?;
        Ok(move |objective: &Objective| objective.mask.map(|mask| mask - 1).or(common))
    }

    /// Checks that the mask of every objective exists, and that something is climbed under every mask.
    ///
    /// # Errors
    /// The objective or the mask.
    pub fn check_masks(&self, masks: usize) -> Result<(), ConfigError> {
        self.place_masks(masks).map(drop)
    }

    /// Lowest and highest value of each channel after the mean is subtracted.
    pub(crate) fn bounds(&self) -> [(f32, f32); 3] {
        self.mean.map(|mean| (-mean, 255.0 - mean))
    }

    /// The objectives in their own grammar, for messages.
    pub fn describe_objectives(&self) -> String {
        describe(self.objectives.iter())
    }
}

/// Objectives in their own grammar.
pub(in crate::dream) fn describe<'a>(objectives: impl Iterator<Item = &'a Objective>) -> String {
    objectives.map(Objective::to_string).collect::<Vec<_>>().join(" + ")
}

fn check(name: &str, ok: bool, value: &dyn Display, accepted: &str) -> Result<(), ConfigError> {
    let [name, accepted] = [name, accepted].map(str::to_owned);
    if ok { Ok(()) } else { Err(ConfigError { name, value: value.to_string(), accepted }) }
}

fn number_of_octaves(octaves: usize) -> String {
    format!("at most {octaves}, as many as there are octaves in this size")
}

//! Objectives as text: the one grammar for flags, recipes and the library.
//!
//! An objective is `KIND:OPERANDS`, like `l2:inception_4c/output`. [`forms`] lists the kinds, each of which
//! has a file in `kinds/`. A layer may be a pattern, in which `*` stands for any number of characters and `?`
//! for exactly one: every layer with a matching name is climbed.
//!
//! Each objective may end in `*WEIGHT` (negative to descend); in `@OCTAVES`, counted from 1, the smallest
//! that is dreamed (`@1`, `@2-3` or `@3-`), to be climbed only there; and in `#N`, to be climbed only where
//! mask `N`, counted from 1, permits it. Several objectives add up.

mod before_relu;
mod error;
mod features;
mod grammar;
pub mod kinds;
mod names;
mod octave_range;
mod shorthand;
mod suffixes;
mod sum;

use crate::net::{LayerId, Weights};
use crate::plan::network::Target;

pub use error::ObjectiveError;
pub use features::{Features, Role};
pub use grammar::{accepted, accepted_after, forms};
pub use kinds::{Form, Wanted};
use kinds::{KINDS, L2, Logit, Place};
pub(crate) use names::find_class;
pub use octave_range::OctaveRange;
pub use sum::Sum;

/// Something to climb, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What is climbed.
    pub what: Wanted,
    /// Its weight; negative to descend.
    pub weight: f32,
    /// The octaves in which it is climbed; all of them if `None`.
    pub octaves: Option<OctaveRange>,
    /// The number of the mask that it is climbed under, from 1; if `None`, the one that no objective names.
    pub mask: Option<usize>,
}

impl Objective {
    /// An objective of weight 1, climbed everywhere.
    pub fn new(what: Wanted) -> Self {
        Self { what, weight: 1.0, octaves: None, mask: None }
    }

    /// Half the sum of squares of a layer.
    pub fn l2(layer: &str) -> Self {
        Self::new(Wanted::L2(L2 { layer: layer.to_owned() }))
    }

    /// A class, by its number or name.
    pub fn class(class: impl ToString) -> Self {
        Self::new(Wanted::Logit(Logit { class: class.to_string() }))
    }

    /// What is climbed when a picture is given but no objective uses it: the layer, once for every kind that
    /// needs such a picture.
    pub fn implied_by(role: Role, layer: &str) -> Vec<Self> {
        let kinds = KINDS.iter().filter(|row| row.form.needs == Some(role));
        kinds.filter_map(|row| (row.parse)(layer).ok()).map(Self::new).collect()
    }

    /// The role of the picture that it needs.
    pub fn needs(&self) -> Option<Role> {
        self.what.form().needs
    }

    /// The file of the direction that it needs.
    pub fn direction(&self) -> Option<&str> {
        match &self.what {
            Wanted::Direction(direction) => Some(&direction.file),
            _ => None,
        }
    }

    /// Whether it compares pictures that are climbed together.
    pub fn compares(&self) -> bool {
        matches!(self.what, Wanted::Diversity(_))
    }

    /// Whether it is climbed in an octave, counted from 1.
    pub fn is_climbed_in(&self, octave: usize) -> bool {
        self.octaves.is_none_or(|octaves| octaves.contains(octave))
    }

    /// Resolves the objective on a network: names become layers and classes, and ranges are checked. There is
    /// one target for each layer and channel.
    pub fn resolve(&self, weights: &Weights) -> Result<Vec<Target>, ObjectiveError> {
        self.resolve_with(weights, &Features::default())
    }

    /// Makes the same checks when pictures for the `given` roles exist but the network has not seen them yet.
    /// Directions count as given.
    pub fn check(&self, weights: &Weights, given: &[Role]) -> Result<(), ObjectiveError> {
        match self.needs() {
            Some(role) if given.contains(&role) => self.layers(weights).map(drop),
            None if self.direction().is_some() => self.layers(weights).map(drop),
            _ => self.resolve(weights).map(drop),
        }
    }

    /// Every layer that it names.
    pub fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        self.what.layers(weights)
    }

    /// Resolves the objective, with what the network sees in the pictures it needs.
    pub fn resolve_with(
        &self,
        weights: &Weights,
        features: &Features,
    ) -> Result<Vec<Target>, ObjectiveError> {
        let mut targets = Vec::new();
        for layer in self.layers(weights)? {
            let aims = self.what.aims(&Place { objective: self, weights, features, layer })?;
            targets.extend(aims.into_iter().map(|aim| Target { layer, aim, weight: self.weight }));
        }
        Ok(targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_against_the_network() {
        let weights = Weights::embedded();
        let resolve = |spec: &str| spec.parse::<Objective>().expect(spec).resolve(&weights);
        assert!(resolve("logit:Sunflower").is_ok());
        let guided = resolve("guide:inception_3b/output*2").expect_err("no guide");
        let objective = "guide:inception_3b/output*2".to_owned();
        assert_eq!(guided, ObjectiveError::Picture { objective, needs: Role::Guide });
        assert_eq!(resolve("l2:inception_4*/output").expect("five layers").len(), 5);
        assert_eq!(resolve("channel:inception_4?/output:3,17,42-45").expect("six of each").len(), 30);
        assert!(resolve("logit:sunflwer").expect_err("misspelt").to_string().contains("sunflower"));
        assert!(resolve("logit:1000").expect_err("too large").to_string().contains("0 to 999"));
        assert!(
            resolve("channel:inception_3a/output:256")
                .expect_err("too large")
                .to_string()
                .contains("0 to 255")
        );
        assert!(
            resolve("channel:inception_*a/output:3,17,250-300")
                .expect_err("3a has 256")
                .to_string()
                .contains("layer 'inception_3a/output' has no channel 300; accepted: 0 to 255")
        );
        assert!(
            resolve("l2:conv1/7x7_s2*x").expect_err("no such pattern").to_string().contains("conv1/7x7_s2")
        );
        assert!(resolve("l2:inception_4x/output").expect_err("unknown").to_string().contains("inception_4"));
    }
    #[test]
    fn pictures_are_needed_and_imply_objectives_by_kind() {
        let weights = Weights::embedded();
        for role in Role::ALL {
            let implied = Objective::implied_by(role, "inception_3b/output");
            assert!(!implied.is_empty(), "nothing climbs towards a {role}");
            for objective in implied {
                assert_eq!(objective.needs(), Some(role));
                assert_eq!(objective.to_string().parse(), Ok(objective.clone()));
                assert!(objective.check(&weights, &[role]).is_ok());
                let others: Vec<Role> = Role::ALL.into_iter().filter(|&other| other != role).collect();
                assert!(objective.check(&weights, &others).is_err(), "{objective} without a {role}");
            }
        }
    }
}

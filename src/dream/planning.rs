//! From settings to a plan: what is climbed where and in which octaves, and what to report if it does not
//! fit.

use super::error::Fitting;
use super::objective::{Features, OctaveRange};
use super::octave::octave_sizes;
use super::tiles::fit::{Fit, Space};
use super::tiles::{TileMode, Tiling};
use super::{Config, DreamError, Purpose};
use crate::extent::Extent;
use crate::machine::MachineError;
use crate::net::Weights;
use crate::plan::dream::{Climb, DreamPlan, DreamSettings, OctaveSettings, plan_dream};
use crate::plan::iteration::Iteration;
use crate::plan::network::{Aim, Target};

/// What all plans of a dream have in common, whatever the size of the picture.
pub(super) struct Climbing<'a> {
    weights: &'a Weights,
    config: &'a Config,
    targets: Vec<Placed>,
    masks: usize,
    pub(super) purpose: Purpose,
}

/// A target, the octaves in which it is climbed, and its mask, from 0.
#[derive(Clone, Copy)]
struct Placed {
    target: Target,
    /// The objective that it belongs to, from 0.
    objective: usize,
    octaves: Option<OctaveRange>,
    mask: Option<usize>,
}

impl Placed {
    /// Whether it is climbed in an octave, counted from 0.
    fn is_climbed_in(&self, octave: usize) -> bool {
        self.octaves.is_none_or(|octaves| octaves.contains(octave + 1))
    }
}

impl<'a> Climbing<'a> {
    /// Every target of every objective, and where it is climbed.
    pub(super) fn new(
        weights: &'a Weights,
        config: &'a Config,
        features: &Features,
        masks: usize,
        purpose: Purpose,
    ) -> Result<Self, DreamError> {
        let mask_of = config.place_masks(masks)?;
        let mut targets = Vec::new();
        for (number, objective) in config.objectives.iter().enumerate() {
            let (octaves, mask) = (objective.octaves, mask_of(objective));
            let found = objective.resolve_with(weights, features)?;
            let place = |target| Placed { target, objective: number, octaves, mask };
            targets.extend(found.into_iter().map(place));
        }
        Ok(Self { weights, config, targets, masks, purpose })
    }

    /// The objective of each target of an octave, counted from 0, in the order in which [`Climbing::climbs`]
    /// returns them.
    pub(super) fn order(&self, octave: usize) -> Vec<usize> {
        let mut by_mask: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
        for placed in self.targets.iter().filter(|placed| placed.is_climbed_in(octave)) {
            match by_mask.iter_mut().find(|(mask, _)| *mask == placed.mask) {
                Some((_, objectives)) => objectives.push(placed.objective),
                None => by_mask.push((placed.mask, vec![placed.objective])),
            }
        }
        by_mask.into_iter().flat_map(|(_, objectives)| objectives).collect()
    }

    /// The masks outside of which nothing is dreamed; `None` if something is climbed everywhere.
    pub(super) fn reach(&self) -> Option<Vec<usize>> {
        let mut masks: Vec<usize> = self.targets.iter().map(|placed| placed.mask).collect::<Option<_>>()?;
        masks.sort_unstable();
        masks.dedup();
        Some(masks)
    }

    /// Plans the dream over a picture of this size, with the network in one piece.
    pub(super) fn plan(&self, size: Extent) -> Result<DreamPlan, DreamError> {
        Ok(plan_dream(self.weights.network(), &self.settings(size)?)?)
    }

    /// Plans the same in tiles that fit. Unless the settings ask for it, none is longer than `longest`.
    pub(super) fn fit(&self, size: Extent, space: &Space<'_>, longest: usize) -> Result<Fit, DreamError> {
        let settings = self.settings(size)?;
        let iterations = (0..settings.octaves.len()).map(|octave| *self.config.iterations.at(octave));
        space.fit(&settings, &iterations.collect::<Vec<_>>(), longest)
    }

    /// The settings for a picture of this size, with those octaves in which every target's map has cells.
    fn settings(&self, size: Extent) -> Result<DreamSettings, DreamError> {
        let (network, config) = (self.weights.network(), self.config);
        let fits = |&octave: &Extent| {
            let large = octave == size || octave.shortest() >= config.min_edge;
            let seen = |placed: &Placed| network.check_size(placed.target.layer, octave).is_ok();
            large && self.targets.iter().all(seen)
        };
        let sizes = octave_sizes(size, config.octaves.most(), config.octave_scale);
        let mut sizes: Vec<_> = sizes.into_iter().filter(fits).collect();
        let hopeless = sizes.is_empty() || self.targets.iter().any(|placed| self.is_outside(placed, size));
        if hopeless {
            sizes = vec![size]; // planning this one reports what is wrong
        } else {
            config.check_octaves(sizes.len())?;
        }
        let octaves = sizes.into_iter().enumerate().map(|(index, octave)| {
            let here = |placed: &&Placed| hopeless || placed.is_climbed_in(index);
            let (step, iterations) = (*config.step.at(index), *config.iterations.at(index));
            OctaveSettings {
                size: octave,
                climbs: self.climbs(self.targets.iter().filter(here), size, octave),
                step,
                shaping: config.controls.shaping(step, iterations),
            }
        });
        let octaves = octaves.collect();
        let Purpose { moving, carried } = self.purpose;
        let (masks, bounds, iteration) = (self.masks, config.bounds(), Iteration::default());
        Ok(DreamSettings { octaves, bounds, masks, moving, carried, iteration })
    }

    /// Targets under the same mask are climbed together. In a carried dream, those that are climbed everywhere have a mask
    /// of their own.
    fn climbs<'b>(
        &self,
        targets: impl Iterator<Item = &'b Placed>,
        full: Extent,
        octave: Extent,
    ) -> Vec<Climb> {
        let mut climbs: Vec<Climb> = Vec::new();
        for placed in targets {
            let target = self.scaled(&placed.target, full, octave);
            let mask = placed.mask.or(self.purpose.carried.then_some(self.masks));
            match climbs.iter_mut().find(|climb| climb.mask == mask) {
                Some(climb) => climb.targets.push(target),
                None => climbs.push(Climb { targets: vec![target], mask }),
            }
        }
        climbs
    }

    /// Whether the target names a cell that the map of the full picture does not have.
    fn is_outside(&self, placed: &Placed, size: Extent) -> bool {
        let Aim::Neuron(_, Some((row, column))) = placed.target.aim else { return false };
        let map = self.weights.network().shapes(size)[placed.target.layer.index()];
        row >= map.height || column >= map.width
    }

    /// A cell given for the full picture becomes the cell at the same position in a smaller octave.
    fn scaled(&self, target: &Target, full: Extent, octave: Extent) -> Target {
        let Aim::Neuron(channel, Some((row, column))) = target.aim else { return *target };
        if octave == full {
            return *target;
        }
        let shape = |size| self.weights.network().shapes(size)[target.layer.index()];
        let (full, small) = (shape(full), shape(octave));
        // A cell outside its map is refused in the last octave, which has the size that the user knows.
        let scale = |at: usize, from: usize, to: usize| {
            if at < from { (2 * at + 1) * to / (2 * from) } else { to - 1 }
        };
        let at = (scale(row, full.height, small.height), scale(column, full.width, small.width));
        Target { aim: Aim::Neuron(channel, Some(at)), ..*target }
    }

    /// The error for a plan that is too large, with what would fit: the longest tiles if shorter ones would
    /// do, otherwise the largest picture of the same shape.
    pub(super) fn too_large(&self, space: &Space<'_>, size: Extent, error: DreamError) -> DreamError {
        let DreamError::Machine(MachineError::TooLarge(reason)) = error else { return error };
        let tiles = self.fitting_tiles(space, size).map(Fitting::Tiles);
        let fitting = tiles.or_else(|| self.fitting_picture(space, size).map(Fitting::Picture));
        DreamError::TooLarge { size, reason, fitting }
    }

    /// The longest side of fast tiles, shorter than the requested one, that fits a picture of this size.
    fn fitting_tiles(&self, space: &Space<'_>, size: Extent) -> Option<usize> {
        let asked = space.tiling.tile.filter(|_| space.tiling.tile_mode != Some(TileMode::Exact))?;
        let with = |tile: usize| {
            let tiling = Tiling { tile: Some(tile), ..space.tiling.clone() };
            self.fit(size, &Space { tiling: &tiling, ..*space }, usize::MAX)
        };
        let largest = largest_below(asked, |tile| !matches!(with(tile), Err(DreamError::Machine(_))));
        (largest > 0 && with(largest).is_ok()).then_some(largest)
    }

    fn fitting_picture(&self, space: &Space<'_>, size: Extent) -> Option<Extent> {
        let scaled = |longest: usize| {
            let side = |n: usize| (n * longest / size.longest()).max(1);
            Extent::new(side(size.height), side(size.width))
        };
        // A picture that is too small for the layer certainly fits the machine.
        let fits = |longest| match self.fit(scaled(longest), space, usize::MAX) {
            Err(DreamError::Machine(_) | DreamError::Mosaic(_)) => false,
            Ok(_) | Err(_) => true,
        };
        let largest = largest_below(size.longest(), fits);
        (largest > 0 && self.plan(scaled(largest)).is_ok()).then(|| scaled(largest))
    }
}

/// Finds by bisection a side that fits, below one that does not, to within 16. Returns 0 if none is found.
fn largest_below(too_large: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, too_large);
    while high - low > 16 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

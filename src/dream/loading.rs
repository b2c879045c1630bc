//! A dream onto its machine: in one piece where it fits, in tiles where it does not.

use super::DreamError;
use super::planning::Climbing;
use super::tiles::fit::{Fit, Space};
use super::tiles::{MemoryPlan, Others, Tiler};
use crate::cpu::Cpu;
use crate::machine::{Execution, Machine, MachineError};
use crate::net::Weights;
use crate::plan::dream::DreamPlan;

/// A loaded dream.
pub(super) struct Loaded {
    pub(super) plan: DreamPlan,
    /// The loop; the network too, unless it is in tiles.
    pub(super) execution: Box<dyn Execution>,
    pub(super) tiler: Option<Tiler>,
    pub(super) memory: MemoryPlan,
}

impl Loaded {
    /// Loads a dream over pictures of `size`. `given` are the cells that targets know by number.
    ///
    /// What fits only while no other dream is on the machine is refused, and not cut: it is to wait.
    pub(super) fn new(
        climbing: &Climbing<'_>,
        space: &Space<'_>,
        weights: &Weights,
        size: (usize, usize),
        given: &[Vec<f32>],
    ) -> Result<Self, DreamError> {
        let plan = climbing.plan(size)?;
        let alone = Space { others: Others { bytes: 0, ..space.others }, ..*space };
        if space.tiling.tile.is_none() && alone.check(&plan.plan, 0).is_ok() {
            space.check(&plan.plan, 0)?;
            match Self::whole(plan, space, weights, given) {
                Err(MachineError::TooLarge(_)) if space.others.bytes == 0 => {} // some devices know no sooner
                loaded => return Ok(loaded?),
            }
        }
        Self::in_tiles(climbing, space, weights, size, given)
    }

    fn whole(
        plan: DreamPlan,
        space: &Space<'_>,
        weights: &Weights,
        given: &[Vec<f32>],
    ) -> Result<Self, MachineError> {
        let mut execution = space.machine.load(&plan.plan, weights)?;
        for &(number, view) in &plan.plan.given {
            execution.write(view, &given[number])?;
        }
        let device = space.machine.bytes(&plan.plan);
        let memory = MemoryPlan { device, pictures: 0, free: space.free(), tiles: None };
        Ok(Self { plan, execution, tiler: None, memory })
    }

    fn in_tiles(
        climbing: &Climbing<'_>,
        space: &Space<'_>,
        weights: &Weights,
        size: (usize, usize),
        given: &[Vec<f32>],
    ) -> Result<Self, DreamError> {
        let mut longest = usize::MAX;
        let mut refusal: Option<MachineError> = None;
        loop {
            let fit = match (climbing.fit(size, space, longest), refusal) {
                (Ok(fit), _) => fit,
                (Err(_), Some(refusal)) => return Err(refusal.into()),
                (Err(error), None) => return Err(climbing.too_large(space, size, error)),
            };
            let Fit { canvas, octaves, plan, memory } = fit;
            match Tiler::load(space.machine, weights, &octaves, &plan, given) {
                Err(error @ MachineError::TooLarge(_)) if space.may_shrink(&memory) => {
                    longest = memory.tiles.map_or(0, |tiles| tiles.side) * 3 / 4;
                    refusal = Some(error);
                }
                tiler => {
                    let execution = Cpu::new().load(&canvas.plan, weights)?;
                    return Ok(Self { plan: canvas, execution, tiler: Some(tiler?), memory });
                }
            }
        }
    }
}

//! A dream onto its machine: in one piece where it fits, in tiles where it does not.

use super::DreamError;
use super::planning::Climbing;
use super::tiles::fit::{Fit, Space};
use super::tiles::{MemoryPlan, Others, Tiler};
use crate::device::host;
use crate::extent::Extent;
use crate::machine::{Execution, MachineError};
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
        size: Extent,
        given: &[Vec<f32>],
    ) -> Result<Self, DreamError> {
        let plan = climbing.plan(size)?;
        let alone = Space { others: Others { bytes: 0, ..space.others }, ..*space };
        if space.tiling.tile.is_none() && alone.check(&plan.plan, 0).is_ok() {
            space.check(&plan.plan, 0)?;
            match Self::whole(plan, space, given) {
                Err(MachineError::TooLarge(_)) if space.others.bytes == 0 => {} // some devices know no sooner
                loaded => return Ok(loaded?),
            }
        }
        Self::in_tiles(climbing, space, size, given)
    }

    fn whole(plan: DreamPlan, space: &Space<'_>, given: &[Vec<f32>]) -> Result<Self, MachineError> {
        let memory = space.memory(&plan.plan, 0, None);
        let mut execution = space.machine.load(&plan.plan, space.weights)?;
        for &(number, view) in &plan.plan.given {
            execution.write(view, &given[number])?;
        }
        Ok(Self { plan, execution, tiler: None, memory })
    }

    fn in_tiles(
        climbing: &Climbing<'_>,
        space: &Space<'_>,
        size: Extent,
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
            match Tiler::load(space.machine, space.weights, &octaves, &plan, given) {
                Err(error @ MachineError::TooLarge(_)) if space.may_shrink(&memory) => {
                    longest = memory.tiles.map_or(0, |tiles| tiles.side) * 3 / 4;
                    refusal = Some(error);
                }
                tiler => {
                    let execution = host()?.load(&canvas.plan, space.weights)?;
                    return Ok(Self { plan: canvas, execution, tiler: Some(tiler?), memory });
                }
            }
        }
    }
}

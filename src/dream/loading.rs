//! Loads a dream onto its machine: in one piece if it fits, otherwise in tiles.

use super::DreamError;
use super::planning::Climbing;
use super::tiles::fit::{Fit, Space};
use super::tiles::{Beside, MemoryPlan, Others, Tiler, try_upload};
use crate::device::host;
use crate::extent::Extent;
use crate::machine::{Execution, MachineError};
use crate::plan::dream::DreamPlan;

/// A loaded dream.
pub(super) struct Loaded {
    pub(super) plan: DreamPlan,
    /// The loop, and the network too unless that is in tiles.
    pub(super) execution: Box<dyn Execution>,
    pub(super) tiler: Option<Tiler>,
    pub(super) memory: MemoryPlan,
}

impl Loaded {
    /// Loads a dream over pictures of `size`. `given` holds the buffers that targets know by number.
    ///
    /// A dream that would fit in one piece if no other dreams were on the machine is refused, not cut: it
    /// should wait.
    pub(super) fn new(
        climbing: &Climbing<'_>,
        space: &Space<'_>,
        size: Extent,
        given: &[Vec<f32>],
    ) -> Result<Self, DreamError> {
        let plan = climbing.plan(size)?;
        let others = space.beside.others;
        let alone = Beside { others: Others { bytes: 0, ..others }, ..space.beside };
        if space.tiling.tile.is_none() && (Space { beside: alone, ..*space }).fit_whole(&plan).is_ok() {
            let memory = space.fit_whole(&plan)?;
            match Self::whole(plan, space, memory, given) {
                Err(MachineError::TooLarge(_)) if others.bytes == 0 => {} // some devices only notice while loading
                loaded => return Ok(loaded?),
            }
        }
        Self::in_tiles(climbing, space, size, given)
    }

    fn whole(
        plan: DreamPlan,
        space: &Space<'_>,
        memory: MemoryPlan,
        given: &[Vec<f32>],
    ) -> Result<Self, MachineError> {
        let mut execution = space.machine.load(&plan.plan, space.weights)?;
        for &(number, view) in &plan.plan.given {
            execution.write(view, &given[number])?;
        }
        try_upload(space.machine, &mut *execution, plan.input)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Cpu;
    use crate::dream::{Config, Dream, DreamError, Objective};
    use crate::machine::{Ceiling, Kind, Machine, Next, Turn, TurnTimes, Turned};
    use crate::net::Weights;
    use crate::plan::{PhaseId, Plan, View};

    /// The CPU posing as a GPU that has no room for uploads of more than `cells` cells.
    #[derive(Debug)]
    struct Narrow {
        cells: usize,
    }

    impl Machine for Narrow {
        fn name(&self) -> String {
            "narrow".to_owned()
        }

        fn kind(&self) -> Kind {
            Kind::Gpu
        }

        fn weight_bytes(&self, _: &Plan, _: &Weights) -> u64 {
            0
        }

        fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
            Ok(Box::new(Uploads { cells: self.cells, execution: Cpu::new().load(plan, weights)? }))
        }

        fn check(&self, _: &Plan) -> Result<(), MachineError> {
            Ok(())
        }

        fn room(&self) -> Option<u64> {
            None
        }

        fn ceiling(&self) -> Result<Ceiling, MachineError> {
            Cpu::new().ceiling()
        }
    }

    #[derive(Debug)]
    struct Uploads {
        cells: usize,
        execution: Box<dyn Execution>,
    }

    impl Execution for Uploads {
        fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
            match data.len() > self.cells {
                true => Err(MachineError::TooLarge("no room for an upload".to_owned())),
                false => self.execution.write(view, data),
            }
        }

        fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
            self.execution.read(view)
        }

        fn run(
            &mut self,
            phase: PhaseId,
            turns: &[Turn<'_>],
            report: View,
            look: View,
            watch: &mut dyn FnMut(Turned) -> Next,
        ) -> Result<Vec<Vec<f32>>, MachineError> {
            self.execution.run(phase, turns, report, look, watch)
        }

        fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError> {
            self.execution.run_once(phase, dials)
        }

        fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
            self.execution.time(phase, dials)
        }
    }

    /// The longest side of a dream's tiles on such a machine; `None` if the dream is in one piece.
    fn tiles(cells: usize) -> Result<Option<usize>, DreamError> {
        let objectives = vec![Objective::l2("conv1/7x7_s2")];
        let config = Config { objectives, octaves: 1.into(), ..Config::default() };
        let size = Extent::square(64);
        let dream = Dream::prepare(&Narrow { cells }, &Weights::embedded(), size, &config)?;
        Ok(dream.memory().tiles.map(|tiles| tiles.side))
    }

    #[test]
    fn what_leaves_no_room_for_its_picture_is_cut_into_tiles() {
        assert_eq!(tiles(3 * 64 * 64).expect("room for it"), None);
        let side = tiles(3 * 64 * 64 - 1).expect("room for tiles").expect("not in one piece");
        assert!(side < 64, "{side}");
    }
}

//! A plan of a visualisation on its machine.

use crate::machine::{Execution, Jitter, Machine, MachineError, Next, Turn};
use crate::net::Weights;
use crate::plan::visualize::VisualizePlan;

use super::VisualizeError;

/// A plan, loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) plan: VisualizePlan,
    execution: Box<dyn Execution>,
}

impl Loaded {
    /// Loads the plan. `given` holds the buffers to which targets refer by number.
    pub(super) fn new(
        plan: VisualizePlan,
        machine: &dyn Machine,
        weights: &Weights,
        given: &[Vec<f32>],
    ) -> Result<Self, MachineError> {
        machine.check(&plan.plan)?;
        let execution = machine.load(&plan.plan, weights)?;
        let mut loaded = Self { plan, execution };
        loaded.give(given)?;
        Ok(loaded)
    }

    /// Replaces the buffers of the targets.
    pub(super) fn give(&mut self, given: &[Vec<f32>]) -> Result<(), MachineError> {
        for &(number, view) in &self.plan.plan.given {
            if self.plan.given(number).is_none() {
                self.execution.write(view, &given[number])?;
            }
        }
        Ok(())
    }

    /// Sets each picture to its cells, as if nothing had been climbed.
    pub(super) fn begin(&mut self, cells: &[Vec<f32>]) -> Result<(), VisualizeError> {
        for &(number, view) in &self.plan.plan.given {
            // The buffers of the targets stay as they are.
            if let Some(cells) = self.plan.given(number) {
                self.execution.write(view, &cells)?;
            }
        }
        for (&view, cells) in self.plan.cells.iter().zip(cells) {
            self.execution.write(view, cells)?;
        }
        Ok(self.execution.run_once(self.plan.begin, &self.plan.dials(crate::plan::IN_PLACE))?)
    }

    /// Climbs one step per matrix. Returns, for each step, the value and the magnitude of every picture.
    pub(super) fn climb(
        &mut self,
        matrices: &[[f32; 6]],
        watch: &mut dyn FnMut(usize) -> Next,
    ) -> Result<Vec<Vec<[f32; 2]>>, VisualizeError> {
        let dials: Vec<_> = matrices.iter().map(|&matrix| self.plan.dials(matrix)).collect();
        let turns: Vec<_> = dials.iter().map(|dials| Turn { jitter: Jitter::default(), dials }).collect();
        let VisualizePlan { climb, report, pictures, .. } = self.plan;
        let reports =
            self.execution.run(climb, &turns, report, pictures, &mut |turned| watch(turned.turn))?;
        Ok(reports.into_iter().map(|report| report.as_chunks().0.to_vec()).collect())
    }

    /// The present cells of the first picture.
    pub(super) fn cells(&mut self) -> Result<Vec<f32>, VisualizeError> {
        Ok(self.execution.read(self.plan.cells[0])?)
    }

    /// The present pictures, one after another.
    pub(super) fn pictures(&mut self) -> Result<Vec<f32>, VisualizeError> {
        Ok(self.execution.read(self.plan.pictures)?)
    }
}

//! How the climb of a picture gets started: a unit that a ReLU silences has no gradient, but it may have one for
//! other noise.

use super::start::{cells_of, noise};
use super::{Loaded, Start, Visualization, VisualizeError, Watch, plan_visualization, settings};
use crate::machine::Next;

/// The number of starts that are tried. All noise is similar: if one start is silent, most others are too.
const STARTS: usize = 4;
/// The number of steps towards the value before the ReLU after which the objective itself is tried again.
const GLANCE: usize = 8;
/// The largest number of steps towards the value before the ReLU, if all starts are silent.
const PRELUDE: usize = 64;

/// How the climb of a visualisation got started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spark {
    /// At once, from the first start.
    First,
    /// The first start was silent; the noise of this number, counted from 1, was not.
    Start(usize),
    /// All starts were silent; this many steps towards the value before the ReLU activated it.
    BeforeRelu(usize),
}

/// The cells from which a picture starts, and how they were found.
type Begun = (Vec<f32>, Spark);

impl Visualization<'_> {
    /// Finds starts that fire for all pictures. `None` if it was stopped.
    pub(super) fn kindle(
        &mut self,
        start: Start<'_>,
        matrices: &[[f32; 6]],
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<Begun>>, VisualizeError> {
        let mut all = Vec::new();
        for begun in self.first_starts(start) {
            match self.fires(&begun.0, &matrices[0])? {
                true => all.push(begun),
                false => match self.wake(start, (all.len(), &begun.0), matrices, watch)? {
                    Some(begun) => all.push(begun),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(all))
    }

    /// The first starts to try, one for each picture.
    pub(super) fn first_starts(&self, start: Start<'_>) -> Vec<Begun> {
        (0..self.config.batch).map(|picture| (self.first_cells(start, picture), Spark::First)).collect()
    }

    fn first_cells(&self, start: Start<'_>, picture: usize) -> Vec<f32> {
        match start {
            Start::Noise => self.noise(picture),
            Start::Picture(shown) => {
                let mut cells = cells_of(shown, self.config.parametrisation);
                if picture > 0 {
                    cells.iter_mut().zip(self.noise(picture)).for_each(|(cell, noise)| *cell += noise);
                }
                cells
            }
        }
    }

    /// The noise with this number, counted from 0.
    pub(super) fn noise(&self, number: usize) -> Vec<f32> {
        // Inverted, so that the noise is independent of the matrices, which are drawn from the same seed.
        let seed = !self.config.seed.wrapping_add((number as u64) << 32);
        noise(self.loaded.plan.cells[0].shape.len(), seed)
    }

    /// Finds a start that fires for a picture whose first start is silent: tries other noise, then climbs the
    /// value before the ReLU. `None` if it was stopped.
    fn wake(
        &mut self,
        start: Start<'_>,
        (picture, first): (usize, &[f32]),
        matrices: &[[f32; 6]],
        watch: &mut Watch<'_>,
    ) -> Result<Option<Begun>, VisualizeError> {
        let starts = if matches!(start, Start::Noise) { STARTS } else { 1 };
        for turn in 1..starts {
            if watch(0).is_break() {
                return Ok(None);
            }
            let number = picture + turn * self.config.batch;
            let cells = self.noise(number);
            if self.fires(&cells, &matrices[0])? {
                return Ok(Some((cells, Spark::Start(number + 1))));
            }
        }
        let steps = if self.before.is_empty() { 0 } else { PRELUDE };
        if steps > 0 {
            let mut prelude = self.prelude()?;
            prelude.begin(&[first.to_vec()])?;
            for taken in (GLANCE..=steps).step_by(GLANCE) {
                if watch(0).is_break() {
                    return Ok(None);
                }
                let turns = matrices.iter().cycle().skip(taken - GLANCE).take(GLANCE);
                let reports = prelude.climb(&turns.copied().collect::<Vec<_>>(), &mut |_| Next::Go)?;
                self.check_finite(&reports)?;
                let cells = prelude.cells()?;
                if self.fires(&cells, &matrices[0])? {
                    self.prelude = Some(prelude);
                    return Ok(Some((cells, Spark::BeforeRelu(taken))));
                }
            }
        }
        Err(VisualizeError::Silent { objective: self.name.clone(), starts, steps })
    }

    /// The loaded plan that climbs the value before the ReLU, with the present buffers.
    pub(super) fn prelude(&mut self) -> Result<Loaded, VisualizeError> {
        if let Some(mut prelude) = self.prelude.take() {
            prelude.give(&self.given)?;
            return Ok(prelude);
        }
        let settings = settings(self.size, self.before.clone(), &self.config, self.weights);
        let plan = plan_visualization(self.weights.network(), &settings)?;
        Ok(Loaded::new(plan, self.machine, self.weights, &self.given)?)
    }

    /// Whether a single picture has a gradient at these cells.
    pub(super) fn fires(&mut self, cells: &[f32], matrix: &[f32; 6]) -> Result<bool, VisualizeError> {
        let loaded = self.scout.as_mut().unwrap_or(&mut self.loaded);
        loaded.begin(&[cells.to_vec()])?;
        let reports = loaded.climb(std::slice::from_ref(matrix), &mut |_| Next::Go)?;
        Ok(reports.iter().flatten().any(|report| report[1] != 0.0))
    }
}

//! Where a frame's pixels come from.

use super::blocks::Blocks;
use crate::extent::Extent;
use crate::machine::{Execution, Machine, MachineError, Parcel};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::blocks::grid;
use crate::plan::motion::{MotionPlan, MotionSettings, plan_motion};

/// Where each pixel of a frame was in the one before.
#[derive(Clone, Debug)]
pub struct Motion {
    /// The vector from this frame to the last, down and right in pixels, and its reliability, 0 to 255:
    /// `[3][height][width]`, on the device where it was found.
    pub(super) cells: Parcel,
    /// The mean of each of these three channels in each block.
    pub(super) means: Blocks,
}

impl Motion {
    /// Nothing has moved.
    pub fn none(size: Extent) -> Self {
        Self::alike(size, [0.0, 0.0, 255.0])
    }

    /// The same vector (down, right) and the same reliability everywhere.
    pub(super) fn alike(size: Extent, motion: [f32; 3]) -> Self {
        let maps = |size: Extent| motion.map(|level| vec![level; size.plane()]);
        let grid = grid(size);
        Self { cells: maps(size).concat().into(), means: Blocks { grid, bands: maps(grid).into() } }
    }

    /// The vector from each block to its place in the last frame, down and right, in pixels.
    pub(super) fn vectors(&self) -> impl Iterator<Item = [f32; 2]> {
        self.means.bands[0].iter().zip(&self.means.bands[1]).map(|(&down, &right)| [down, right])
    }

    /// The reliability of each block, 0 to 255.
    pub(super) fn reliable(&self) -> &[f32] {
        &self.means.bands[2]
    }

    /// The vector of most of the picture, down and right: the medians over the reliable blocks, or zero if there
    /// are none.
    pub fn most(&self) -> [f32; 2] {
        [0, 1].map(|way| {
            let known = self.means.bands[way].iter().zip(self.reliable());
            let known = known.filter(|&(_, &reliable)| reliable > 127.5);
            let mut known: Vec<f32> = known.map(|(&by, _)| by).collect();
            let middle = known.len() / 2;
            if known.is_empty() { 0.0 } else { *known.select_nth_unstable_by(middle, f32::total_cmp).1 }
        })
    }
}

/// Finds the motion between frames of one size.
#[derive(Debug)]
pub struct Tracker {
    plan: MotionPlan,
    execution: Box<dyn Execution>,
}

impl Tracker {
    /// Prepares a machine for frames of this size.
    ///
    /// # Errors
    /// The machine's, for frames too large for it.
    pub fn new(machine: &dyn Machine, size: Extent) -> Result<Self, MachineError> {
        let plan = Self::plan(size);
        let execution = machine.load(&plan.plan, &Weights::none())?;
        Ok(Self { plan, execution })
    }

    /// The plan for frames of this size.
    pub(super) fn plan(size: Extent) -> MotionPlan {
        plan_motion(size, &MotionSettings::default())
    }

    /// The motion of a frame since the last; both must have the size that was prepared for.
    ///
    /// # Errors
    /// The machine's own.
    ///
    /// # Panics
    /// If a frame has another size.
    pub fn motion(&mut self, last: &Picture, frame: &Picture) -> Result<Motion, MachineError> {
        let Self { plan, execution } = self;
        execution.write(plan.frame, &frame.luma())?;
        execution.write(plan.last, &last.luma())?;
        execution.run_once(plan.phase, &[])?;
        let means = Blocks::of(plan.means.shape, execution.read(plan.means)?);
        Ok(Motion { cells: execution.lift(plan.motion)?, means })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_picture_moves_as_what_is_known_of_it() {
        let grid = Extent::new(4, 10);
        let at = |cell: usize| cell % grid.width;
        // In six columns the vector points three to the right, in four it is zero; unreliable cells are ignored.
        let right: Vec<f32> = (0..grid.plane()).map(|cell| if at(cell) < 6 { 3.0 } else { 0.0 }).collect();
        let motion = |reliable: &dyn Fn(usize) -> f32| {
            let reliable = (0..grid.plane()).map(reliable).collect();
            let bands = vec![vec![-1.0; grid.plane()], right.clone(), reliable];
            Motion { cells: Vec::new().into(), means: Blocks { grid, bands } }
        };
        assert_eq!(motion(&|_| 255.0).most(), [-1.0, 3.0]);
        assert_eq!(motion(&|cell| if at(cell) < 4 { 0.0 } else { 255.0 }).most(), [-1.0, 0.0]);
        assert_eq!(motion(&|_| 0.0).most(), [0.0, 0.0]);
    }
}

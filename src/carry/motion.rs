//! Where a frame's pixels come from.

use super::still::settled;
use crate::extent::Extent;
use crate::flow::{Borders, Flow, FlowError, FlowFinder, reliability};
use crate::machine::{Machine, MachineError};
use crate::picture::Picture;
use crate::plan::flow::FlowSettings;

/// Where each pixel of a frame was in the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// From this frame to the last.
    pub back: Flow,
    /// How far each of its vectors can be relied on, 0 to 255.
    pub reliable: Vec<f32>,
}

impl Motion {
    /// Everything is where it was.
    pub fn none(size: Extent) -> Self {
        Self { back: Flow::new(size, vec![0.0; 2 * size.plane()]), reliable: vec![255.0; size.plane()] }
    }

    /// How far most of it is from where it was, down and right: the medians of what can be relied on; nothing if nothing can.
    pub fn most(&self) -> [f32; 2] {
        [self.back.down(), self.back.right()].map(|way| {
            let known = way.iter().zip(&self.reliable).filter(|&(_, &reliable)| reliable > 127.5);
            let mut known: Vec<f32> = known.map(|(&by, _)| by).collect();
            let middle = known.len() / 2;
            if known.is_empty() { 0.0 } else { *known.select_nth_unstable_by(middle, f32::total_cmp).1 }
        })
    }

    /// The part of the frame that can be relied on, 0 to 1.
    pub fn part(&self) -> f32 {
        let sum: f64 = self.reliable.iter().map(|&cell| f64::from(cell)).sum();
        (sum / (255.0 * self.reliable.len() as f64)) as f32
    }
}

/// Finds the motion between frames of one size.
#[derive(Debug)]
pub struct Tracker {
    finder: FlowFinder,
}

impl Tracker {
    /// Prepares a machine for frames of this size.
    ///
    /// # Errors
    /// The machine's, for frames too large for it.
    pub fn new(machine: &dyn Machine, size: Extent) -> Result<Self, MachineError> {
        Ok(Self { finder: FlowFinder::new(machine, size, &FlowSettings::default())? })
    }

    /// The motion of a frame since the last.
    ///
    /// # Errors
    /// Frames of another size, and the machine's own.
    pub fn motion(&mut self, last: &Picture, frame: &Picture) -> Result<Motion, FlowError> {
        let (back, forth) = (self.finder.find(frame, last)?, self.finder.find(last, frame)?);
        let reliable = reliability(&back, &forth, Borders::Count);
        let back = settled(&back, &frame.luma(), &last.luma());
        Ok(Motion { back, reliable })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_picture_moves_as_what_is_known_of_it() {
        let size = Extent::new(4, 10);
        let at = |cell: usize| cell % size.width;
        // Six columns go three to the left, four stay; and of what cannot be relied on nobody asks.
        let right = |cell: usize| if at(cell) < 6 { 3.0 } else { 0.0 };
        let cells = [vec![-1.0; size.plane()], (0..size.plane()).map(right).collect()].concat();
        let back = Flow::new(size, cells);
        let all = Motion { back: back.clone(), reliable: vec![255.0; size.plane()] };
        assert_eq!(all.most(), [-1.0, 3.0]);
        let reliable = (0..size.plane()).map(|cell| if at(cell) < 4 { 0.0 } else { 255.0 }).collect();
        assert_eq!(Motion { back: back.clone(), reliable }.most(), [-1.0, 0.0]);
        assert_eq!(Motion { back, reliable: vec![0.0; size.plane()] }.most(), [0.0, 0.0]);
    }
}

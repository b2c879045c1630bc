//! One direction of a Gaussian.

use super::{Kind, Operand};
use crate::plan::View;

/// `y_i = clamp(sum_k w_k x_(i + k))` along columns or rows, with `w_k` in proportion to `exp(-k^2 / 2 deviation^2)`, `|k|` up
/// to `reach`, and 1 in all. Beyond an edge is the edge's own cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blur {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// In cells, more than 0.
    pub deviation: f32,
    /// How many cells it looks away.
    pub reach: usize,
    /// Whether from row to row, and not from column to column.
    pub down: bool,
    /// What results are kept between, if between anything.
    pub bounds: Option<(f32, f32)>,
}

impl Blur {
    /// The weights from the middle on.
    pub fn weights(&self) -> Vec<f32> {
        let deviation = f64::from(self.deviation);
        let weigh = |at: usize| (-0.5 * (at as f64 / deviation).powi(2)).exp();
        let half: Vec<f64> = (0..=self.reach).map(weigh).collect();
        let total = 2.0 * half.iter().sum::<f64>() - half[0];
        half.into_iter().map(|weight| (weight / total) as f32).collect()
    }
}

impl Kind for Blur {
    fn operands(&mut self) -> Vec<Operand<&mut View>> {
        vec![Operand::read(&mut self.x), Operand::write(&mut self.y)]
    }

    fn flops(&self) -> u64 {
        2 * (2 * self.reach + 1) as u64 * self.y.shape.len() as u64
    }
}

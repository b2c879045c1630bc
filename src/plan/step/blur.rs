//! A Gaussian blur in one direction.

use super::{Kind, Operand};
use crate::plan::View;

/// `y_i = clamp(sum_k w_k x_(i + k))` along columns or rows, with `w_k` proportional to
/// `exp(-k^2 / 2 deviation^2)` for `|k|` up to `reach`, and with sum 1. Beyond an edge, the edge's cell is
/// repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blur {
    /// Input.
    pub x: View,
    /// Output.
    pub y: View,
    /// The standard deviation in cells, greater than 0.
    pub deviation: f32,
    /// The largest distance of the cells included.
    pub reach: usize,
    /// Whether it runs from row to row, rather than from column to column.
    pub down: bool,
    /// The limits that results are clamped to, if any.
    pub bounds: Option<(f32, f32)>,
}

impl Blur {
    /// The weights from the centre outwards.
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

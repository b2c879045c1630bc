//! Samples maps along a flow.

use std::sync::LazyLock;

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::{Follow, PHASES, TAPS};

/// The weights for every phase.
static WEIGHTS: LazyLock<Vec<[f32; TAPS]>> =
    LazyLock::new(|| (0..PHASES).map(|phase| Follow::weights(phase as f64 / PHASES as f64)).collect());

impl Run for Follow {
    fn run(&self, at: &mut Workplace<'_>) {
        let (height, width) = (self.y.shape.height, self.y.shape.width);
        let weights = &*WEIGHTS;
        at.memory.lend(self.y, |memory, cells| {
            let x = memory.get(self.x);
            let (down, right) = memory.get(self.flow).split_at(height * width);
            cells.par_chunks_mut(width).enumerate().for_each(|(line, y)| {
                let map = &x[line / height * height * width..][..height * width];
                let (row, start) = (line % height, line % height * width);
                let flow = down[start..].iter().zip(&right[start..]);
                for ((column, (down, right)), y) in flow.enumerate().zip(y) {
                    let rows = Self::place(row as f32 + down, height);
                    let columns = Self::place(column as f32 + right, width);
                    *y = sample(map, width, weights, rows, columns);
                }
            });
        });
    }
}

/// The value at a place, which is given in rows and columns by its first sample and its phase.
#[inline(always)]
fn sample(
    map: &[f32],
    width: usize,
    weights: &[[f32; TAPS]],
    (row, down): (isize, usize),
    (column, right): (isize, usize),
) -> f32 {
    let height = map.len() / width;
    let (downs, rights) = (&weights[down], &weights[right]);
    let inside = |first: isize, size: usize| first >= 0 && first as usize + TAPS <= size;
    let mut sums = [0.0; TAPS];
    if inside(row, height) && inside(column, width) {
        let lines = map[row as usize * width..].chunks(width);
        for (line, down) in lines.zip(downs) {
            let samples = &line[column as usize..][..TAPS];
            sums.iter_mut().zip(samples).for_each(|(sum, sample)| *sum += down * sample);
        }
    } else {
        let near = |at: isize, size: usize| at.clamp(0, size as isize - 1) as usize;
        for (line, down) in (row..).zip(downs) {
            let line = &map[near(line, height) * width..][..width];
            for (sum, at) in sums.iter_mut().zip(column..) {
                *sum += down * line[near(at, width)];
            }
        }
    }
    sums.iter().zip(rights).map(|(sum, right)| sum * right).sum()
}

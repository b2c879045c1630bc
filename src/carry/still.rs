//! What stands still, though its grain does not.
//!
//! A grain of one level lets the flow of a still wander by some hundredths of a pixel, and what is carried along it loses
//! its finest waves and trembles. So a small motion counts only if it explains enough of what changed.

use super::blocks::{Blocks, block_mean};
use super::blur::{blurred, gaussian};
use crate::extent::Extent;
use crate::flow::Flow;

/// Deviation of the Gaussian over which it is asked what a motion explains, in blocks: 24 pixels.
const AROUND: f32 = 6.0;
/// What part of what it leaves unexplained a motion must explain to count at all; it counts wholly from twice as much on.
/// The flow of a still in a grain of one level explains 0.06 at most, of a pan by 0.05 pixels a frame 0.27 in the median.
const GRAIN: f32 = 0.1;
/// How far something moves that counts wholly in any case, in pixels: further than that, pictures are not as good as
/// straight between their pixels. Half as far, what it explains is all that counts.
const FAR: f32 = 0.5;
/// Mean square of the error of a difference of two pictures in whole levels.
const ROUNDING: f32 = 2.0 / 12.0;

/// The flow from a frame to the last, without what only their grain makes of it. Both are lumas.
pub(super) fn settled(back: &Flow, frame: &[f32], last: &[f32]) -> Flow {
    let size = back.extent();
    let grid = Blocks::grid(size);
    let [explained, left] = explained(back, frame, last).map(|map| {
        let blocks: Vec<f32> = (0..grid.plane()).map(|block| block_mean(&map, size, grid, block)).collect();
        blurred(&blocks, grid, &gaussian(AROUND))
    });
    let shown: Vec<f32> = explained
        .iter()
        .zip(&left)
        .map(|(explained, left)| (explained / (left + ROUNDING) / GRAIN - 1.0).clamp(0.0, 1.0))
        .collect();
    let parts: Vec<f32> = back
        .vectors()
        .enumerate()
        .map(|(at, [down, right])| {
            let far = (2.0 * down.hypot(right) / FAR - 1.0).clamp(0.0, 1.0);
            far.max(shown[Blocks::number(at, size, grid)])
        })
        .collect();
    let cells = [back.down(), back.right()];
    let times = |way: &[f32]| -> Vec<f32> { way.iter().zip(&parts).map(|(by, part)| by * part).collect() };
    Flow::new(size, cells.map(times).concat())
}

/// How much of the square of what changed in each pixel a flow explains, and how much it leaves, if pictures are straight
/// between their pixels.
fn explained(back: &Flow, frame: &[f32], last: &[f32]) -> [Vec<f32>; 2] {
    let Extent { height, width } = back.extent();
    let slope =
        |after: usize, before: usize| 0.25 * (frame[after] + last[after] - frame[before] - last[before]);
    let squares = back.vectors().enumerate().map(|(at, [down, right])| {
        let (row, column) = (at / width, at % width);
        let line = |row: usize| row * width + column;
        let along = down * slope(line((row + 1).min(height - 1)), line(row.saturating_sub(1)))
            + right
                * slope(row * width + (column + 1).min(width - 1), row * width + column.saturating_sub(1));
        let changed = frame[at] - last[at];
        let left = (changed - along) * (changed - along);
        (changed * changed - left, left)
    });
    let (explained, left) = squares.unzip();
    [explained, left]
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64Mcg;
    use rand_pcg::rand_core::{Rng, SeedableRng};

    use super::*;

    const SIZE: Extent = Extent::new(48, 64);

    /// Waves to the right that have moved there by so much, in a grain of one level.
    fn frame(by: f32, seed: u64) -> Vec<f32> {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        // Twelve even numbers of variance 1/12 each.
        let mut grain =
            move || (0..12).map(|_| random.next_u32() as f32 / u32::MAX as f32 - 0.5).sum::<f32>();
        (0..SIZE.plane())
            .map(|at| 128.0 + 20.0 * (0.4 * ((at % SIZE.width) as f32 - by)).sin() + grain())
            .collect()
    }

    fn to_the_right(by: f32) -> Flow {
        Flow::new(SIZE, [vec![0.0; SIZE.plane()], vec![by; SIZE.plane()]].concat())
    }

    fn most(flow: &Flow) -> f32 {
        flow.right().iter().fold(0.0, |most, by| by.abs().max(most))
    }

    #[test]
    fn what_only_grain_moves_stands_still() {
        // Nothing moves, and a flow says so little to the right that it explains no more than chance does.
        let flow = to_the_right(0.02);
        assert_eq!(most(&settled(&flow, &frame(0.0, 1), &frame(0.0, 2))), 0.0);
    }

    #[test]
    fn a_slow_pan_goes_on_in_grain() {
        // Of slopes of 0.4 * 20 / sqrt(2) levels a tenth of a pixel makes 0.32 in the mean square, of 2 that two grains have.
        let flow = to_the_right(-0.1);
        let settled = settled(&flow, &frame(0.1, 1), &frame(0.0, 2));
        // At the sides slopes are halved by the end of the picture, and the mean of a few hundred cells is not exact.
        assert!(settled.right().iter().all(|&by| by < -0.02), "{}", most(&settled));
        assert!(settled.right().iter().filter(|&&by| by < -0.04).count() > SIZE.plane() / 2);
    }

    #[test]
    fn what_goes_far_goes_on_whatever_it_explains() {
        let flow = to_the_right(0.5);
        assert_eq!(settled(&flow, &frame(0.0, 1), &frame(0.0, 2)), flow);
        let nearer = settled(&to_the_right(0.25), &frame(0.0, 1), &frame(0.0, 2));
        assert_eq!(most(&nearer), 0.0, "half as far is not far");
    }
}

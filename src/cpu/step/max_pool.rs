//! Maxima of windows, one task per channel.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::cpu::isa::{Isa, vector};
use crate::cpu::memory::Scratch;
use crate::cpu::phases::Phases;
use crate::net::{PlacedWindow, Shape};
use crate::plan::step::{MaxPool, MaxPoolGradient};

impl Run for MaxPool {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, choice, window } = self;
        let (isa, scratch) = (at.isa, at.scratch);
        let pool = Pool { phases: &Phases::new(window, x.shape.extent(), y.shape.extent()), isa, scratch };
        at.memory.lend(y, |memory, cells| match choice {
            None => pool.max(memory.get(x), cells),
            Some(choice) => {
                memory.lend(choice, |memory, choice| pool.max_and_choice(memory.get(x), cells, choice));
            }
        });
    }
}

impl Run for MaxPoolGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { dy, choice, window, dx } = self;
        at.leave(&dx, |memory, cells| {
            let (from, to) = (dx.view.shape, dy.shape);
            max_gradient(window, memory.get(dy), memory.get(choice), to, cells, from);
        });
    }
}

/// A window over a map, and what its loops run on.
struct Pool<'a> {
    phases: &'a Phases,
    isa: Isa,
    scratch: &'a Scratch,
}

impl Pool<'_> {
    /// Maxima of `x`.
    fn max(&self, x: &[f32], y: &mut [f32]) {
        let (sights, first) = (self.phases.sights(), self.phases.first_inside());
        let planes = y.par_chunks_mut(self.phases.outputs.plane());
        planes.zip(x.par_chunks(self.phases.map.plane())).for_each(|(y, x)| {
            self.maxima(x, (&sights, &first), |best, _| self.phases.take(best, y));
        });
    }

    /// The same, and in `choice` the index of the winning cell within its window.
    fn max_and_choice(&self, x: &[f32], y: &mut [f32], choice: &mut [f32]) {
        let (sights, first) = (self.phases.sights(), self.phases.first_inside());
        let plane = self.phases.outputs.plane();
        let planes = y.par_chunks_mut(plane).zip(choice.par_chunks_mut(plane));
        planes.zip(x.par_chunks(self.phases.map.plane())).for_each(|((y, choice), x)| {
            self.maxima(x, (&sights, &first), |best, winner| {
                self.phases.take(best, y);
                self.phases.take(winner, choice);
            });
        });
    }

    /// Calls `leave` with the maxima of one channel and their indices within the windows, both in phase layout.
    fn maxima(&self, x: &[f32], (sights, first): (&[usize], &[f32]), leave: impl FnOnce(&[f32], &[f32])) {
        let (phases, places) = (self.phases, self.phases.places());
        self.scratch.with(phases.map_cells() + 2 * places, |cells| {
            let (map, results) = cells.split_at_mut(phases.map_cells());
            let (best, winner) = results.split_at_mut(places);
            self.isa.run(Maxima { phases, sights, first, x, map, best, winner });
            leave(best, winner);
        });
    }
}

/// One task: the maxima of one channel.
struct Maxima<'a> {
    phases: &'a Phases,
    sights: &'a [usize],
    first: &'a [f32],
    x: &'a [f32],
    /// The channel in phases.
    map: &'a mut [f32],
    best: &'a mut [f32],
    winner: &'a mut [f32],
}

impl WithSimd for Maxima<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { phases, sights, first, x, map, best, winner } = self;
        phases.cut(x, f32::NEG_INFINITY, map);
        let firsts = S::as_simd_f32s(first).0;
        let results = S::as_mut_simd_f32s(best).0.iter_mut().zip(S::as_mut_simd_f32s(winner).0);
        for (number, ((best, winner), &first)) in results.zip(firsts).enumerate() {
            let mut most = simd.splat_f32s(f32::NEG_INFINITY);
            let mut which = simd.splat_f32s(0.0);
            for (tap, sight) in sights.iter().enumerate() {
                let cells = vector::<S>(map, sight + number * S::F32_LANES);
                let tap = simd.splat_f32s(tap as f32);
                // The first cell inside the map wins at the start, whatever its value: a choice is always a cell
                // of the map, even among NaNs.
                let wins = simd.or_m32s(simd.greater_than_f32s(cells, most), simd.equal_f32s(tap, first));
                most = simd.select_f32s(wins, cells, most);
                which = simd.select_f32s(wins, tap, which);
            }
            *best = most;
            *winner = which;
        }
    }
}

/// Each output's gradient goes to where its maximum was. One task handles a whole channel, so no two tasks write
/// the same cell.
fn max_gradient(
    window: PlacedWindow,
    dy: &[f32],
    choice: &[f32],
    to: Shape,
    dx: Destination<'_>,
    from: Shape,
) {
    let PlacedWindow { kernel, stride, pad } = window;
    let pad = pad.0 * from.width + pad.1;
    // Offsets from the corner of a window, which may lie outside the map, to each of its cells.
    let steps: Vec<usize> = (0..kernel * kernel).map(|at| at / kernel * from.width + at % kernel).collect();
    let sources = dy.par_chunks(to.plane()).zip(choice.par_chunks(to.plane()));
    dx.pieces(from.plane()).zip(sources).for_each(|(dx, (dy, choice))| {
        dx.collect(|dx| {
            let lines = dy.chunks_exact(to.width).zip(choice.chunks_exact(to.width));
            for (row, (dy, choice)) in lines.enumerate() {
                for (column, (&dy, &choice)) in dy.iter().zip(choice).enumerate() {
                    let corner = row * stride * from.width + column * stride;
                    dx[corner + steps[choice as usize] - pad] += dy;
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Window;

    #[test]
    fn the_first_maximum_of_a_clipped_window_wins() {
        // Few distinct values, so ties everywhere.
        let from = Shape::new(2, 7, 6);
        let x: Vec<f32> = (0..from.len()).map(|cell| (cell * 5 % 7 % 3) as f32 - 1.0).collect();
        for window in [Window::new(3, 1, 1), Window::new(3, 2, 0), Window::new(2, 3, 1), Window::same(3, 2)] {
            let to = Shape::new(2, window.pool_size(from.height), window.pool_size(from.width));
            let window = window.over(from);
            let [mut y, mut alone, mut choice] = [(); 3].map(|()| vec![f32::NAN; to.len()]);
            let pool = Pool {
                phases: &Phases::new(window, from.extent(), to.extent()),
                isa: Isa::best(),
                scratch: &Scratch::default(),
            };
            pool.max(&x, &mut alone);
            pool.max_and_choice(&x, &mut y, &mut choice);
            let expected: Vec<(f32, f32)> =
                (0..to.len()).map(|at| winner(window, &x, from, to, at)).collect();
            assert_eq!(y.iter().copied().zip(choice).collect::<Vec<_>>(), expected, "{window:?}");
            assert_eq!(y, alone, "{window:?}");
        }
    }

    #[test]
    fn whatever_the_cells_are_one_of_them_is_chosen() {
        let from = Shape::new(1, 5, 4);
        let window = Window::new(3, 2, 1);
        let to = Shape::new(1, window.pool_size(from.height), window.pool_size(from.width));
        let window = window.over(from);
        for cell in [f32::NAN, f32::NEG_INFINITY, f32::INFINITY] {
            let (mut y, mut choice) = (vec![0.0; to.len()], vec![77.0; to.len()]);
            let x = vec![cell; from.len()];
            let pool = Pool {
                phases: &Phases::new(window, from.extent(), to.extent()),
                isa: Isa::best(),
                scratch: &Scratch::default(),
            };
            pool.max_and_choice(&x, &mut y, &mut choice);
            assert!(choice.iter().all(|&tap| tap < 9.0), "{cell}: {choice:?}");
            assert!(y.iter().all(|y| y.to_bits() == cell.to_bits()), "{cell}: {y:?}");
            let mut dx = vec![0.0; from.len()];
            let places = (0..to.len()).map(|at| winning_cell(window, choice[at] as usize, from, to, at));
            places.for_each(|place| dx[place] += 1.0); // this panics if the place is outside the map
        }
    }

    fn winning_cell(window: PlacedWindow, tap: usize, from: Shape, to: Shape, at: usize) -> usize {
        let PlacedWindow { kernel, stride, pad } = window;
        let (row, column) = (at / to.width * stride + tap / kernel, at % to.width * stride + tap % kernel);
        assert!(row >= pad.0 && column >= pad.1 && column - pad.1 < from.width);
        (row - pad.0) * from.width + column - pad.1
    }

    /// The definition, one output at a time: the maximum and the index of its cell within the window.
    fn winner(window: PlacedWindow, x: &[f32], from: Shape, to: Shape, at: usize) -> (f32, f32) {
        let PlacedWindow { kernel, stride, pad } = window;
        let (channel, row, column) = (at / to.plane(), at / to.width % to.height, at % to.width);
        let mut best = (f32::NEG_INFINITY, 0.0);
        for tap in 0..kernel * kernel {
            let y = (row * stride + tap / kernel).checked_sub(pad.0).filter(|&y| y < from.height);
            let x_at = (column * stride + tap % kernel).checked_sub(pad.1).filter(|&x| x < from.width);
            if let Some((y, x_at)) = y.zip(x_at) {
                let cell = x[(channel * from.height + y) * from.width + x_at];
                if cell > best.0 {
                    best = (cell, tap as f32);
                }
            }
        }
        best
    }
}

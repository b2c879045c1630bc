//! Maxima of windows, a channel to a task.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::cpu::memory::Scratch;
use crate::net::{PlacedWindow, Shape};
use crate::plan::step::{MaxPool, MaxPoolGradient};

impl Run for MaxPool {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, y, choice, window } = self;
        let scratch = at.scratch;
        at.memory.lend(y, |memory, cells| match choice {
            None => max(window, memory.get(x), x.shape, cells, y.shape, scratch),
            Some(choice) => memory.lend(choice, |memory, choice| {
                max_and_choice(window, memory.get(x), x.shape, (cells, choice), y.shape, scratch);
            }),
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

/// Maxima of `x` (of shape `from`) in `y` (of shape `to`).
fn max(window: PlacedWindow, x: &[f32], from: Shape, y: &mut [f32], to: Shape, scratch: &Scratch) {
    let lanes = Lanes::new(window, from, to);
    let planes = y.par_chunks_mut(to.plane()).zip(x.par_chunks(from.plane()));
    planes.for_each(|(y, x)| {
        lanes.sort(x, scratch, |x| {
            for (row, best) in y.chunks_exact_mut(to.width).enumerate() {
                best.fill(f32::NEG_INFINITY);
                lanes.each_tap(row, x, |_, first, cells| {
                    for (best, &cell) in best[first..].iter_mut().zip(cells) {
                        *best = if cell > *best { cell } else { *best };
                    }
                });
            }
        });
    });
}

/// The same, and in `choice` which cell of its window won.
#[expect(clippy::neg_cmp_op_on_partial_ord, reason = "whatever is compared to a NaN is to win")]
fn max_and_choice(
    window: PlacedWindow,
    x: &[f32],
    from: Shape,
    (y, choice): (&mut [f32], &mut [f32]),
    to: Shape,
    scratch: &Scratch,
) {
    let lanes = Lanes::new(window, from, to);
    let outputs = y.par_chunks_mut(to.plane()).zip(choice.par_chunks_mut(to.plane()));
    outputs.zip(x.par_chunks(from.plane())).for_each(|((y, choice), x)| {
        lanes.sort(x, scratch, |x| {
            let rows = y.chunks_exact_mut(to.width).zip(choice.chunks_exact_mut(to.width));
            for (row, (best, choice)) in rows.enumerate() {
                // Whatever the first cell is, it wins over this: a choice is
                // a cell of the window, even among NaNs.
                best.fill(f32::NAN);
                lanes.each_tap(row, x, |tap, first, cells| {
                    let outputs = best[first..].iter_mut().zip(&mut choice[first..]);
                    for ((best, choice), &cell) in outputs.zip(cells) {
                        let wins = !(cell <= *best);
                        *best = if wins { cell } else { *best };
                        *choice = select(wins, tap as f32, *choice);
                    }
                });
            }
        });
    });
}

/// `if wins { a } else { b }` in bits: of two such choices in one loop, the compiler makes branches.
fn select(wins: bool, a: f32, b: f32) -> f32 {
    let mask = u32::from(wins).wrapping_neg();
    f32::from_bits(a.to_bits() & mask | b.to_bits() & !mask)
}

/// How windows see a channel whose columns are sorted by their remainder: what neighbouring windows see
/// through the same cell then lies together, whatever the stride.
struct Lanes {
    window: PlacedWindow,
    map: Shape,
    /// Cells of a row that have one remainder.
    width: usize,
    /// For each column of the window that sees anything at all.
    columns: Vec<Column>,
}

/// What the windows of one row see through one of their columns.
struct Column {
    /// Which.
    kx: usize,
    /// The first output whose window has it inside the map.
    first: usize,
    /// How many there are.
    count: usize,
    /// Where, in a sorted channel, the first of them looks for row 0.
    start: usize,
}

impl Lanes {
    fn new(window: PlacedWindow, map: Shape, outputs: Shape) -> Self {
        let PlacedWindow { kernel, stride, pad: (_, pad) } = window;
        let width = map.width.div_ceil(stride);
        let column = |kx: usize| {
            let first = pad.saturating_sub(kx).div_ceil(stride);
            let x = first * stride + kx - pad;
            let count = map.width.saturating_sub(x).div_ceil(stride).min(outputs.width.saturating_sub(first));
            Column { kx, first, count, start: x % stride * map.height * width + x / stride }
        };
        let columns = (0..kernel).map(column).filter(|column| column.count > 0).collect();
        Self { window, map, width, columns }
    }

    /// Calls `work` with a channel as `[remainder][row][column / stride]`.
    fn sort(&self, plane: &[f32], scratch: &Scratch, work: impl FnOnce(&[f32])) {
        let stride = self.window.stride;
        if stride == 1 {
            return work(plane);
        }
        scratch.with(stride * self.map.height * self.width, |cells| {
            for (remainder, lane) in cells.chunks_exact_mut(self.map.height * self.width).enumerate() {
                for (to, row) in lane.chunks_exact_mut(self.width).zip(plane.chunks_exact(self.map.width)) {
                    let from = row.iter().skip(remainder).step_by(stride);
                    to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
                }
            }
            work(cells);
        });
    }

    /// For each cell of the windows of output row `row`, in order: its number, the first output whose
    /// window has it inside the map, and what that output and the next ones see of the sorted channel.
    fn each_tap(&self, row: usize, sorted: &[f32], mut visit: impl FnMut(usize, usize, &[f32])) {
        let PlacedWindow { kernel, stride, pad: (pad, _) } = self.window;
        for ky in 0..kernel {
            let y = (row * stride + ky).wrapping_sub(pad);
            if y < self.map.height {
                for column in &self.columns {
                    let cells = &sorted[column.start + y * self.width..][..column.count];
                    visit(ky * kernel + column.kx, column.first, cells);
                }
            }
        }
    }
}

/// Each output's gradient goes where its maximum was. One task has a whole channel, so that no two write
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
    // From the corner of a window, which may lie outside the map, to each of its cells.
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
        // Few different values: ties everywhere.
        let from = Shape::new(2, 7, 6);
        let x: Vec<f32> = (0..from.len()).map(|cell| (cell * 5 % 7 % 3) as f32 - 1.0).collect();
        for window in [Window::new(3, 1, 1), Window::new(3, 2, 0), Window::new(2, 3, 1), Window::same(3, 2)] {
            let to = Shape::new(2, window.pool_size(from.height), window.pool_size(from.width));
            let window = window.over(from);
            let [mut y, mut alone, mut choice] = [(); 3].map(|()| vec![f32::NAN; to.len()]);
            let scratch = Scratch::default();
            max(window, &x, from, &mut alone, to, &scratch);
            max_and_choice(window, &x, from, (&mut y, &mut choice), to, &scratch);
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
            max_and_choice(window, &x, from, (&mut y, &mut choice), to, &Scratch::default());
            assert!(choice.iter().all(|&tap| tap < 9.0), "{cell}: {choice:?}");
            assert!(y.iter().all(|y| y.to_bits() == cell.to_bits()), "{cell}: {y:?}");
            let mut dx = vec![0.0; from.len()];
            let places = (0..to.len()).map(|at| winning_cell(window, choice[at] as usize, from, to, at));
            places.for_each(|place| dx[place] += 1.0); // inside of the map, or this panics
        }
    }

    fn winning_cell(window: PlacedWindow, tap: usize, from: Shape, to: Shape, at: usize) -> usize {
        let PlacedWindow { kernel, stride, pad } = window;
        let (row, column) = (at / to.width * stride + tap / kernel, at % to.width * stride + tap % kernel);
        assert!(row >= pad.0 && column >= pad.1 && column - pad.1 < from.width);
        (row - pad.0) * from.width + column - pad.1
    }

    /// The definition, one output at a time: the maximum and which cell of the window it is.
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

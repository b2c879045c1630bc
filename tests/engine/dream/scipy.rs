//! Where the notebook's arithmetic is not a plan's: what to change after a step of the oracle to have what
//! numpy and scipy have.

use puppyslug::plan::{Functional, Step, View, step};
use testkit::oracle::Memory;

/// To be called after every step.
pub(crate) fn imitate(step: &Step, memory: &mut Memory) {
    match *step {
        Step::Resize(step::Resize { x, y, base }) => lose_edge(x, y, base, memory),
        Step::Measure(step::Measure { x, functional: Functional::Magnitude, total, .. }) => {
            take_mean(x, total, memory);
        }
        _ => {}
    }
}

/// `scipy.ndimage.zoom(mode='constant', order=1)` looks for cell `i` of `m` at `i * ((n - 1) / (m - 1))`, and
/// finds zero wherever that is beyond `n - 1`. For the last cell it may be, by a rounding error: from 102 to
/// 143 columns, 142 * (101 / 142) = 101.00000000000001, and the last column is lost.
fn lose_edge(x: View, y: View, base: Option<View>, memory: &mut Memory) {
    let mut cells = memory.read(y).to_vec();
    for (index, cell) in cells.iter_mut().enumerate() {
        let (row, column) = (index % y.shape.plane() / y.shape.width, index % y.shape.width);
        if is_lost(row, x.shape.height, y.shape.height) || is_lost(column, x.shape.width, y.shape.width) {
            *cell = base.map_or(0.0, |base| memory.read(base)[index]);
        }
    }
    memory.write(y, cells);
}

fn is_lost(i: usize, n: usize, m: usize) -> bool {
    let last = (n - 1) as f64;
    m > 1 && i as f64 * (last / (m - 1) as f64) > last
}

/// A plan multiplies by `1 / n` in f32, which is a rounding away from dividing by `n`.
fn take_mean(x: View, total: View, memory: &mut Memory) {
    let sum: f64 = memory.read(x).iter().map(|x| x.abs()).sum();
    memory.write(total, [sum / x.shape.len() as f64]);
}

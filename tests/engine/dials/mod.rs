//! Numbers that move: a plan that leaves them open does, to the bit, what a plan does that was loaded for their values.

mod dream;
mod tiles;

use libtest_mimic::Failed;
use testkit::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    dream::trials().into_iter().chain(tiles::trials()).collect()
}

/// Compares bits, and sees to it that they are not those of something else.
fn judge(what: &str, moved: &[f32], planned: &[f32], other: &[f32]) -> Result<(), Failed> {
    let bits = |cells: &[f32]| cells.iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
    if bits(planned) == bits(other) {
        return Err(format!("{what}: the numbers change nothing, so nothing is shown").into());
    }
    let differ = moved.iter().zip(planned).position(|(a, b)| a.to_bits() != b.to_bits());
    match differ {
        None if moved.len() == planned.len() => Ok(()),
        None => Err(format!("{what}: {} cells instead of {}", moved.len(), planned.len()).into()),
        Some(at) => Err(format!("{what}: cell {at} is {:e}, planned {:e}", moved[at], planned[at]).into()),
    }
}

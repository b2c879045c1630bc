//! The only comparators. Each has its negative control in `kernels`, `golden` or `dream`.

use crate::oracle::Cell;

/// Relative Euclidean distance of activations. Each of some 22 layers in a row rounds its sums to a
/// relative error of a few times 2^-24 = 6e-8 and passes on what it got: 22 walks of 1e-7, with room.
pub const ACTIVATION: f64 = 1e-5;
/// Of gradients: twice as many layers in a row, and half the way without the sums that even errors out. The
/// same limit, then; where a branch was taken otherwise, see `forks`.
pub const GRADIENT: f64 = 1e-5;

/// Whether every cell lies within its tolerance. Says how much of the tolerance the worst one used, or
/// which one that was and both its values. NaN lies within nothing.
pub fn within(found: &[f32], expected: &[Cell]) -> Result<f64, String> {
    if found.len() != expected.len() {
        return Err(format!("{} cells, expected {}", found.len(), expected.len()));
    }
    let shares = found.iter().zip(expected).map(|(&found, cell)| share(found, cell));
    let worst = shares.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let Some((index, share)) = worst else { return Ok(0.0) };
    if share <= 1.0 {
        return Ok(share);
    }
    Err(format!(
        "cell {index} of {}: found {:e}, expected {:e}, which is {share:.3} of its tolerance {:e}",
        found.len(),
        found[index],
        expected[index].value,
        expected[index].tolerance,
    ))
}

/// The part of its tolerance that a cell uses. Equal is always right: also for a tolerance of nothing.
fn share(found: f32, cell: &Cell) -> f64 {
    let distance = (f64::from(found) - cell.value).abs();
    match distance {
        0.0 => 0.0,
        _ if distance.is_finite() => distance / cell.tolerance,
        _ => f64::INFINITY,
    }
}

/// `|found - expected| / |expected|` in the Euclidean norm; NaN if anything is NaN, which no limit admits.
/// Equal maps are 0 apart, also where both are zero.
pub fn relative_distance(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len(), "two maps of one shape");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let pairs = || found.iter().zip(expected).map(|(&a, &b)| (f64::from(a), f64::from(b)));
    match norm(&mut pairs().map(|(a, b)| a - b)) {
        0.0 => 0.0,
        distance => distance / norm(&mut pairs().map(|(_, b)| b)),
    }
}

/// Peak signal to noise ratio of two pictures from 0 to 255, in decibels: infinite between equal ones, and
/// NaN, which reaches no floor, if anything is NaN.
pub fn psnr(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len(), "two pictures of one size");
    let squares = found.iter().zip(expected).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
    20.0 * 255f64.log10() - 10.0 * (squares.sum::<f64>() / found.len() as f64).log10()
}

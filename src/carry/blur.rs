//! Maps, seen out of focus.

use crate::extent::Extent;

/// Half of a Gaussian of this deviation, from the middle on, so that all of it adds up to 1.
pub(super) fn gaussian(deviation: f32) -> Vec<f32> {
    let reach = (3.0 * deviation).ceil() as usize;
    let weigh = |at: usize| (-0.5 * (at as f32 / deviation.max(1e-6)).powi(2)).exp();
    let half: Vec<f32> = (0..=reach).map(weigh).collect();
    let total = 2.0 * half.iter().sum::<f32>() - half[0];
    half.into_iter().map(|weight| weight / total).collect()
}

/// A map under a symmetric kernel, given from its middle on. Outside, it continues with its border.
pub(super) fn blurred(map: &[f32], size: Extent, kernel: &[f32]) -> Vec<f32> {
    let Extent { height, width } = size;
    let mut down = vec![0.0; map.len()];
    for (row, line) in down.chunks_exact_mut(width).enumerate() {
        for (by, &weight) in kernel.iter().enumerate() {
            let (above, below) = (row.saturating_sub(by), (row + by).min(height - 1));
            let (above, below) = (&map[above * width..][..width], &map[below * width..][..width]);
            let weight = if by == 0 { 0.5 * weight } else { weight };
            for ((cell, above), below) in line.iter_mut().zip(above).zip(below) {
                *cell += weight * (above + below);
            }
        }
    }
    let reach = kernel.len() - 1;
    let mut padded = vec![0.0; width + 2 * reach];
    for line in down.chunks_exact_mut(width) {
        padded[..reach].fill(line[0]);
        padded[reach..][..width].copy_from_slice(line);
        padded[reach + width..].fill(line[width - 1]);
        line.iter_mut().zip(&padded[reach..]).for_each(|(cell, middle)| *cell = kernel[0] * middle);
        for (by, &weight) in kernel.iter().enumerate().skip(1) {
            let (before, behind) = (&padded[reach - by..], &padded[reach + by..]);
            for ((cell, before), behind) in line.iter_mut().zip(before).zip(behind) {
                *cell += weight * (before + behind);
            }
        }
    }
    down
}

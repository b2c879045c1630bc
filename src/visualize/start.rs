//! What a picture starts from: noise, or another picture.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::picture::Picture;
use crate::plan::spectrum::Spectrum;
use crate::plan::step::DECORRELATED;
use crate::plan::visualize::Parametrisation;

/// The standard deviation of the noise.
const DEVIATION: f32 = 0.01;

/// The distance, in levels of 255, that samples are made to keep from black and from white, whose cells would be
/// infinite.
const DARKEST: f64 = 0.5;

/// Approximately normal noise with this many cells.
pub(super) fn noise(cells: usize, seed: u64) -> Vec<f32> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    // Whole numbers below 2^16: f32 adds twelve of them without rounding, and their variance is 2^32 / 12.
    let mut four = || {
        let bits = random.next_u64();
        (0..4).map(|part| f32::from((bits >> (16 * part)) as u16)).sum::<f32>()
    };
    let mut normal = || (four() + four() + four() - 6.0 * 65_535.0) / 65_536.0;
    (0..cells).map(|_| DEVIATION * normal()).collect()
}

/// The cells that produce a picture, in its own size.
pub(super) fn cells_of(picture: &Picture, parametrisation: Parametrisation) -> Vec<f32> {
    let channels = decorrelated(picture.rgb());
    match parametrisation {
        Parametrisation::Pixels => channels.into_iter().map(|cell| cell as f32).collect(),
        Parametrisation::Fourier => Spectrum::of(picture.extent()).analyse(&channels),
    }
}

/// Three decorrelated channels, from which [`Colour`](crate::plan::step::Colour) makes these colours.
fn decorrelated(rgb: &[f32]) -> Vec<f64> {
    let logit = |sample: f32| {
        let sample = f64::from(sample).clamp(DARKEST, 255.0 - DARKEST);
        (sample / (255.0 - sample)).ln()
    };
    let (plane, inverse) = (rgb.len() / 3, inverse());
    let cell = |to: usize, pixel: usize| {
        (0..3).map(|from| inverse[to][from] * logit(rgb[from * plane + pixel])).sum::<f64>()
    };
    (0..rgb.len()).map(|at| cell(at / plane, at % plane)).collect()
}

/// The inverse of [`DECORRELATED`], by cofactors.
fn inverse() -> [[f64; 3]; 3] {
    let m = DECORRELATED.map(|row| row.map(f64::from));
    let minor = |row: usize, column: usize| {
        let at = |down: usize, across: usize| m[(row + down) % 3][(column + across) % 3];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    let size: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| minor(column, row) / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_its_deviation() {
        let noise = noise(30_000, 7);
        let mean = noise.iter().sum::<f32>() / 30_000.0;
        let square = noise.iter().map(|cell| cell * cell).sum::<f32>() / 30_000.0;
        // Standard errors: 0.01 / sqrt(30000) = 5.8e-5 for the mean, 0.01 / sqrt(60000) = 4.1e-5 for the
        // deviation.
        assert!(mean.abs() < 3e-4 && (square.sqrt() - DEVIATION).abs() < 2e-4, "{mean} {square}");
    }

    #[test]
    fn an_inverse_undoes_its_matrix() {
        let inverse = inverse();
        for (row, parts) in DECORRELATED.into_iter().enumerate() {
            for column in 0..3 {
                let terms = parts.into_iter().zip(inverse).map(|(part, line)| f64::from(part) * line[column]);
                assert!((terms.sum::<f64>() - f64::from(u8::from(row == column))).abs() < 1e-12);
            }
        }
    }
}

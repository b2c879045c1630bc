//! Assembles a picture from rows, in the size that is wanted.

use super::Picture;
use super::resample::Resampler;
use crate::extent::Extent;

/// Takes rows of RGBA in 8-bit units, from top to bottom.
pub(super) struct Gatherer {
    to: Extent,
    resampler: Option<Resampler>,
    planes: Planes,
    /// Whether everything so far was opaque.
    solid: bool,
}

struct Planes {
    rgb: Vec<f32>,
    alpha: Vec<u16>,
    /// How many pixels are filled.
    filled: usize,
}

impl Gatherer {
    /// For a picture of one size that is to get another size.
    pub(super) fn new(from: Extent, to: Extent) -> Self {
        let plane = to.plane();
        Self {
            to,
            resampler: (from != to).then(|| Resampler::new(from, to)),
            planes: Planes { rgb: vec![0.0; 3 * plane], alpha: vec![0; plane], filled: 0 },
            solid: true,
        }
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &[[f32; 4]]) {
        self.solid &= row.iter().all(|pixel| word(pixel[3]) == u16::MAX);
        let Some(resampler) = &mut self.resampler else { return self.planes.fill(row) };
        let planes = &mut self.planes;
        // Alpha is kept with 16 bits, whatever its original depth.
        let fraction = |[red, green, blue, solid]: &[f32; 4]| {
            [*red, *green, *blue, f32::from(word(*solid)) / 257.0].map(|sample| sample / 255.0)
        };
        let row: Vec<[f32; 4]> = row.iter().map(fraction).collect();
        resampler.row(&row, &mut |row| {
            let row: Vec<[f32; 4]> = row.iter().map(|pixel| pixel.map(|sample| sample * 255.0)).collect();
            planes.fill(&row);
        });
    }

    /// The picture. If all of it is opaque, it has no alpha.
    pub(super) fn finish(self) -> Picture {
        let Planes { rgb, alpha, .. } = self.planes;
        let solid = self.solid || alpha.iter().all(|&sample| sample == u16::MAX);
        Picture::plain(self.to, rgb, (!solid).then_some(alpha))
    }
}

impl Planes {
    fn fill(&mut self, row: &[[f32; 4]]) {
        let plane = self.alpha.len();
        for (index, [red, green, blue, solid]) in (self.filled..).zip(row) {
            self.rgb[index] = *red;
            self.rgb[plane + index] = *green;
            self.rgb[2 * plane + index] = *blue;
            self.alpha[index] = word(*solid);
        }
        self.filled += row.len();
    }
}

/// Alpha as 16 bits.
fn word(solid: f32) -> u16 {
    (solid * 257.0).round() as u16
}

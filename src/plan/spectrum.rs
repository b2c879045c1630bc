//! The spectrum that is climbed instead of pixels: lucid's `fft_image`.

use std::f64::consts::TAU;

use crate::extent::Extent;
use crate::net::Shape;

/// The spectrum of pictures of one size. For an odd width it is the spectrum of a picture that is one column
/// wider, whose last column is cut off, as in lucid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spectrum {
    size: Extent,
}

impl Spectrum {
    /// For pictures of this size, which must have at least 2 columns.
    pub fn of(size: Extent) -> Self {
        assert!(size.width >= 2 && size.height >= 1, "a spectrum for {size}");
        Self { size }
    }

    /// Columns of the half that is stored. The other half is its mirror image.
    fn columns(self) -> usize {
        self.length() / 2 + 1
    }

    /// Columns of the picture before the last one may be cut off.
    pub fn length(self) -> usize {
        self.size.width.next_multiple_of(2)
    }

    /// The shape of the cells for three channels: real parts above imaginary parts.
    pub fn cells(self) -> Shape {
        Shape::new(3, 2 * self.size.height, self.columns())
    }

    /// The factor for each frequency on its way to the picture: `1 / (4 h N)`, with `N` the
    /// [`length`](Self::length), times `sqrt(w h) / max(f, 1 / max(w, h))`, with `f` in cycles per pixel.
    /// This makes all cells of the spectrum of a natural picture about equally large, so that Adam's steps
    /// suit all of them.
    pub fn scale(self) -> Vec<f32> {
        let Extent { height, width } = self.size;
        let (columns, least) = (self.columns(), 1.0 / height.max(width) as f64);
        let factor = ((width * height) as f64).sqrt() / (4 * height * self.length()) as f64;
        let frequencies = (0..height * columns)
            .map(|at| frequency(at / columns, height).hypot(frequency(at % columns, width)));
        frequencies.map(|frequency| (factor / frequency.max(least)) as f32).collect()
    }

    /// The table of waves for columns.
    pub fn column_waves(self) -> Vec<f32> {
        waves(self.size.height)
    }

    /// The table of waves for rows.
    pub fn row_waves(self) -> Vec<f32> {
        waves(self.length())
    }

    /// The cells that give these three channels, computed in `f64`. For an odd width, the column that will be
    /// cut off repeats the last column that is kept.
    pub fn analyse(self, channels: &[f64]) -> Vec<f32> {
        let Extent { height, width } = self.size;
        let whole = (height * self.length()) as f64;
        let scale = self.scale();
        let mut cells = Vec::with_capacity(self.cells().len());
        for channel in channels.chunks_exact(height * width) {
            let spectrum = self.transform(channel);
            for part in 0..2 {
                let parts = spectrum.iter().zip(&scale);
                cells.extend(parts.map(|(cell, &scale)| (cell[part] / f64::from(scale) / whole) as f32));
            }
        }
        cells
    }

    /// The discrete Fourier transform of a channel, `[height][columns]`: real and imaginary parts.
    fn transform(self, channel: &[f64]) -> Vec<[f64; 2]> {
        let Extent { height, width } = self.size;
        let (columns, length) = (self.columns(), self.length());
        let turn = |[re, im]: [f64; 2], at: usize, of: usize| {
            let (sine, cosine) = (TAU * (at % of) as f64 / of as f64).sin_cos();
            [re * cosine + im * sine, im * cosine - re * sine]
        };
        let sum = |terms: &mut dyn Iterator<Item = [f64; 2]>| {
            terms.fold([0.0; 2], |sum, term| [sum[0] + term[0], sum[1] + term[1]])
        };
        let along = |row: usize, k: usize| {
            let line = &channel[row * width..][..width];
            sum(&mut (0..length).map(|at| turn([line[at.min(width - 1)], 0.0], k * at, length)))
        };
        let rows: Vec<_> = (0..height * columns).map(|at| along(at / columns, at % columns)).collect();
        let down = |k: usize, column: usize| {
            sum(&mut (0..height).map(|row| turn(rows[row * columns + column], k * row, height)))
        };
        (0..height * columns).map(|at| down(at / columns, at % columns)).collect()
    }
}

/// Cycles per pixel of row or column `at` of a spectrum. Those past the middle are negative frequencies.
fn frequency(at: usize, size: usize) -> f64 {
    at.min(size - at) as f64 / size as f64
}

/// The table for one length: cosines, then sines.
pub fn waves(length: usize) -> Vec<f32> {
    let angle = |at: usize| TAU * at as f64 / length as f64;
    (0..length)
        .map(|at| angle(at).cos())
        .chain((0..length).map(|at| angle(at).sin()))
        .map(|wave| wave as f32)
        .collect()
}

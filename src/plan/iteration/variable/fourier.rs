//! Frequencies instead of pixels.

use super::{Decorrelated, Variable};
use crate::net::Shape;
use crate::plan::spectrum::Spectrum;
use crate::plan::{Builder, Step, View, step};

/// The number of the buffer of factors: see [`Spectrum::scale`].
pub const SCALE: usize = usize::MAX;
/// The number of the buffer of column waves: see [`Spectrum::column_waves`].
pub const COLUMN_WAVES: usize = usize::MAX - 1;
/// The number of the buffer of row waves: see [`Spectrum::row_waves`].
pub const ROW_WAVES: usize = usize::MAX - 2;

/// Climbs the [`Spectrum`] of [`Decorrelated`] channels: a step changes all frequencies alike, instead of the
/// finest before all others. The host writes the cells and supplies the tables.
#[derive(Clone, Copy, Debug)]
pub struct Fourier {
    /// Blue, green, red: the mean that is subtracted from the picture.
    pub mean: [f32; 3],
}

/// The tables that the host supplies.
struct Tables {
    scale: View,
    column_waves: View,
    row_waves: View,
}

impl Tables {
    fn new(builder: &mut Builder, picture: View) -> Self {
        let (size, cells) = (picture.shape.extent(), Spectrum::of(picture.shape.extent()).cells());
        let mut table =
            |number, channels, height, width| builder.given(number, Shape::new(channels, height, width));
        Self {
            scale: table(SCALE, 1, size.height, cells.width),
            column_waves: table(COLUMN_WAVES, 2, 1, size.height),
            row_waves: table(ROW_WAVES, 2, 1, Spectrum::of(size).length()),
        }
    }
}

impl Variable for Fourier {
    fn cells(&self, builder: &mut Builder, picture: View) -> View {
        builder.buffer("spectrum", Spectrum::of(picture.shape.extent()).cells())
    }

    fn enter(&self, _: View, _: View) -> Vec<Step> {
        Vec::new()
    }

    fn show(&self, builder: &mut Builder, cells: View, picture: View) -> Vec<Step> {
        let Tables { scale, column_waves, row_waves } = Tables::new(builder, picture);
        let rows = builder.buffer("spectrum of the rows", cells.shape);
        let pixels = builder.buffer("pixels", picture.shape);
        let columns = step::DftColumns { x: cells, scale, waves: column_waves, y: rows, back: false };
        let mut steps = vec![columns.into(), step::DftRows { x: rows, waves: row_waves, y: pixels }.into()];
        steps.extend(Decorrelated { mean: self.mean }.show(builder, pixels, picture));
        steps
    }

    fn pull_back(&self, builder: &mut Builder, cells: View, picture: View, dx: View) -> (Vec<Step>, View) {
        let Tables { scale, column_waves, row_waves } = Tables::new(builder, picture);
        let (mut steps, dy) = Decorrelated { mean: self.mean }.pull_back(builder, cells, picture, dx);
        let rows = builder.buffer("gradient of the rows' spectrum", cells.shape);
        let gradient = builder.buffer("gradient of the spectrum", cells.shape);
        steps.push(step::DftRowsGradient { dy, waves: row_waves, dx: rows }.into());
        steps.push(step::DftColumns { x: rows, scale, waves: column_waves, y: gradient, back: true }.into());
        (steps, gradient)
    }
}

//! What supports a class, as colours over the picture.

use super::Speech;
use crate::dream::classify::Framing;
use crate::extent::Extent;
use crate::net::Network;
use crate::net::axis::Axis;
use crate::picture::{Picture, PictureError};

/// The colour of what supports the class: red, green, blue.
const FOR: [f32; 3] = [255.0, 96.0, 0.0];
/// The colour of what opposes it.
const AGAINST: [f32; 3] = [0.0, 112.0, 255.0];
/// The brightness of the picture under the colours...
const LIGHT: f32 = 0.75;
/// ...and of the parts that the network was not shown.
const DARK: f32 = 0.25;
/// Pixels between two layers.
const GAP: usize = 4;

/// Draws the picture in gray once for each layer, from left to right. What supports the class is drawn over
/// it in orange, and what opposes it in blue, in proportion to its strength; the strongest is drawn at full
/// strength. The value of a cell applies at the middle of its receptive field, and values are interpolated in
/// between. Parts that the network was not shown are dark.
///
/// # Errors
/// That many pictures side by side would be too large.
pub fn heat(
    network: &Network,
    (picture, framing): (&Picture, Framing),
    speeches: &[Speech],
) -> Result<Picture, PictureError> {
    let size = picture.extent();
    let whole = Extent::new(size.height, (speeches.len() * (size.width + GAP)).saturating_sub(GAP));
    crate::picture::check_size(whole)?;
    let luma = picture.luma();
    let mut rgb = vec![255.0; 3 * whole.plane()];
    for (number, speech) in speeches.iter().enumerate() {
        let field = Field::new(network, framing, speech, size);
        for (row, line) in luma.chunks_exact(size.width).enumerate() {
            let start = row * whole.width + number * (size.width + GAP);
            for (column, &gray) in line.iter().enumerate() {
                let shade = field.at(row, column);
                let colours = rgb.iter_mut().skip(start + column).step_by(whole.plane());
                colours.zip(mix(gray, shade)).for_each(|(to, colour)| *to = colour);
            }
        }
    }
    Picture::from_rgb(whole, rgb)
}

/// A gray pixel coloured by a shade from -1 (strongest against) to 1 (strongest for).
fn mix(gray: f32, shade: Option<f32>) -> [f32; 3] {
    let Some(shade) = shade else { return [DARK * gray; 3] };
    let colour = if shade < 0.0 { AGAINST } else { FOR };
    colour.map(|colour| LIGHT * gray + shade.abs() * (colour - LIGHT * gray))
}

/// How strongly each place supports the class, for every pixel of a picture.
struct Field {
    /// From -1 to 1, `[height][width]`.
    places: Vec<f32>,
    width: usize,
    rows: Vec<Option<Between>>,
    columns: Vec<Option<Between>>,
}

/// The position of a pixel between cells.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Between {
    /// The cell before it, or the first; and the cell after it, or the last.
    cells: (usize, usize),
    /// How far it is from the former to the latter, 0 to 1.
    part: f32,
}

impl Field {
    fn new(network: &Network, framing: Framing, speech: &Speech, size: Extent) -> Self {
        let places = speech.places();
        let most = places.iter().fold(f64::MIN_POSITIVE, |most, place| most.max(place.abs()));
        let shown = framing.shown(size);
        let along = |pixels: usize, shown: usize| -> Vec<Option<Between>> {
            let axis = network.axis(shown);
            let place = |pixel| Some(framing.place(pixel, pixels)).filter(|at| is_shown(*at, shown));
            (0..pixels).map(|pixel| place(pixel).map(|at| between(&axis, speech, at))).collect()
        };
        Self {
            places: places.into_iter().map(|place| (place / most) as f32).collect(),
            width: speech.value.shape.width,
            rows: along(size.height, shown.height),
            columns: along(size.width, shown.width),
        }
    }

    /// The shade of a pixel; `None` where the network was shown nothing.
    fn at(&self, row: usize, column: usize) -> Option<f32> {
        let (row, column) = (self.rows[row]?, self.columns[column]?);
        let mixed = |from: f32, to: f32, part: f32| from + part * (to - from);
        let line = |row: usize| {
            let cell = |column: usize| self.places[row * self.width + column];
            mixed(cell(column.cells.0), cell(column.cells.1), column.part)
        };
        Some(mixed(line(row.cells.0), line(row.cells.1), row.part))
    }
}

/// Whether a position lies on one of this many pixels.
fn is_shown(at: f64, pixels: usize) -> bool {
    (-0.5..pixels as f64 - 0.5).contains(&at)
}

fn between(axis: &Axis<'_>, speech: &Speech, at: f64) -> Between {
    let middle = |cell| axis.middle(speech.layer, cell);
    let count = axis.cells(speech.layer);
    let behind = (0..count).find(|&cell| middle(cell) > at).unwrap_or(count - 1);
    let before = behind.saturating_sub(1);
    let (from, to) = (middle(before), middle(behind));
    let part = if from < to { ((at - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
    Between { cells: (before, behind), part: part as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::probe::Map;
    use crate::net::{Shape, Weights};

    /// A single cell of a single channel, which opposes the class.
    fn speech(network: &Network, size: Extent, at: (usize, usize)) -> Speech {
        let layer = network.find("inception_4c/output").expect("a layer");
        let shape: Shape = network.shapes(size)[layer.index()].with_channels(1);
        let mut products = vec![0.0; shape.plane()];
        products[at.0 * shape.width + at.1] = -2.0;
        Speech { layer, value: Map { shape, cells: vec![0.0; shape.plane()] }, products }
    }

    #[test]
    fn a_cell_counts_most_in_the_middle_of_what_it_sees() {
        let weights = Weights::embedded();
        let network = weights.network();
        let size = Extent::new(112, 160);
        let picture = Picture::from_rgb(size, vec![100.0; 3 * size.plane()]).expect("a picture");
        let speeches = [speech(network, size, (2, 4)), speech(network, size, (0, 0))];
        let drawn = heat(network, (&picture, Framing::Whole), &speeches).expect("small enough");
        assert_eq!(drawn.extent(), Extent::new(112, 2 * 160 + GAP));
        let blue = |row: usize, column: usize| {
            drawn.rgb()[2 * drawn.extent().plane() + row * drawn.width() + column]
        };
        let layer = speeches[0].layer;
        let [row, column] =
            [(112, 2), (160, 4)].map(|(pixels, cell)| network.axis(pixels).middle(layer, cell));
        assert_eq!((row, column), (46.0, 78.0)); // two roundings up of pools: 16 i + 14
        assert_eq!(blue(46, 78), 255.0);
        assert!(blue(46, 70) < 255.0 && blue(46, 70) == blue(46, 86) && blue(46, 70) > 75.0);
        assert_eq!([blue(46, 62), blue(46, 94), blue(111, 0)], [75.0; 3]);
        // In a corner there is nothing outside to be mixed with; the gap stays white.
        assert_eq!([blue(0, 164), blue(14, 164 + 14), blue(50, 161)], [255.0; 3]);
    }

    #[test]
    fn what_is_not_shown_is_dark() {
        let weights = Weights::embedded();
        let network = weights.network();
        let size = Extent::new(512, 256);
        let picture = Picture::from_rgb(size, vec![100.0; 3 * size.plane()]).expect("a picture");
        let speeches = [speech(network, Extent::square(224), (0, 0))];
        let drawn = heat(network, (&picture, Framing::Centre), &speeches).expect("small enough");
        let red = |row: usize, column: usize| drawn.rgb()[row * 256 + column];
        // 16 of 256 are cut off on every side: 32 of 512 rows.
        assert_eq!([red(31, 100), red(100, 15), red(480, 100), red(100, 240)], [25.0; 4]);
        assert_eq!(
            [red(32, 100), red(100, 16), red(479, 100), red(100, 239)].map(|red| red == 25.0),
            [false; 4]
        );
    }
}

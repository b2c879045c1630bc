//! Back towards a source.

use puppyslug::plan::View;

use super::{EPSILON, Map, Sum, Written, fill};

/// `source + (1 - chroma)(e - e') + (1 - luma) e'`, for `e = x - source` with luma `e'`.
pub fn pull(x: Map, source: Map, view: View, luma: f32, chroma: f32) -> Written {
    let (luma, chroma) = (f64::from(luma), f64::from(chroma));
    let cells = fill(view.shape, |channel, row, column| {
        let moved = |channel| x.at(channel, row, column) - source.at(channel, row, column);
        let size = |channel| x.at(channel, row, column).abs() + source.at(channel, row, column).abs();
        let weights = [0.114, 0.587, 0.299];
        let bright: f64 = (0..3).map(|channel| weights[channel] * moved(channel)).sum();
        let mut sum = Sum::of([source.at(channel, row, column)]);
        sum.push((1.0 - chroma) * moved(channel));
        sum.push((chroma - luma) * bright);
        // Of each cell of the pixel at most: its difference, its product, four sums on the way, the result.
        let largest = (0..3).map(size).fold(0.0, f64::max);
        sum.blur(12.0 * EPSILON * largest);
        sum.cell()
    });
    Written { view, cells }
}

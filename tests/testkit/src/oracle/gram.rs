//! Gram matrices, as in lucid's objective `diversity`.

use puppyslug::plan::{Gradient, View};

use super::{EPSILON, Map, Memory, Sum, Written, flow};

/// `y = x x^T`.
pub fn gram(x: Map, view: View) -> Written {
    let rows: Vec<&[f64]> = x.cells.chunks_exact(x.shape.plane()).collect();
    let product = |a: &[f64], b: &[f64]| Sum::of(a.iter().zip(b).map(|(a, b)| a * b)).cell();
    let cells = rows.iter().flat_map(|a| rows.iter().map(move |b| product(a, b))).collect();
    Written { view, cells }
}

/// `y = (sum over k of (g - g_k) - score g) / length`. WGSL promises a division to 2.5 ULP, of which each is two roundings;
/// a machine may add up the differences, each of which is rounded before.
pub fn contrast(grams: &[f64], own: usize, length: f64, score: f64, view: View) -> Written {
    let all: Vec<&[f64]> = grams.chunks_exact(view.shape.len()).collect();
    let length = length.max(f64::from(1e-10_f32));
    let cell = |at: usize| {
        let own = all[own][at];
        let mut sum =
            Sum::of(all.iter().flat_map(|gram| [own, -gram[at]]).chain([-score * own])).times(1.0 / length);
        let size = all.iter().map(|gram| own.abs() + gram[at].abs()).sum::<f64>() + (score * own).abs();
        sum.blur(5.0 * EPSILON * size / length);
        sum.cell()
    };
    Written { view, cells: (0..view.shape.len()).map(cell).collect() }
}

/// `dx = scale slope x`.
pub fn gradient(x: Map, slope: Map, scale: f32, dx: &Gradient, memory: &Memory) -> Written {
    let (channels, plane) = (x.shape.channels, x.shape.plane());
    let sum = |row: &[f64], cell: usize| {
        let terms = row.iter().enumerate().map(|(channel, slope)| slope * x.cells[channel * plane + cell]);
        Sum::of(terms).times(f64::from(scale))
    };
    let rows = slope.cells.chunks_exact(channels);
    flow(dx, rows.flat_map(|row| (0..plane).map(move |cell| sum(row, cell))).collect(), memory)
}

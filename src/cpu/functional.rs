//! Functionals of a map: sums over cells. The gradient at a cell is the derivative of that cell's term.

use std::ops::Range;

use rayon::prelude::*;

use super::gradient::Destination;
use super::step::PIECE;
use crate::net::Shape;
use crate::plan::{Functional, Region};

/// The term that each cell adds to a functional, and the region whose cells count (`None`: the whole map).
fn terms(functional: Functional) -> (Option<Region>, &'static dyn Terms) {
    match functional {
        Functional::HalfSquares => (None, &Term { value: |x| x * x / 2.0, slope: |x| x }),
        Functional::RegionSum(region) => (Some(region), &Term { value: |x| x, slope: |_| 1.0 }),
        Functional::Magnitude => (None, &Term { value: f64::abs, slope: sign }),
        Functional::Root => {
            (None, &Term { value: |x| x * x, slope: |_| unreachable!("it is only measured") })
        }
    }
}

/// The derivative of `|x|`, taken as 0 at 0.
fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// The value of a functional.
pub(super) fn measure(functional: Functional, scale: f32, x: &[f32], shape: Shape) -> f64 {
    let (region, terms) = terms(functional);
    let sum = match region {
        None => terms.sum(x),
        Some(Region { channel, rows, columns }) => {
            let plane = &x[channel * shape.plane()..][..shape.plane()];
            let lines = (rows.0..rows.1).map(|row| &plane[row * shape.width..][columns.0..columns.1]);
            lines.map(|line| terms.sum(line)).sum()
        }
    };
    let value = f64::from(scale) * sum;
    if functional == Functional::Root { value.sqrt() } else { value }
}

/// The gradient of a functional.
pub(super) fn seed(functional: Functional, scale: f32, x: &[f32], dx: Destination<'_>, shape: Shape) {
    let (region, terms) = terms(functional);
    let planes = dx.pieces(shape.plane()).zip(x.par_chunks(shape.plane()));
    planes.enumerate().for_each(|(channel, (dx, x))| {
        let Some(region) = region else { return terms.seed(scale, x, 0..x.len(), dx) };
        for (row, (dx, x)) in dx.lines(shape.width).zip(x.chunks(shape.width)).enumerate() {
            let reached = channel == region.channel && (region.rows.0..region.rows.1).contains(&row);
            let columns = if reached { region.columns.0..region.columns.1 } else { 0..0 };
            terms.seed(scale, x, columns, dx);
        }
    });
}

/// What a single cell adds, and its derivative.
struct Term<V, S> {
    value: V,
    slope: S,
}

/// A [`Term`] over many cells. There is one call for all of them, so that the loop is compiled together with the
/// term.
trait Terms: Sync {
    /// The sum of all terms.
    fn sum(&self, x: &[f32]) -> f64;

    /// The scaled derivatives in the cells that count, and 0 in the others.
    fn seed(&self, scale: f32, x: &[f32], inside: Range<usize>, dx: Destination<'_>);
}

impl<V: Fn(f64) -> f64 + Sync, S: Fn(f32) -> f32 + Sync> Terms for Term<V, S> {
    fn sum(&self, x: &[f32]) -> f64 {
        let sum = |piece: &[f32]| piece.iter().map(|&x| (self.value)(f64::from(x))).sum();
        x.par_chunks(PIECE).map(sum).collect::<Vec<f64>>().iter().sum()
    }

    fn seed(&self, scale: f32, x: &[f32], inside: Range<usize>, dx: Destination<'_>) {
        let slope = |(cell, &x)| if inside.contains(&cell) { scale * (self.slope)(x) } else { 0.0 };
        dx.put(x.iter().enumerate().map(slope));
    }
}

//! Values of functionals.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::net::Shape;
use crate::plan::step::Measure;
use crate::plan::{Functional, Region};

impl Run for Measure {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, functional, total, add } = self;
        let scale = functional.scale().at(at.turn.dials);
        at.memory.lend(total, |memory, total| {
            let value = measure(functional, scale, memory.get(x), x.shape);
            total[0] = if add { total[0] + value as f32 } else { value as f32 };
        });
    }
}

/// The value of a functional.
fn measure(functional: Functional, scale: f32, x: &[f32], shape: Shape) -> f64 {
    match functional {
        Functional::HalfSquares { .. } => f64::from(scale) / 2.0 * sum(x, |x| x * x),
        Functional::Magnitude { .. } => f64::from(scale) * sum(x, f64::abs),
        Functional::Root { .. } => (f64::from(scale) * sum(x, |x| x * x)).sqrt(),
        Functional::RegionSum { region, .. } => {
            let Region { channel, rows, columns } = region;
            let plane = &x[channel * shape.plane()..][..shape.plane()];
            let lines = (rows.0..rows.1).map(|row| &plane[row * shape.width..][columns.0..columns.1]);
            f64::from(scale) * lines.map(|line| sum(line, |x| x)).sum::<f64>()
        }
    }
}

fn sum(cells: &[f32], term: impl Fn(f64) -> f64 + Sync) -> f64 {
    let pieces = cells.par_chunks(PIECE).map(|piece| piece.iter().map(|&x| term(f64::from(x))).sum());
    pieces.collect::<Vec<f64>>().iter().sum()
}

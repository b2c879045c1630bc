//! Where the backward pass starts.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::net::Shape;
use crate::plan::Functional;
use crate::plan::step::Seed;

impl Run for Seed {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, functional, dx } = self;
        let scale = functional.scale().at(at.turn.dials);
        at.leave(&dx, |memory, dx| seed(functional, scale, || memory.get(x), dx, x.shape));
    }
}

/// The gradient of a functional. Only that of a square needs to know the map.
fn seed<'a>(
    functional: Functional,
    scale: f32,
    x: impl FnOnce() -> &'a [f32],
    dx: Destination<'_>,
    shape: Shape,
) {
    let channels = dx.pieces(shape.plane());
    match functional {
        Functional::HalfSquares { .. } => {
            channels
                .zip(x().par_chunks(shape.plane()))
                .for_each(|(dx, x)| dx.put(x.iter().map(|x| scale * x)));
        }
        Functional::RegionSum { region, .. } => channels.enumerate().for_each(|(channel, dx)| {
            let cells = (0..shape.height).flat_map(|row| (0..shape.width).map(move |column| (row, column)));
            let inside = cells.map(|(row, column)| region.contains(channel, row, column));
            dx.put(inside.map(|inside| if inside { scale } else { 0.0 }));
        }),
        Functional::Magnitude { .. } | Functional::Root { .. } => unreachable!("it is never climbed"),
    }
}

//! Resampling by a field of coordinates, and its transpose.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::gradient::Destination;
use crate::net::Shape;
use crate::plan::step::{Warp, WarpGradient};

impl Run for Warp {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, field, y } = self;
        at.memory.lend(y, |memory, cells| warp(memory.get(x), memory.get(field), x.shape, cells, y.shape));
    }
}

impl Run for WarpGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { dy, shares, dx } = self;
        at.leave(&dx, |memory, cells| {
            gradient(memory.get(dy), memory.get(shares), dy.shape.plane(), cells, dx.view.shape.plane());
        });
    }
}

fn warp(x: &[f32], field: &[f32], from: Shape, y: &mut [f32], to: Shape) {
    let (rows, columns) = field.split_at(to.plane());
    y.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
        let plane = &x[line / to.height * from.plane()..][..from.plane()];
        let start = line % to.height * to.width;
        let places = rows[start..].iter().zip(&columns[start..]);
        for (cell, (&row, &column)) in cells.iter_mut().zip(places) {
            *cell = Warp::corners(row, column, from).iter().map(|&(at, weight)| weight * plane[at]).sum();
        }
    });
}

fn gradient(dy: &[f32], shares: &[f32], outputs: usize, dx: Destination<'_>, inputs: usize) {
    let (starts, shares) = shares.split_at(inputs + 1);
    dx.pieces(inputs).zip(dy.par_chunks(outputs)).for_each(|(dx, dy)| {
        let whole = |cell: f32| cell.to_bits() as usize;
        dx.put(starts.windows(2).map(|ends| {
            let own = shares[2 * whole(ends[0])..2 * whole(ends[1])].chunks_exact(2);
            own.fold(0.0, |sum, share| sum + share[1] * dy[whole(share[0])])
        }));
    });
}

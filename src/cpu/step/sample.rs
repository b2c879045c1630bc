//! Resampling on a lattice that may be displaced by a flow.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::isa::Isa;
use crate::cpu::patch::{MANY, Plane, from_fn};
use crate::net::Shape;
use crate::plan::step::{Sample, Warp};

impl Run for Sample {
    fn run(&self, at: &mut Workplace<'_>) {
        let isa = at.isa;
        at.memory.lend(self.y, |memory, cells| {
            let x = memory.get(self.x);
            match self.flow {
                Some(flow) => self.along(isa, x, memory.get(flow), cells),
                None => self.on_lattice(x, cells),
            }
        });
    }
}

impl Sample {
    #[inline(always)]
    fn place(&self, cell: usize) -> f32 {
        self.first + self.pitch * cell as f32
    }

    fn along(&self, isa: Isa, x: &[f32], flow: &[f32], y: &mut [f32]) {
        let (from, to) = (self.x.shape, self.y.shape);
        let (rows, columns) = flow.split_at(to.plane());
        y.par_chunks_mut(to.width).enumerate().for_each(|(line, to_line)| {
            let (plane, row) = (plane(x, from, line / to.height), line % to.height);
            let flow = [rows, columns].map(|part| &part[row * to.width..][..to.width]);
            isa.run(Line { sample: self, plane, flow, row, to: to_line });
        });
    }

    /// The case in which every line has the same columns.
    fn on_lattice(&self, x: &[f32], y: &mut [f32]) {
        let (from, to) = (self.x.shape, self.y.shape);
        let columns: Vec<_> =
            (0..to.width).map(|column| Warp::neighbours(self.place(column), from.width)).collect();
        y.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
            let plane = plane(x, from, line / to.height);
            let [above, below] = Warp::neighbours(self.place(line % to.height), from.height);
            let lines =
                [above, below].map(|(row, down)| (&plane.cells[row * from.width..][..from.width], down));
            for (cell, columns) in cells.iter_mut().zip(&columns) {
                let corner =
                    |(line, down): (&[f32], f32), (at, across): (usize, f32)| down * across * line[at];
                let [left, right] = *columns;
                let above = [corner(lines[0], left), corner(lines[0], right)];
                let below = [corner(lines[1], left), corner(lines[1], right)];
                *cell = self.factor * (above[0] + above[1] + below[0] + below[1]);
            }
        });
    }
}

/// One task: a line of cells along a flow.
struct Line<'a> {
    sample: &'a Sample,
    plane: Plane<'a>,
    flow: [&'a [f32]; 2],
    row: usize,
    to: &'a mut [f32],
}

impl WithSimd for Line<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { sample, plane, flow: [down, right], row, to } = self;
        let row = sample.place(row);
        let (many, rest) = to.as_chunks_mut::<MANY>();
        for (number, to) in many.iter_mut().enumerate() {
            let first = number * MANY;
            let rows = from_fn(|at| row + down[first..first + MANY][at]);
            let columns = from_fn(|at| sample.place(first + at) + right[first..first + MANY][at]);
            let cells = plane.between_many(rows, columns);
            *to = from_fn(|at| sample.factor * cells[at]);
        }
        let first = many.len() * MANY;
        for (at, to) in rest.iter_mut().enumerate().map(|(at, to)| (first + at, to)) {
            *to = sample.factor * plane.between(row + down[at], sample.place(at) + right[at]);
        }
    }
}

fn plane(x: &[f32], shape: Shape, channel: usize) -> Plane<'_> {
    Plane { cells: &x[channel * shape.plane()..][..shape.plane()], shape }
}

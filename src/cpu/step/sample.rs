//! Resampling on a lattice that may be displaced by a flow.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::patch::Plane;
use crate::net::Shape;
use crate::plan::step::{Sample, Warp};

impl Run for Sample {
    fn run(&self, at: &mut Workplace<'_>) {
        at.memory.lend(self.y, |memory, cells| {
            let x = memory.get(self.x);
            match self.flow {
                Some(flow) => self.along(x, memory.get(flow), cells),
                None => self.on_lattice(x, cells),
            }
        });
    }
}

impl Sample {
    fn place(&self, cell: usize) -> f32 {
        self.first + self.pitch * cell as f32
    }

    fn along(&self, x: &[f32], flow: &[f32], y: &mut [f32]) {
        let (from, to) = (self.x.shape, self.y.shape);
        let (rows, columns) = flow.split_at(to.plane());
        y.par_chunks_mut(to.width).enumerate().for_each(|(line, cells)| {
            let plane = plane(x, from, line / to.height);
            let row = line % to.height;
            let flow = rows[row * to.width..].iter().zip(&columns[row * to.width..]);
            for ((column, cell), (down, right)) in cells.iter_mut().enumerate().zip(flow) {
                *cell = self.factor * plane.between(self.place(row) + down, self.place(column) + right);
            }
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

fn plane(x: &[f32], shape: Shape, channel: usize) -> Plane<'_> {
    Plane { cells: &x[channel * shape.plane()..][..shape.plane()], shape }
}

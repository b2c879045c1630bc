//! The fast discrete Fourier transform of spectra, some columns or rows per task.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::cpu::dft::{Dft, LANES, cells, lines};
use crate::cpu::isa::Isa;
use crate::cpu::memory::Scratch;
use crate::cpu::panel::Panel;
use crate::plan::step::{DftColumns, DftRows, DftRowsGradient, multiplicity};

impl Run for DftColumns {
    fn run(&self, at: &mut Workplace<'_>) {
        let tools = (at.isa, at.scratch);
        at.memory.lend(self.y, |memory, y| {
            let [x, scale, waves] = [self.x, self.scale, self.waves].map(|view| memory.get(view));
            self.fill(x, scale, waves, y, tools);
        });
    }
}

impl DftColumns {
    fn fill(&self, x: &[f32], scale: &[f32], waves: &[f32], y: &mut [f32], (isa, scratch): (Isa, &Scratch)) {
        let (width, height) = (self.x.shape.width, self.scale.shape.height);
        let tasks = Panel::new(y, width).split(2 * height, LANES);
        tasks.into_par_iter().for_each(|mut panel| {
            let (columns, first) = (panel.columns(), panel.rows().start);
            let count = columns.len();
            scratch.with(cells(height), |room| {
                let mut room = lines(room);
                for part in 0..2 {
                    for (row, line) in room[part].chunks_exact_mut(LANES).enumerate() {
                        let from = &x[(first + part * height + row) * width..][columns.clone()];
                        let scale = &scale[row * width..][columns.clone()];
                        line.fill(0.0);
                        line.iter_mut().zip(from).zip(scale).for_each(|((to, &from), &scale)| {
                            *to = if self.back { from } else { scale * from };
                        });
                    }
                }
                let place =
                    isa.run(Dft { waves, back: self.back, cells: room.each_mut().map(|half| &mut **half) });
                for part in 0..2 {
                    for (row, line) in room[place + part].chunks_exact(LANES).enumerate() {
                        let scale = &scale[row * width..][columns.clone()];
                        let to = panel.row(first + part * height + row).iter_mut();
                        to.zip(&line[..count]).zip(scale).for_each(|((to, &value), &scale)| {
                            *to = if self.back { scale * value } else { value };
                        });
                    }
                }
            });
        });
    }
}

impl Run for DftRows {
    fn run(&self, at: &mut Workplace<'_>) {
        let (isa, scratch) = (at.isa, at.scratch);
        at.memory.lend(self.y, |memory, y| {
            let (x, waves) = (memory.get(self.x), memory.get(self.waves));
            let (columns, height, width) = (self.x.shape.width, self.y.shape.height, self.y.shape.width);
            let channels = y.par_chunks_mut(height * width).zip(x.par_chunks(2 * height * columns));
            channels.for_each(|(y, x)| {
                let (re, im) = x.split_at(height * columns);
                let rows = LANES * columns;
                let tasks = re.par_chunks(rows).zip(im.par_chunks(rows)).zip(y.par_chunks_mut(LANES * width));
                tasks.for_each(|((re, im), y)| to_real([re, im], columns, waves, (y, width), isa, scratch));
            });
        });
    }
}

/// Transforms some rows of a half spectrum to rows of real numbers. The other half is left zero: only the real
/// part is kept, to which the mirrored half would add the same amount again.
fn to_real(
    halves: [&[f32]; 2],
    columns: usize,
    waves: &[f32],
    (y, width): (&mut [f32], usize),
    isa: Isa,
    scratch: &Scratch,
) {
    let length = waves.len() / 2;
    scratch.with(cells(length), |room| {
        let mut room = lines(room);
        for (half, cells) in halves.into_iter().zip(&mut room) {
            cells.fill(0.0);
            for (row, line) in half.chunks_exact(columns).enumerate() {
                for (column, value) in line.iter().enumerate() {
                    cells[column * LANES + row] = multiplicity(column, columns) * value;
                }
            }
        }
        let place = isa.run(Dft { waves, back: false, cells: room.each_mut().map(|half| &mut **half) });
        for (row, line) in y.chunks_exact_mut(width).enumerate() {
            line.iter_mut().enumerate().for_each(|(at, to)| *to = room[place][at * LANES + row]);
        }
    });
}

impl Run for DftRowsGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        let (isa, scratch) = (at.isa, at.scratch);
        at.memory.lend(self.dx, |memory, dx| {
            let (dy, waves) = (memory.get(self.dy), memory.get(self.waves));
            let (columns, height, width) = (self.dx.shape.width, self.dy.shape.height, self.dy.shape.width);
            let channels = dx.par_chunks_mut(2 * height * columns).zip(dy.par_chunks(height * width));
            channels.for_each(|(dx, dy)| {
                let (re, im) = dx.split_at_mut(height * columns);
                let rows = LANES * columns;
                let tasks =
                    re.par_chunks_mut(rows).zip(im.par_chunks_mut(rows)).zip(dy.par_chunks(LANES * width));
                tasks.for_each(|((re, im), dy)| {
                    from_real((dy, width), waves, [re, im], columns, isa, scratch)
                });
            });
        });
    }
}

/// The transpose of [`to_real`].
fn from_real(
    (dy, width): (&[f32], usize),
    waves: &[f32],
    halves: [&mut [f32]; 2],
    columns: usize,
    isa: Isa,
    scratch: &Scratch,
) {
    let length = waves.len() / 2;
    scratch.with(cells(length), |room| {
        let mut room = lines(room);
        room[0].fill(0.0);
        room[1].fill(0.0);
        for (row, line) in dy.chunks_exact(width).enumerate() {
            line.iter().enumerate().for_each(|(at, &from)| room[0][at * LANES + row] = from);
        }
        let place = isa.run(Dft { waves, back: true, cells: room.each_mut().map(|half| &mut **half) });
        for (part, half) in halves.into_iter().enumerate() {
            for (row, line) in half.chunks_exact_mut(columns).enumerate() {
                for (column, to) in line.iter_mut().enumerate() {
                    *to = multiplicity(column, columns) * room[place + part][column * LANES + row];
                }
            }
        }
    });
}

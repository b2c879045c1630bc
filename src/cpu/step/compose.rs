//! Adds waves to a picture.

use rayon::prelude::*;

use super::spread::Spreading;
use super::{Run, Workplace};
use crate::plan::blocks::pitch;
use crate::plan::step::Compose;

impl Run for Compose {
    fn run(&self, at: &mut Workplace<'_>) {
        let (shape, grid, scratch) = (self.y.shape, self.parts.shape, at.scratch);
        let (plane, width) = (shape.plane(), shape.width);
        let spread = Spreading::new(pitch(shape.extent(), shape.extent()), grid, shape);
        at.memory.lend(self.y, |memory, cells| {
            let (x, waves, parts) = (memory.get(self.x), memory.get(self.waves), memory.get(self.parts));
            let mut channels = cells.chunks_exact_mut(plane).map(|channel| channel.par_chunks_mut(width));
            let [red, green, blue] = std::array::from_fn(|_| channels.next().expect("three channels"));
            red.zip(green).zip(blue).enumerate().for_each(|(row, ((red, green), blue))| {
                let mut lines = [red, green, blue];
                for (channel, line) in lines.iter_mut().enumerate() {
                    line.copy_from_slice(&x[channel * plane + row * width..][..width]);
                }
                scratch.with(width, |part| {
                    for (number, parts) in parts.chunks_exact(grid.plane()).enumerate() {
                        part.iter_mut().zip(spread.line(parts, row)).for_each(|(to, part)| *to = part);
                        for (channel, line) in lines.iter_mut().enumerate() {
                            let waves = &waves[(3 * number + channel) * plane + row * width..][..width];
                            let added = waves.iter().zip(&*part);
                            line.iter_mut().zip(added).for_each(|(cell, (wave, part))| *cell += wave * part);
                        }
                    }
                });
                for (line, (low, high)) in lines.iter_mut().zip(self.bounds) {
                    line.iter_mut().for_each(|cell| *cell = cell.clamp(low, high));
                }
            });
        });
    }
}

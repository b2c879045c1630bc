//! Means over blocks.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::blocks::BLOCK;
use crate::plan::step::Means;

impl Run for Means {
    fn run(&self, at: &mut Workplace<'_>) {
        let (grid, plane) = (self.y.shape, self.x.shape.plane());
        let group = self.x.shape.channels / grid.channels;
        at.memory.lend(self.y, |memory, cells| {
            let x = memory.get(self.x);
            cells.par_chunks_mut(grid.width).enumerate().for_each(|(line, y)| {
                let maps = &x[line / grid.height * group * plane..][..group * plane];
                self.fill(maps, line % grid.height, y);
            });
        });
    }
}

impl Means {
    /// Computes a row of blocks, each over several maps together.
    fn fill(&self, maps: &[f32], line: usize, y: &mut [f32]) {
        let (height, width) = (self.x.shape.height, self.x.shape.width);
        let rows = BLOCK * line..(BLOCK * (line + 1)).min(height);
        let group = maps.len() / (height * width);
        y.fill(0.0);
        for map in maps.chunks_exact(height * width) {
            for row in rows.clone() {
                let blocks = map[row * width..][..width].chunks(BLOCK);
                for (sum, cells) in y.iter_mut().zip(blocks) {
                    *sum += if self.squared {
                        cells.iter().map(|x| x * x).sum::<f32>()
                    } else {
                        cells.iter().sum()
                    };
                }
            }
        }
        for (block, mean) in y.iter_mut().enumerate() {
            let columns = BLOCK.min(width - BLOCK * block);
            *mean /= (group * rows.len() * columns) as f32;
        }
    }
}

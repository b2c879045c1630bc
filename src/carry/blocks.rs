//! Numbers by place and octave: for each octave, one for every [block](crate::plan::blocks) of a picture.

use crate::extent::Extent;
use crate::net::Shape;
use crate::plan::blocks::BLOCK;

/// A number for each octave and each block of the largest: how strong its waves are, or are to be; what part of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// How many blocks there are.
    pub(super) grid: Extent,
    /// Of each octave, smallest first.
    pub(super) bands: Vec<Vec<f32>>,
}

impl Blocks {
    /// Of the cells of a map that has one for each block.
    pub(super) fn of(shape: Shape, cells: Vec<f32>) -> Self {
        let bands = cells.chunks_exact(shape.plane()).map(<[f32]>::to_vec).collect();
        Self { grid: shape.extent(), bands }
    }

    /// The mean over all places, of each octave.
    pub(super) fn means(&self) -> Vec<f32> {
        let mean =
            |band: &Vec<f32>| band.iter().map(|&cell| f64::from(cell)).sum::<f64>() / band.len() as f64;
        self.bands.iter().map(|band| mean(band) as f32).collect()
    }

    /// Applies a rule to each number.
    pub(super) fn map(&self, rule: impl Fn(f32) -> f32) -> Self {
        let bands = self.bands.iter().map(|band| band.iter().map(|&cell| rule(cell)).collect());
        Self { grid: self.grid, bands: bands.collect() }
    }

    /// Applies a rule to each number and its counterpart; the rule is given the octave.
    pub(super) fn with(&self, others: &Self, rule: impl Fn(usize, f32, f32) -> f32) -> Self {
        let bands = self.bands.iter().zip(&others.bands).enumerate().map(|(octave, (band, others))| {
            band.iter().zip(others).map(|(&cell, &other)| rule(octave, cell, other)).collect()
        });
        Self { grid: self.grid, bands: bands.collect() }
    }

    /// Each number times its block's.
    pub(super) fn times(&self, blocks: &[f32]) -> Self {
        let bands = self.bands.iter().map(|band| band.iter().zip(blocks).map(|(cell, other)| cell * other));
        Self { grid: self.grid, bands: bands.map(Iterator::collect).collect() }
    }

    /// What it is where each block comes from, as far as that can be relied on (0 to 255), and these means elsewhere.
    pub(super) fn along(
        &self,
        vectors: impl Iterator<Item = [f32; 2]>,
        reliable: &[f32],
        means: &[f32],
    ) -> Self {
        let places: Vec<(f32, f32, f32)> = vectors
            .zip(reliable)
            .enumerate()
            .map(|(block, ([down, right], reliable))| {
                let (row, column) = (block / self.grid.width, block % self.grid.width);
                let [down, right] = [down, right].map(|by| by / BLOCK as f32);
                (row as f32 + down, column as f32 + right, reliable / 255.0)
            })
            .collect();
        let along = |(band, &mean): (&Vec<f32>, &f32)| -> Vec<f32> {
            let cell = |&(row, column, reliable): &(f32, f32, f32)| {
                reliable * between(band, self.grid, row, column) + (1.0 - reliable) * mean
            };
            places.iter().map(cell).collect()
        };
        Self { grid: self.grid, bands: self.bands.iter().zip(means).map(along).collect() }
    }
}

/// A map between its cells; outside, it continues with its border.
fn between(map: &[f32], size: Extent, row: f32, column: f32) -> f32 {
    let place = |at: f32, size: usize| {
        let at = at.clamp(0.0, (size - 1) as f32);
        let first = (at as usize).min(size.saturating_sub(2));
        (first, (first + 1).min(size - 1), at - first as f32)
    };
    let ((above, below, down), (left, right, over)) = (place(row, size.height), place(column, size.width));
    let across = |row: usize| {
        let line = &map[row * size.width..];
        line[left] * (1.0 - over) + line[right] * over
    };
    across(above) * (1.0 - down) + across(below) * down
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carry::Motion;

    #[test]
    fn strength_moves_with_the_flow_and_is_the_mean_where_nothing_is_known() {
        let (grid, size) = (Extent::new(12, 20), Extent::new(48, 80));
        let band = (0..grid.plane()).map(|at| if at % grid.width >= 10 { 2.0 } else { 0.0 }).collect();
        let strength = Blocks { grid, bands: vec![band] };
        // Every place takes what lies 40 pixels to its right, but for the last ones.
        let mut motion = Motion::alike(size, [0.0, 40.0, 255.0]);
        motion.means.bands[2]
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| at % grid.width >= 10)
            .for_each(|(_, reliable)| *reliable = 0.0);
        let moved = strength.along(motion.vectors(), motion.reliable(), &[7.0]);
        let at = |column: usize| moved.bands[0][6 * grid.width + column];
        assert_eq!([at(4), at(16)], [2.0, 7.0]);
    }
}

//! Values per octave and place: for each octave, one value for every [block](crate::plan::blocks) of a picture.

use crate::extent::Extent;
use crate::net::Shape;
use crate::plan::blocks::BLOCK;

/// The least strength that counts, in levels: what lies outside all masks has less.
pub(super) const WEAKEST: f32 = 1e-3;

/// One value for each octave and each block of the largest octave, such as the actual or intended strength of its
/// waves, or the fraction of them to keep.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// How many blocks there are.
    pub(super) grid: Extent,
    /// The values of each octave, smallest octave first.
    pub(super) bands: Vec<Vec<f32>>,
}

impl Blocks {
    /// Takes the cells of a map that has one for each block.
    pub(super) fn of(shape: Shape, cells: Vec<f32>) -> Self {
        let bands = cells.chunks_exact(shape.plane()).map(<[f32]>::to_vec).collect();
        Self { grid: shape.extent(), bands }
    }

    /// The mean of each octave over all blocks that have any.
    pub(super) fn means(&self) -> Vec<f32> {
        let mean = |band: &Vec<f32>| {
            let blocks = band.iter().filter(|&&cell| cell > WEAKEST).count().max(1);
            band.iter().map(|&cell| f64::from(cell)).sum::<f64>() / blocks as f64
        };
        self.bands.iter().map(|band| mean(band) as f32).collect()
    }

    /// The values of the largest octave.
    pub(super) fn largest(&self) -> &[f32] {
        &self.bands[self.bands.len() - 1]
    }

    /// Applies a rule to each number.
    pub(super) fn map(&self, rule: impl Fn(f32) -> f32) -> Self {
        let bands = self.bands.iter().map(|band| band.iter().map(|&cell| rule(cell)).collect());
        Self { grid: self.grid, bands: bands.collect() }
    }

    /// Applies a rule to each number and its counterpart; the rule also receives the octave.
    pub(super) fn with(&self, others: &Self, rule: impl Fn(usize, f32, f32) -> f32) -> Self {
        let bands = self.bands.iter().zip(&others.bands).enumerate().map(|(octave, (band, others))| {
            band.iter().zip(others).map(|(&cell, &other)| rule(octave, cell, other)).collect()
        });
        Self { grid: self.grid, bands: bands.collect() }
    }

    /// Multiplies each value by the value given for its block.
    pub(super) fn times(&self, blocks: &[f32]) -> Self {
        let bands = self.bands.iter().map(|band| band.iter().zip(blocks).map(|(cell, other)| cell * other));
        Self { grid: self.grid, bands: bands.map(Iterator::collect).collect() }
    }

    /// The values at the places that the blocks come from, in proportion to their reliability (0 to 255); the rest is
    /// made up by `means`.
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

/// Samples a map bilinearly. Outside, its border cells are repeated.
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
        // Every place takes its value from 40 pixels to its right, except for the last ones.
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

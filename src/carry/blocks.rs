//! Numbers by place and octave: for each octave, one for every block of a picture.

use crate::extent::Extent;
use crate::flow::Flow;

/// Side of a block in pixels, the smallest area that is treated separately.
const BLOCK: usize = 4;

/// A number for each octave and each block of the largest: how strong its waves are, or are to be; what part of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// How many blocks there are.
    pub(super) grid: Extent,
    /// Of each octave, smallest first.
    pub(super) bands: Vec<Vec<f32>>,
}

impl Blocks {
    /// The blocks of a picture of this size.
    pub(super) fn grid(size: Extent) -> Extent {
        Extent::new(size.height.div_ceil(BLOCK), size.width.div_ceil(BLOCK))
    }

    /// The number of a pixel's block.
    pub(super) fn number(pixel: usize, size: Extent, grid: Extent) -> usize {
        pixel / size.width / BLOCK * grid.width + pixel % size.width / BLOCK
    }

    /// The mean over all places, of each octave.
    pub(super) fn means(&self) -> Vec<f32> {
        let mean =
            |band: &Vec<f32>| band.iter().map(|&cell| f64::from(cell)).sum::<f64>() / band.len() as f64;
        self.bands.iter().map(|band| mean(band) as f32).collect()
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

    /// The means of a picture's map in each block.
    pub(super) fn means_of(&self, map: &[f32], size: Extent) -> Vec<f32> {
        (0..self.grid.plane()).map(|block| block_mean(map, size, self.grid, block)).collect()
    }

    /// What it is where a flow leads to, as far as that can be relied on (0 to 255), and these means elsewhere.
    pub(super) fn along(&self, flow: &Flow, reliable: &[f32], means: &[f32]) -> Self {
        let size = flow.extent();
        let ends = |map: &[f32], block: usize| block_mean(map, size, self.grid, block);
        let places: Vec<(f32, f32, f32)> = (0..self.grid.plane())
            .map(|block| {
                let (row, column) = (block / self.grid.width, block % self.grid.width);
                let down = ends(flow.down(), block) / BLOCK as f32;
                let right = ends(flow.right(), block) / BLOCK as f32;
                (row as f32 + down, column as f32 + right, ends(reliable, block) / 255.0)
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

    /// One octave's numbers, one for each pixel of this octave's size; blocks are of the full size.
    pub(super) fn spread(&self, number: usize, full: Extent, octave: Extent) -> Vec<f32> {
        let place = |at: usize, from: usize, to: usize| {
            (at as f32 + 0.5) * to as f32 / from as f32 / BLOCK as f32 - 0.5
        };
        let columns: Vec<f32> =
            (0..octave.width).map(|column| place(column, octave.width, full.width)).collect();
        let line = |row: usize| {
            let row = place(row, octave.height, full.height);
            columns.iter().map(move |&column| between(&self.bands[number], self.grid, row, column))
        };
        (0..octave.height).flat_map(line).collect()
    }
}

/// The mean of a map's cells in a block.
pub(super) fn block_mean(map: &[f32], size: Extent, grid: Extent, block: usize) -> f32 {
    let (row, column) = (BLOCK * (block / grid.width), BLOCK * (block % grid.width));
    let (end, last) = ((row + BLOCK).min(size.height), (column + BLOCK).min(size.width));
    let sum: f32 = (row..end).map(|row| map[row * size.width..][column..last].iter().sum::<f32>()).sum();
    sum / ((end - row) * (last - column)) as f32
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
    use crate::carry::waves::Waves;

    const SIZES: [Extent; 3] = [Extent::new(12, 20), Extent::new(24, 40), Extent::new(48, 80)];

    #[test]
    fn strength_moves_with_the_flow_and_is_the_mean_where_nothing_is_known() {
        let size = SIZES[2];
        let mut cells = vec![0.0; 3 * size.plane()];
        for channel in cells.chunks_exact_mut(size.plane()) {
            channel
                .iter_mut()
                .enumerate()
                .filter(|(at, _)| at % size.width >= 40)
                .for_each(|(_, cell)| *cell = 2.0);
        }
        let strength = Waves::of(cells, &SIZES[2..]).strength();
        let at = |strength: &Blocks, column: usize| strength.bands[0][6 * strength.grid.width + column];
        assert!(at(&strength, 4) < 0.01 && (at(&strength, 16) - 2.0).abs() < 0.01);
        // Every place takes what lies 40 pixels to its right, but for the last ones.
        let flow = Flow::new(size, [vec![0.0; size.plane()], vec![40.0; size.plane()]].concat());
        let reliable: Vec<f32> =
            (0..size.plane()).map(|at| if at % size.width < 40 { 255.0 } else { 0.0 }).collect();
        let moved = strength.along(&flow, &reliable, &[7.0]);
        assert!((at(&moved, 4) - 2.0).abs() < 0.01 && (at(&moved, 16) - 7.0).abs() < 0.01);
    }

    #[test]
    fn a_map_of_blocks_has_every_octave_s_size() {
        let grid = Blocks::grid(SIZES[2]);
        let slope = (0..grid.plane()).map(|block| (block % grid.width) as f32).collect();
        let slope = Blocks { grid, bands: vec![slope] };
        for octave in SIZES {
            let spread = slope.spread(0, SIZES[2], octave);
            assert_eq!(spread.len(), octave.plane());
            // The middle of a picture is the middle of its blocks.
            let middle = 0.5 * (spread[octave.width / 2 - 1] + spread[octave.width / 2]);
            assert!((middle - 9.5).abs() < 1e-4, "{octave}: {middle}");
        }
    }
}

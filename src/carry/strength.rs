//! How strong what a dream added is: place by place, and from coarse to fine.

use crate::extent::Extent;
use crate::flow::Flow;

/// Pixels of a side of a block, the smallest place that is told apart.
const BLOCK: usize = 4;
/// Deviation of the Gaussian over which strength is a mean, in blocks: six pixels.
const SOFT: f32 = 1.5;
/// What divides the waves of an octave from those of the next finer one: the deviation of a Gaussian, in pixels of the
/// coarser.
const EDGE: f32 = 0.62;

/// Mean squares of a map in three channels, in blocks of [`BLOCK`] pixels: of each octave's waves, smallest first, those
/// that the octaves below it have no room for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Strength {
    pub(super) grid: Extent,
    pub(super) bands: Vec<Vec<f32>>,
}

impl Strength {
    /// Of `[3][height][width]` cells in the size of the last of these octaves.
    pub(super) fn of(cells: &[f32], octaves: &[Extent]) -> Self {
        let size = octaves[octaves.len() - 1];
        let grid = Self::grid(size);
        let mut rest = cells.to_vec();
        let (mut bands, mut reached) = (Vec::new(), 0.0_f32);
        for coarser in octaves.iter().rev().skip(1) {
            let edge = EDGE * size.longest() as f32 / coarser.longest() as f32;
            // One Gaussian after another is one, and its variance is the sum.
            let kernel = gaussian((edge * edge - reached * reached).max(0.0).sqrt());
            let coarse: Vec<f32> =
                rest.chunks_exact(size.plane()).flat_map(|plane| blurred(plane, size, &kernel)).collect();
            rest.iter_mut().zip(&coarse).for_each(|(fine, coarse)| *fine -= coarse);
            bands.push(mean_squares(&rest, size, grid));
            (rest, reached) = (coarse, edge);
        }
        bands.push(mean_squares(&rest, size, grid));
        bands.reverse();
        Self { grid, bands }
    }

    /// The blocks of a picture of this size.
    pub(super) fn grid(size: Extent) -> Extent {
        Extent::new(size.height.div_ceil(BLOCK), size.width.div_ceil(BLOCK))
    }

    /// The mean over all places, of each band.
    pub(super) fn means(&self) -> Vec<f32> {
        let mean =
            |band: &Vec<f32>| band.iter().map(|&cell| f64::from(cell)).sum::<f64>() / band.len() as f64;
        self.bands.iter().map(|band| mean(band) as f32).collect()
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

    /// A map of blocks in a picture's size, which is an octave's.
    pub(super) fn spread(&self, blocks: &[f32], full: Extent, octave: Extent) -> Vec<f32> {
        let place = |at: usize, from: usize, to: usize| {
            (at as f32 + 0.5) * to as f32 / from as f32 / BLOCK as f32 - 0.5
        };
        let columns: Vec<f32> =
            (0..octave.width).map(|column| place(column, octave.width, full.width)).collect();
        let line = |row: usize| {
            let row = place(row, octave.height, full.height);
            columns.iter().map(move |&column| between(blocks, self.grid, row, column))
        };
        (0..octave.height).flat_map(line).collect()
    }
}

/// The mean of a map's cells in a block.
fn block_mean(map: &[f32], size: Extent, grid: Extent, block: usize) -> f32 {
    let (row, column) = (BLOCK * (block / grid.width), BLOCK * (block % grid.width));
    let (end, last) = ((row + BLOCK).min(size.height), (column + BLOCK).min(size.width));
    let sum: f32 = (row..end).map(|row| map[row * size.width..][column..last].iter().sum::<f32>()).sum();
    sum / ((end - row) * (last - column)) as f32
}

/// Mean squares of all channels in each block and around it.
fn mean_squares(cells: &[f32], size: Extent, grid: Extent) -> Vec<f32> {
    let plane = size.plane();
    let squares: Vec<f32> = (0..plane)
        .map(|at| cells.iter().skip(at).step_by(plane).map(|cell| cell * cell).sum::<f32>() / 3.0)
        .collect();
    let blocks: Vec<f32> = (0..grid.plane()).map(|block| block_mean(&squares, size, grid, block)).collect();
    blurred(&blocks, grid, &gaussian(SOFT))
}

/// Half of a Gaussian of this deviation, from the middle on, so that all of it adds up to 1.
fn gaussian(deviation: f32) -> Vec<f32> {
    let reach = (3.0 * deviation).ceil() as usize;
    let weigh = |at: usize| (-0.5 * (at as f32 / deviation.max(1e-6)).powi(2)).exp();
    let half: Vec<f32> = (0..=reach).map(weigh).collect();
    let total = 2.0 * half.iter().sum::<f32>() - half[0];
    half.into_iter().map(|weight| weight / total).collect()
}

/// A map under a symmetric kernel, given from its middle on. Outside, it goes on as it ends.
fn blurred(map: &[f32], size: Extent, kernel: &[f32]) -> Vec<f32> {
    let Extent { height, width } = size;
    let mut down = vec![0.0; map.len()];
    for (row, line) in down.chunks_exact_mut(width).enumerate() {
        for (by, &weight) in kernel.iter().enumerate() {
            let (above, below) = (row.saturating_sub(by), (row + by).min(height - 1));
            let (above, below) = (&map[above * width..][..width], &map[below * width..][..width]);
            let weight = if by == 0 { 0.5 * weight } else { weight };
            for ((cell, above), below) in line.iter_mut().zip(above).zip(below) {
                *cell += weight * (above + below);
            }
        }
    }
    let reach = kernel.len() - 1;
    let mut padded = vec![0.0; width + 2 * reach];
    for line in down.chunks_exact_mut(width) {
        padded[..reach].fill(line[0]);
        padded[reach..][..width].copy_from_slice(line);
        padded[reach + width..].fill(line[width - 1]);
        line.iter_mut().zip(&padded[reach..]).for_each(|(cell, middle)| *cell = kernel[0] * middle);
        for (by, &weight) in kernel.iter().enumerate().skip(1) {
            let (before, behind) = (&padded[reach - by..], &padded[reach + by..]);
            for ((cell, before), behind) in line.iter_mut().zip(before).zip(behind) {
                *cell += weight * (before + behind);
            }
        }
    }
    down
}

/// A map between its cells; outside it goes on as it ends.
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

    const SIZES: [Extent; 3] = [Extent::new(12, 20), Extent::new(24, 40), Extent::new(48, 80)];

    /// Waves of one length in all three channels, of mean square 8.
    fn waves(length: f32) -> Vec<f32> {
        let size = SIZES[2];
        let level = |at: usize| {
            let (row, column) = ((at / size.width) as f32, (at % size.width) as f32);
            4.0 * (std::f32::consts::TAU * (0.6 * row + 0.8 * column) / length).sin()
        };
        (0..3 * size.plane()).map(|at| level(at % size.plane())).collect()
    }

    #[test]
    fn waves_count_in_the_octave_that_has_room_for_them() {
        for (length, band) in [(2.5, 2), (8.0, 1), (40.0, 0)] {
            let means = Strength::of(&waves(length), &SIZES).means();
            let most = (0..3).max_by(|&a, &b| means[a].total_cmp(&means[b])).expect("three");
            assert_eq!(most, band, "{length}: {means:?}");
        }
        // With one octave all of it is in one band: 16 / 2.
        let means = Strength::of(&waves(5.0), &SIZES[2..]).means();
        assert!((means[0] - 8.0).abs() < 0.2, "{means:?}");
    }

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
        let strength = Strength::of(&cells, &SIZES[2..]);
        let at = |strength: &Strength, column: usize| strength.bands[0][6 * strength.grid.width + column];
        assert!(at(&strength, 4) < 0.01 && (at(&strength, 16) - 4.0).abs() < 0.01);
        // Every place takes what lies 40 pixels to its right, but for the last ones.
        let flow = Flow::new(size, [vec![0.0; size.plane()], vec![40.0; size.plane()]].concat());
        let reliable: Vec<f32> =
            (0..size.plane()).map(|at| if at % size.width < 40 { 255.0 } else { 0.0 }).collect();
        let moved = strength.along(&flow, &reliable, &[7.0]);
        assert!((at(&moved, 4) - 4.0).abs() < 0.01 && (at(&moved, 16) - 7.0).abs() < 0.01);
    }

    #[test]
    fn a_map_of_blocks_has_every_octave_s_size() {
        let strength = Strength::of(&waves(9.0), &SIZES);
        let (rows, columns) = (strength.grid.height, strength.grid.width);
        let slope: Vec<f32> = (0..rows * columns).map(|block| (block % columns) as f32).collect();
        for octave in SIZES {
            let spread = strength.spread(&slope, SIZES[2], octave);
            assert_eq!(spread.len(), octave.plane());
            // The middle of a picture is the middle of its blocks.
            let middle = 0.5 * (spread[octave.width / 2 - 1] + spread[octave.width / 2]);
            assert!((middle - 9.5).abs() < 1e-4, "{octave}: {middle}");
        }
    }
}

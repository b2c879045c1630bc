//! What a dream added, split into octaves: how strong each one's waves are, place by place.

use super::blocks::{Blocks, block_mean};
use super::blur::{blurred, gaussian};
use crate::extent::Extent;

/// Deviation of the Gaussian over which strength is a mean, in blocks: six pixels.
const SOFT: f32 = 1.5;
/// What divides the waves of an octave from those of the next finer one: the deviation of a Gaussian, in pixels of the
/// coarser.
const EDGE: f32 = 0.62;

/// A map in three channels, taken apart by octaves: each one's waves are those that the octaves below it have no room for.
/// Together they are the map.
pub(super) struct Waves {
    size: Extent,
    /// Of each octave, smallest first, in the size of the largest: `[3][height][width]`.
    bands: Vec<Vec<f32>>,
}

impl Waves {
    /// Of `[3][height][width]` cells in the size of the last of these octaves.
    pub(super) fn of(cells: Vec<f32>, octaves: &[Extent]) -> Self {
        let size = octaves[octaves.len() - 1];
        let (mut rest, mut bands, mut reached) = (cells, Vec::new(), 0.0_f32);
        for coarser in octaves.iter().rev().skip(1) {
            let edge = EDGE * size.longest() as f32 / coarser.longest() as f32;
            // One Gaussian after another is one, and its variance is the sum.
            let kernel = gaussian((edge * edge - reached * reached).max(0.0).sqrt());
            let coarse: Vec<f32> =
                rest.chunks_exact(size.plane()).flat_map(|plane| blurred(plane, size, &kernel)).collect();
            rest.iter_mut().zip(&coarse).for_each(|(fine, coarse)| *fine -= coarse);
            bands.push(rest);
            (rest, reached) = (coarse, edge);
        }
        bands.push(rest);
        bands.reverse();
        Self { size, bands }
    }

    /// How strong they are: the root mean square of all channels in each block and around it.
    pub(super) fn strength(&self) -> Blocks {
        let grid = Blocks::grid(self.size);
        Blocks { grid, bands: self.bands.iter().map(|band| deviations(band, self.size, grid)).collect() }
    }

    /// The map, with this part of each.
    pub(super) fn times(&self, parts: &Blocks) -> Vec<f32> {
        let mut sum = vec![0.0; 3 * self.size.plane()];
        for (number, band) in self.bands.iter().enumerate() {
            let parts = parts.spread(number, self.size, self.size);
            for (sum, band) in sum.chunks_exact_mut(parts.len()).zip(band.chunks_exact(parts.len())) {
                sum.iter_mut().zip(band).zip(&parts).for_each(|((sum, wave), part)| *sum += wave * part);
            }
        }
        sum
    }
}

/// The root mean square of all channels in each block and around it.
fn deviations(cells: &[f32], size: Extent, grid: Extent) -> Vec<f32> {
    let plane = size.plane();
    let squares: Vec<f32> = (0..plane)
        .map(|at| cells.iter().skip(at).step_by(plane).map(|cell| cell * cell).sum::<f32>() / 3.0)
        .collect();
    let blocks: Vec<f32> = (0..grid.plane()).map(|block| block_mean(&squares, size, grid, block)).collect();
    blurred(&blocks, grid, &gaussian(SOFT)).into_iter().map(f32::sqrt).collect()
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
            let means = Waves::of(waves(length), &SIZES).strength().means();
            let most = (0..3).max_by(|&a, &b| means[a].total_cmp(&means[b])).expect("three");
            assert_eq!(most, band, "{length}: {means:?}");
        }
        // With one octave all of it is in one band: waves of 4 levels have a root mean square of 4 / sqrt(2).
        let means = Waves::of(waves(5.0), &SIZES[2..]).strength().means();
        assert!((means[0] - 8.0_f32.sqrt()).abs() < 0.04, "{means:?}");
    }

    #[test]
    fn all_waves_together_are_the_map_and_each_can_be_made_weaker() {
        let map = waves(8.0);
        let apart = Waves::of(map.clone(), &SIZES);
        let mut parts = apart.strength();
        parts.bands.iter_mut().flatten().for_each(|part| *part = 1.0);
        // Two differences are added up again: errors of a rounding each, of at most 8 levels.
        let same = |a: &f32, b: &f32| (a - b).abs() < 8.0 * 4.0 * f32::EPSILON;
        assert!(apart.times(&parts).iter().zip(&map).all(|(a, b)| same(a, b)));
        // Waves of eight pixels are the middle octave's.
        parts.bands[1].fill(0.5);
        let weaker = Waves::of(apart.times(&parts), &SIZES).strength().means();
        let before = apart.strength().means();
        assert!((0.5..0.8).contains(&(weaker[1] / before[1])), "{weaker:?} of {before:?}");
    }
}

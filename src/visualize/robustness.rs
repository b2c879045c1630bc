//! The transformation of a picture before the network sees it: padded, shifted, scaled and rotated, at random in
//! each step.
//!
//! Where others resample several times, a single matrix is used here, and the picture is resampled once,
//! bilinearly: see [`Transform`](crate::plan::step::Transform). The network sees it on a canvas of fixed size,
//! whatever the scale.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

use crate::extent::Extent;
use crate::plan::IN_PLACE;

/// The recipe by which pictures are transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robustness {
    /// No transformation.
    None,
    /// The library lucid's `standard_transforms`.
    Lucid,
    /// The recipe of the article "Feature Visualization" (Distill, 2017).
    Distill,
}

/// The numbers of a recipe.
struct Recipe {
    /// The width of the gray padding around the picture, in pixels.
    pad: usize,
    /// The ranges of the two shifts, one before and one after scaling and rotating. A shift is drawn in whole
    /// pixels from 0 to its range, and half the range means no shift.
    shifts: [usize; 2],
    scales: &'static [f64],
    /// Angles in degrees.
    angles: &'static [f64],
    /// Whether the padding is cropped again in the end.
    crop: bool,
}

const LUCID: Recipe = Recipe {
    pad: 12,
    shifts: [8, 4],
    scales: &[0.90, 0.92, 0.94, 0.96, 0.98, 1.00, 1.02, 1.04, 1.06, 1.08, 1.10],
    angles: &[
        -10.0, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0,
        8.0, 9.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ],
    crop: false,
};

const DISTILL: Recipe = Recipe {
    pad: 16,
    shifts: [16, 8],
    scales: &[1.0, 0.975, 1.025, 0.95, 1.05],
    angles: &[-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
    crop: true,
};

impl Robustness {
    fn recipe(self) -> Option<&'static Recipe> {
        match self {
            Self::None => None,
            Self::Lucid => Some(&LUCID),
            Self::Distill => Some(&DISTILL),
        }
    }

    /// The size in which the network sees a picture of this size.
    pub fn canvas(self, size: Extent) -> Extent {
        let grown = match self.recipe() {
            Some(recipe) if !recipe.crop => 2 * recipe.pad - recipe.shifts[0] - recipe.shifts[1],
            _ => 0,
        };
        Extent::new(size.height + grown, size.width + grown)
    }

    /// Draws the matrix of a step, which maps each cell of the canvas to its place in the picture.
    pub(super) fn draw(self, size: Extent, random: &mut Pcg64Mcg) -> [f32; 6] {
        let Some(recipe) = self.recipe() else { return IN_PLACE };
        let mut below = |count: usize| ((u128::from(random.next_u64()) * count as u128) >> 64) as usize;
        let mut shift = |most: usize| [(); 2].map(|()| below(most + 1) as f64 - most as f64 / 2.0);
        let (first, second) = (shift(recipe.shifts[0]), shift(recipe.shifts[1]));
        let scale = recipe.scales[below(recipe.scales.len())];
        let angle = recipe.angles[below(recipe.angles.len())];
        matrix(size, self.canvas(size), [first, second], scale, angle)
    }
}

/// The matrix from a cell of the canvas to a place in the picture: relative to the middle of the canvas, the cell
/// is shifted, rotated, scaled and shifted, which gives the place relative to the middle of the picture. Each
/// operation is the inverse of what is done to the picture, in reverse order.
fn matrix(size: Extent, canvas: Extent, [first, second]: [[f64; 2]; 2], scale: f64, angle: f64) -> [f32; 6] {
    let (sine, cosine) = angle.to_radians().sin_cos();
    let middle = |extent: Extent| [extent.height, extent.width].map(|side| (side as f64 - 1.0) / 2.0);
    let (from, to) = (middle(canvas), middle(size));
    let start = [second[0] - from[0], second[1] - from[1]];
    let row = [cosine / scale, -sine / scale];
    let column = [sine / scale, cosine / scale];
    let place = |by: [f64; 2], axis: usize| by[0] * start[0] + by[1] * start[1] + to[axis] + first[axis];
    [row[0], row[1], place(row, 0), column[0], column[1], place(column, 1)].map(|number| number as f32)
}

#[cfg(test)]
mod tests {
    use rand_pcg::rand_core::SeedableRng;

    use super::*;

    const SIZE: Extent = Extent::new(128, 96);

    #[test]
    fn canvases_are_as_large_as_the_recipes_leave_them() {
        assert_eq!(Robustness::None.canvas(SIZE), SIZE);
        // 128 + 24 - 8 - 4, at a scale of 1.
        assert_eq!(Robustness::Lucid.canvas(SIZE), Extent::new(140, 108));
        assert_eq!(Robustness::Distill.canvas(SIZE), SIZE);
    }

    #[test]
    fn what_is_not_shaken_stays_in_the_middle() {
        let still = [[0.0; 2]; 2];
        assert_eq!(matrix(SIZE, SIZE, still, 1.0, 0.0), IN_PLACE);
        let padded = matrix(SIZE, Robustness::Lucid.canvas(SIZE), still, 1.0, 0.0);
        assert_eq!(padded, [1.0, 0.0, -6.0, 0.0, 1.0, -6.0]);
        // At twice the size, the corner of the canvas is half as far from the middle.
        assert_eq!(matrix(SIZE, SIZE, still, 2.0, 0.0)[2], 63.5 / 2.0);
        // A quarter turn: rows become columns.
        let [down, across, start, ..] = matrix(Extent::new(5, 5), Extent::new(5, 5), still, 1.0, 90.0);
        assert!(down.abs() < 1e-6 && (across + 1.0).abs() < 1e-6 && (start - 4.0).abs() < 1e-6);
    }

    #[test]
    fn draws_are_the_seeds_and_stay_within_the_recipe() {
        let draws = |seed| {
            let mut random = Pcg64Mcg::seed_from_u64(seed);
            (0..400).map(|_| Robustness::Lucid.draw(SIZE, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(draws(5), draws(5));
        assert_ne!(draws(5), draws(6));
        let scales: Vec<f64> =
            draws(5).iter().map(|m| 1.0 / f64::from(m[0]).hypot(f64::from(m[1]))).collect();
        let [least, most] =
            [f64::min, f64::max].map(|most| scales.iter().copied().reduce(most).expect("some"));
        assert!((least - 0.9).abs() < 1e-5 && (most - 1.1).abs() < 1e-5, "{least} to {most}");
        // Six of the 26 angles are 0: 400 draws with probability 6/26 give 92 with a standard deviation of 8.4;
        // the bounds are about five of these away.
        let straight = draws(5).iter().filter(|m| m[1] == 0.0).count();
        assert!((50..135).contains(&straight), "{straight}");
    }
}

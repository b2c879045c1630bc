//! Functionals, for the kernels that measure them and that seed their gradients.

use crate::plan::{Functional, Region};

/// The number of a functional in `functional.wgsl`, an extra factor for its scale, and the region it covers
/// (`None`: the whole map).
pub(super) fn describe(functional: Functional) -> (usize, f32, Option<Region>) {
    match functional {
        Functional::HalfSquares => (0, 1.0, None),
        Functional::RegionSum(region) => (1, 1.0, Some(region)),
        Functional::Magnitude => (2, 1.0, None),
        Functional::Root => (0, 2.0, None), // of the half sum of squares; `total.wgsl` takes the root
    }
}

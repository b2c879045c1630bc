//! Functionals for the kernels that measure them and begin their gradients.

use crate::plan::{Functional, Region};

/// The number of a functional in `functional.wgsl`, what its factor is multiplied by,
/// and where it looks: everywhere, if `None`.
pub(super) fn describe(functional: Functional) -> (usize, f32, Option<Region>) {
    match functional {
        Functional::HalfSquares => (0, 1.0, None),
        Functional::RegionSum(region) => (1, 1.0, Some(region)),
        Functional::Magnitude => (2, 1.0, None),
        Functional::Root => (0, 2.0, None), // of the half squares; `total.wgsl` takes the root
    }
}

//! Cells that are scaled and offset, or set.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Affine;

kernel! {
    "affine" ["common"] [Params, Write]
    AffineParams { x: u32, cells: u32, scale: f32, offset: f32 }
}

impl Dispatched for Affine {
    const KERNELS: &[Kernel] = &[AffineParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref x, scale, offset } = self;
        let params = AffineParams { x: at(x), cells: cells(x), scale, offset };
        vec![per_cell(&params, &[], x.shape.len(), vec![buffer(x)])]
    }
}

//! From the displacements of patches to one displacement for each cell.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Densify;

kernel! {
    "densify" ["common", "bilinear", "patch"] [Params, Read, Read, Read, Write]
    DensifyParams {
        first: u32, second: u32, x: u32, y: u32, height: u32, width: u32, stride: u32, across: u32, patches: u32,
    }
}

impl Dispatched for Densify {
    const KERNELS: &[Kernel] = &[DensifyParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { first, second, x, y, stride } = self;
        let params = DensifyParams {
            first: at(first),
            second: at(second),
            x: at(x),
            y: at(y),
            height: int(first.shape.height),
            width: int(first.shape.width),
            stride: int(*stride),
            across: int(x.shape.width),
            patches: int(x.shape.plane()),
        };
        vec![per_cell(
            &params,
            &[],
            y.shape.plane(),
            vec![buffer(first), buffer(second), buffer(x), buffer(y)],
        )]
    }
}

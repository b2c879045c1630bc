//! Good displacements spread from patch to patch.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Propagate;

kernel! {
    "propagate" ["common", "bilinear", "patch"] [Params, Read, Read, Read, Read, Write]
    PropagateParams {
        first: u32, second: u32, x: u32, start: u32, y: u32, height: u32, width: u32, stride: u32, reach: u32, across: u32, patches: u32,
    }
}

impl Dispatched for Propagate {
    const KERNELS: &[Kernel] = &[PropagateParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { first, second, x, start, y, stride, reach } = self;
        let params = PropagateParams {
            first: at(first),
            second: at(second),
            x: at(x),
            start: at(start),
            y: at(y),
            height: int(first.shape.height),
            width: int(first.shape.width),
            stride: int(*stride),
            reach: int(*reach),
            across: int(y.shape.width),
            patches: int(y.shape.plane()),
        };
        vec![per_cell(
            &params,
            &[],
            y.shape.plane(),
            vec![buffer(first), buffer(second), buffer(x), buffer(start), buffer(y)],
        )]
    }
}

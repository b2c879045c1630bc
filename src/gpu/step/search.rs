//! One step of the inverse search for patches of one picture in another.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Search;

kernel! {
    "search" ["common", "bilinear", "patch"] [Params, Read, Read, Read, Write]
    SearchParams {
        first: u32, second: u32, x: u32, y: u32, height: u32, width: u32, stride: u32, across: u32, patches: u32, damping: f32,
    }
}

impl Dispatched for Search {
    const KERNELS: &[Kernel] = &[SearchParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { first, second, x, y, stride, damping } = self;
        let params = SearchParams {
            first: at(first),
            second: at(second),
            x: at(x),
            y: at(y),
            height: int(first.shape.height),
            width: int(first.shape.width),
            stride: int(*stride),
            across: int(y.shape.width),
            patches: int(y.shape.plane()),
            damping: *damping,
        };
        vec![per_cell(
            &params,
            &[],
            y.shape.plane(),
            vec![buffer(first), buffer(second), buffer(x), buffer(y)],
        )]
    }
}

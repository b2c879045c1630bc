//! The two directions of a Laplacian pyramid.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Expand, Shrink};

kernel! {
    "shrink" ["common", "pyramid"] [Params, Read, Write]
    ShrinkParams {
        x: u32, y: u32, height: u32, width: u32, out_height: u32, out_width: u32, cells: u32,
    }
}

kernel! {
    "expand" ["common", "pyramid"] [Params, Read, Write]
    ExpandParams {
        x: u32, y: u32, height: u32, width: u32, out_height: u32, out_width: u32, cells: u32, factor: f32,
    }
}

impl Dispatched for Shrink {
    const KERNELS: &[Kernel] = &[ShrinkParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let params = ShrinkParams {
            x: at(x),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_height: int(y.shape.height),
            out_width: int(y.shape.width),
            cells: cells(y),
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
    }
}

impl Dispatched for Expand {
    const KERNELS: &[Kernel] = &[ExpandParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, factor } = self;
        let params = ExpandParams {
            x: at(x),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_height: int(y.shape.height),
            out_width: int(y.shape.width),
            cells: cells(y),
            factor: *factor,
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
    }
}

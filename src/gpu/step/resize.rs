//! Resizing.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Resize;

kernel! {
    "resize" ["common"] [Params, Read, Read, Write]
    ResizeParams {
        x: u32, y: u32, base: u32, based: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, cells: u32,
    }
}

impl Dispatched for Resize {
    const KERNELS: &[Kernel] = &[ResizeParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, base } = self;
        let params = ResizeParams {
            x: at(x),
            y: at(y),
            base: base.as_ref().map_or(0, at),
            based: u32::from(base.is_some()),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_height: int(y.shape.height),
            out_width: int(y.shape.width),
            cells: cells(y),
        };
        let base = base.as_ref().map_or(Resource::UnusedRead, buffer);
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), base, buffer(y)])]
    }
}

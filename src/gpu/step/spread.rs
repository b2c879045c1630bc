//! Applies values of blocks to cells.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Spread;

kernel! {
    "spread" ["common", "bilinear"] [Params, Read, Write]
    SpreadParams { x: u32, y: u32, lines: u32, across: u32, width: u32, cells: u32, down: f32, right: f32 }
}

impl Dispatched for Spread {
    const KERNELS: &[Kernel] = &[SpreadParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, pitch } = self;
        let params = SpreadParams {
            x: at(x),
            y: at(y),
            lines: int(x.shape.height),
            across: int(x.shape.width),
            width: int(y.shape.width),
            cells: cells(y),
            down: pitch[0],
            right: pitch[1],
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
    }
}

//! Means over blocks.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Means;

kernel! {
    "means" ["common", "block"] [Params, Read, Write]
    MeansParams { x: u32, y: u32, height: u32, width: u32, group: u32, squared: u32, cells: u32 }
}

impl Dispatched for Means {
    const KERNELS: &[Kernel] = &[MeansParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, squared } = self;
        let params = MeansParams {
            x: at(x),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            group: int(x.shape.channels / y.shape.channels),
            squared: u32::from(*squared),
            cells: cells(y),
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
    }
}

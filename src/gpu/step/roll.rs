//! The current shift (jitter).

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Roll;

kernel! {
    "roll" ["common", "jitter"] [Params, Jitter, Read, Write]
    RollParams { x: u32, y: u32, height: u32, width: u32, channels: u32 }
}

impl Dispatched for Roll {
    const KERNELS: &[Kernel] = &[RollParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let params = RollParams {
            x: at(x),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            channels: int(x.shape.channels),
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(x), buffer(y)])]
    }
}

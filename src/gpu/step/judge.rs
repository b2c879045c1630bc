//! Where a flow can be relied on.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Judge;

kernel! {
    "judge" ["common", "bilinear"] [Params, Read, Read, Write]
    JudgeParams { flow: u32, back: u32, y: u32, height: u32, width: u32, border: f32 }
}

impl Dispatched for Judge {
    const KERNELS: &[Kernel] = &[JudgeParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { flow, back, y, border } = self;
        let params = JudgeParams {
            flow: at(flow),
            back: at(back),
            y: at(y),
            height: int(y.shape.height),
            width: int(y.shape.width),
            border: *border,
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(flow), buffer(back), buffer(y)])]
    }
}

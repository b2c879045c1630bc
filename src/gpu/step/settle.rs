//! Suppresses the motion of what stands still and only has moving grain.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Explain, Settle};

kernel! {
    "explain" ["common", "block"] [Params, Read, Read, Read, Write]
    ExplainParams { flow: u32, first: u32, second: u32, y: u32, height: u32, width: u32 }
}

kernel! {
    "settle" ["common", "block"] [Params, Read, Read, Write]
    SettleParams {
        flow: u32, explained: u32, y: u32, height: u32, width: u32, grain: f32, far: f32, rounding: f32,
    }
}

impl Dispatched for Explain {
    const KERNELS: &[Kernel] = &[ExplainParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { flow, first, second, y } = self;
        let params = ExplainParams {
            flow: at(flow),
            first: at(first),
            second: at(second),
            y: at(y),
            height: int(first.shape.height),
            width: int(first.shape.width),
        };
        let resources = vec![buffer(flow), buffer(first), buffer(second), buffer(y)];
        vec![per_cell(&params, &[], y.shape.plane(), resources)]
    }
}

impl Dispatched for Settle {
    const KERNELS: &[Kernel] = &[SettleParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { flow, explained, y, still } = self;
        let params = SettleParams {
            flow: at(flow),
            explained: at(explained),
            y: at(y),
            height: int(y.shape.height),
            width: int(y.shape.width),
            grain: still.grain,
            far: still.far,
            rounding: still.rounding,
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(flow), buffer(explained), buffer(y)])]
    }
}

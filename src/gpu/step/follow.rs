//! Samples maps along a flow.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Follow;

kernel! {
    "follow" ["common"] [Params, Read, Read, Write]
    FollowParams { x: u32, flow: u32, y: u32, height: u32, width: u32, channels: u32 }
}

impl Dispatched for Follow {
    const KERNELS: &[Kernel] = &[FollowParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, flow, y } = self;
        let params = FollowParams {
            x: at(x),
            flow: at(flow),
            y: at(y),
            height: int(y.shape.height),
            width: int(y.shape.width),
            channels: int(y.shape.channels),
        };
        let resources = vec![buffer(x), buffer(flow), buffer(y)];
        vec![per_cell(&params, &[], y.shape.plane(), resources)]
    }
}

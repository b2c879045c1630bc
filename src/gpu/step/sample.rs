//! Resampling on a lattice that may be displaced by a flow.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Sample;

kernel! {
    "sample" ["common", "bilinear"] [Params, Read, Read, Write]
    SampleParams {
        x: u32, flow: u32, y: u32, moved: u32, height: u32, width: u32, out_width: u32, out_plane: u32, channels: u32, first: f32, pitch: f32, factor: f32,
    }
}

impl Dispatched for Sample {
    const KERNELS: &[Kernel] = &[SampleParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, flow, y, first, pitch, factor } = self;
        let params = SampleParams {
            x: at(x),
            flow: flow.as_ref().map_or(0, at),
            y: at(y),
            moved: u32::from(flow.is_some()),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_width: int(y.shape.width),
            out_plane: int(y.shape.plane()),
            channels: int(x.shape.channels),
            first: *first,
            pitch: *pitch,
            factor: *factor,
        };
        let flow = flow.as_ref().map_or(Resource::UnusedRead, buffer);
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(x), flow, buffer(y)])]
    }
}

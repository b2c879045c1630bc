//! The ascent step.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Ascend;

kernel! {
    "ascend" ["common", "jitter"] [Params, Jitter, Read, Read, Read, Write]
    AscendParams {
        x: u32, dx: u32, magnitude: u32, mask: u32, height: u32, width: u32, step: f32,
        low0: f32, low1: f32, low2: f32, high0: f32, high1: f32, high2: f32,
    }
}

impl Dispatched for Ascend {
    const KERNELS: &[Kernel] = &[AscendParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, dx, magnitude, mask, step, bounds } = self;
        let bounds = bounds.map(|(low, high)| (site.number(low), site.number(high)));
        let params = AscendParams {
            x: at(x),
            dx: at(dx),
            magnitude: at(magnitude),
            mask: mask.as_ref().map_or(0, at),
            height: int(x.shape.height),
            width: int(x.shape.width),
            step: site.number(*step),
            low0: bounds[0].0,
            low1: bounds[1].0,
            low2: bounds[2].0,
            high0: bounds[0].1,
            high1: bounds[1].1,
            high2: bounds[2].1,
        };
        let constants = [("MASKED", usize::from(mask.is_some()))];
        let mask = mask.as_ref().map_or(Resource::UnusedRead, buffer);
        let resources = vec![buffer(dx), buffer(magnitude), mask, buffer(x)];
        vec![per_cell(&params, &constants, x.shape.plane(), resources)]
    }
}

//! Adds waves to a picture.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Compose;

kernel! {
    "compose" ["common", "bilinear"] [Params, Read, Read, Read, Write]
    ComposeParams {
        x: u32, waves: u32, parts: u32, y: u32, height: u32, width: u32, lines: u32, across: u32, maps: u32,
        low0: f32, low1: f32, low2: f32, high0: f32, high1: f32, high2: f32,
    }
}

impl Dispatched for Compose {
    const KERNELS: &[Kernel] = &[ComposeParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, waves, parts, y, bounds } = self;
        let params = ComposeParams {
            x: at(x),
            waves: at(waves),
            parts: at(parts),
            y: at(y),
            height: int(y.shape.height),
            width: int(y.shape.width),
            lines: int(parts.shape.height),
            across: int(parts.shape.width),
            maps: int(parts.shape.channels),
            low0: bounds[0].0,
            low1: bounds[1].0,
            low2: bounds[2].0,
            high0: bounds[0].1,
            high1: bounds[1].1,
            high2: bounds[2].1,
        };
        let resources = vec![buffer(x), buffer(waves), buffer(parts), buffer(y)];
        vec![per_cell(&params, &[], y.shape.plane(), resources)]
    }
}

//! Adds the contributions of the frames before and after to a picture.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Meet;

kernel! {
    "meet" ["common"] [Params, Read, Read, Read, Read, Read, Read, Write]
    MeetParams {
        x: u32, first: u32, second: u32, before: u32, behind: u32, way: u32, y: u32, plane: u32,
        low0: f32, low1: f32, low2: f32, high0: f32, high1: f32, high2: f32,
    }
}

impl Dispatched for Meet {
    const KERNELS: &[Kernel] = &[MeetParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, first, second, before, behind, way, y, bounds } = self;
        let params = MeetParams {
            x: at(x),
            first: at(first),
            second: at(second),
            before: at(before),
            behind: at(behind),
            way: at(way),
            y: at(y),
            plane: int(y.shape.plane()),
            low0: bounds[0].0,
            low1: bounds[1].0,
            low2: bounds[2].0,
            high0: bounds[0].1,
            high1: bounds[1].1,
            high2: bounds[2].1,
        };
        let resources = [x, first, second, before, behind, way, y].map(buffer).to_vec();
        vec![per_cell(&params, &[], y.shape.plane(), resources)]
    }
}

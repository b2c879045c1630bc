//! Adam's direction.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Adam;

kernel! {
    "adam" ["common", "jitter"] [Params, Jitter, Read, Write, Write, Write]
    AdamParams { dx: u32, first: u32, second: u32, mass: u32, height: u32, width: u32, channels: u32 }
}

impl Dispatched for Adam {
    const KERNELS: &[Kernel] = &[AdamParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { dx, first, second, mass } = self;
        let params = AdamParams {
            dx: at(dx),
            first: at(first),
            second: at(second),
            mass: at(mass),
            height: int(dx.shape.height),
            width: int(dx.shape.width),
            channels: int(dx.shape.channels),
        };
        let resources = vec![buffer(mass), buffer(first), buffer(second), buffer(dx)];
        vec![per_cell(&params, &[], dx.shape.plane(), resources)]
    }
}

//! Three Gaussians at once.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Smooth;

kernel! {
    "smooth" ["common"] [Params, Read, Read, Write]
    SmoothParams {
        x: u32, y: u32, age: u32, height: u32, width: u32, cells: u32, sigma: f32, growth: f32,
    }
}

impl Dispatched for Smooth {
    const KERNELS: &[Kernel] = &[SmoothParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, age, sigma } = self;
        let params = SmoothParams {
            x: at(x),
            y: at(y),
            age: at(age),
            height: int(x.shape.height),
            width: int(x.shape.width),
            cells: cells(y),
            sigma: site.number(sigma.0),
            growth: site.number(sigma.1),
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(age), buffer(y)])]
    }
}

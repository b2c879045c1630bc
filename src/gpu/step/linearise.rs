//! The equations of variational flow, linearised around the current flow.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Linearise;

kernel! {
    "linearise" ["common"] [Params, Read, Read, Read, Write]
    LineariseParams {
        first: u32, second: u32, x: u32, y: u32, height: u32, width: u32, brightness: f32, gradient: f32, smoothness: f32,
    }
}

impl Dispatched for Linearise {
    const KERNELS: &[Kernel] = &[LineariseParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { first, second, x, y, weights } = self;
        let params = LineariseParams {
            first: at(first),
            second: at(second),
            x: at(x),
            y: at(y),
            height: int(first.shape.height),
            width: int(first.shape.width),
            brightness: weights.brightness,
            gradient: weights.gradient,
            smoothness: weights.smoothness,
        };
        vec![per_cell(
            &params,
            &[],
            y.shape.plane(),
            vec![buffer(first), buffer(second), buffer(x), buffer(y)],
        )]
    }
}

//! A Gaussian blur in one direction.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Blur;

kernel! {
    "blur" ["common"] [Params, Read, Write]
    BlurParams {
        x: u32, y: u32, size: u32, pitch: u32, cells: u32, reach: u32, sharpness: f32, low: f32, high: f32,
    }
}

impl Dispatched for Blur {
    const KERNELS: &[Kernel] = &[BlurParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, deviation, reach, down, bounds } = self;
        let (low, high) = bounds.unwrap_or((f32::MIN, f32::MAX));
        let (size, pitch) = if *down { (y.shape.height, y.shape.width) } else { (y.shape.width, 1) };
        let params = BlurParams {
            x: at(x),
            y: at(y),
            size: int(size),
            pitch: int(pitch),
            cells: cells(y),
            reach: int(*reach),
            sharpness: -0.5 / (deviation * deviation),
            low,
            high,
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
    }
}

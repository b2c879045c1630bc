//! Colours from decorrelated channels.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Colour, ColourGradient};

kernel! {
    "colour" ["common", "decorrelated"] [Params, Read, Write]
    ColourParams { x: u32, y: u32, plane: u32, mean0: f32, mean1: f32, mean2: f32 }
}

kernel! {
    "colour_gradient" ["common", "decorrelated"] [Params, Read, Read, Write]
    ColourGradientParams { y: u32, dy: u32, dx: u32, plane: u32, mean0: f32, mean1: f32, mean2: f32 }
}

impl Dispatched for Colour {
    const KERNELS: &[Kernel] = &[ColourParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref x, ref y, mean: [mean0, mean1, mean2] } = self;
        let plane = y.shape.plane();
        let params = ColourParams { x: at(x), y: at(y), plane: int(plane), mean0, mean1, mean2 };
        vec![per_cell(&params, &[], plane, vec![buffer(x), buffer(y)])]
    }
}

impl Dispatched for ColourGradient {
    const KERNELS: &[Kernel] = &[ColourGradientParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref y, ref dy, ref dx, mean: [mean0, mean1, mean2] } = self;
        let plane = dx.shape.plane();
        let params =
            ColourGradientParams { y: at(y), dy: at(dy), dx: at(dx), plane: int(plane), mean0, mean1, mean2 };
        vec![per_cell(&params, &[], plane, vec![buffer(y), buffer(dy), buffer(dx)])]
    }
}

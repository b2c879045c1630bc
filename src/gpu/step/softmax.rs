//! Softmax and its gradient.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, dispatch, gradient_resources, leave, leaving};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::gpu::layout::Layout;
use crate::plan::step::{Softmax, SoftmaxGradient};

kernel! {
    "softmax" ["common", "planar", "sum"] [Params, Read, Write]
    SoftmaxParams { x: u32, y: u32, cells: u32 }
}

kernel! {
    "softmax_gradient" ["common", "planar", "sum", "gradient"] [Params, Read, Write, Read, Read]
    SoftmaxGradientParams leaves { y: u32, dy: u32, cells: u32 }
}

impl Dispatched for Softmax {
    const KERNELS: &[Kernel] = &[SoftmaxParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let params = SoftmaxParams { x: at(x), y: at(y), cells: cells(y) };
        vec![dispatch(&params, &[], [1, 1, 1], vec![buffer(x), buffer(y)])]
    }
}

impl Dispatched for SoftmaxGradient {
    const KERNELS: &[Kernel] = &[SoftmaxGradientParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { y, dy, dx } = self;
        let params =
            SoftmaxGradientParams { y: at(y), dy: at(dy), cells: cells(y), ..leave(dx, Layout::Planar) };
        let resources = gradient_resources(dx, vec![buffer(y), buffer(dy)]);
        vec![dispatch(&params, &leaving(dx), [1, 1, 1], resources)]
    }
}

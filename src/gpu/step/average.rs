//! Means of channels.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, buffer, dispatch, gradient, int, leave};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Average, AverageGradient};

kernel! {
    "average" ["common", "sum"] reads "" [Params, Read, Write]
    AverageParams { x: u32, y: u32, plane: u32 }
}

kernel! {
    "average_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read]
    AverageGradientParams leaves { dy: u32, plane: u32, blocks: u32 }
}

impl Dispatched for Average {
    const KERNELS: &[Kernel] = &[AverageParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let layout = site.layout(x);
        let params = AverageParams { x: layout.at(x), y: layout.at(y), plane: int(x.shape.plane()) };
        let grid = [int(layout.depth(x)), 1, 1];
        vec![dispatch(&params, &[], grid, vec![buffer(x), buffer(y)]).in_layout(layout)]
    }
}

impl Dispatched for AverageGradient {
    const KERNELS: &[Kernel] = &[AverageGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { dy, dx } = self;
        let layout = site.layout(dy);
        let params = AverageGradientParams {
            dy: layout.at(dy),
            plane: int(dx.view.shape.plane()),
            blocks: layout.blocks(&dx.view),
            ..leave(dx, layout)
        };
        vec![gradient(&params, &[], dx, vec![buffer(dy)], layout)]
    }
}

//! Local response normalisation.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, buffer, gradient_resources, int, leave, leaving, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::net::{self, Shape};
use crate::plan::step::{Lrn, LrnGradient};

kernel! {
    "lrn" ["common", "lrn_scale"] reads "" [Params, Read, Write]
    LrnParams { x: u32, y: u32, blocks: u32, plane: u32, mean_alpha: f32, k: f32 }
}

kernel! {
    "lrn_gradient" ["common", "lrn_scale", "gradient"] reads "" [Params, Read, Write, Read, Read]
    LrnGradientParams leaves { x: u32, dy: u32, blocks: u32, plane: u32, mean_alpha: f32, k: f32 }
}

impl Dispatched for Lrn {
    const KERNELS: &[Kernel] = &[LrnParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, lrn } = self;
        let layout = site.layout(x);
        let params = LrnParams {
            x: layout.at(x),
            y: layout.at(y),
            blocks: int(layout.depth(x)),
            plane: int(x.shape.plane()),
            mean_alpha: lrn.alpha / lrn.size as f32,
            k: lrn.k,
        };
        let dispatch = per_cell(&params, &[("SIZE", lrn.size)], walks(y.shape), vec![buffer(x), buffer(y)]);
        vec![with_beta(dispatch, lrn).in_layout(layout)]
    }
}

impl Dispatched for LrnGradient {
    const KERNELS: &[Kernel] = &[LrnGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, dy, lrn, dx } = self;
        let layout = site.layout(x);
        let params = LrnGradientParams {
            x: layout.at(x),
            dy: layout.at(dy),
            blocks: int(layout.depth(x)),
            plane: int(x.shape.plane()),
            mean_alpha: lrn.alpha / lrn.size as f32,
            k: lrn.k,
            ..leave(dx, layout)
        };
        let resources = gradient_resources(dx, vec![buffer(x), buffer(dy)]);
        let constants = [&[("SIZE", lrn.size)][..], &leaving(dx)].concat();
        vec![with_beta(per_cell(&params, &constants, walks(x.shape), resources), lrn).in_layout(layout)]
    }
}

/// Adds the one constant that is not a whole number.
fn with_beta(mut dispatch: Dispatch, lrn: &net::Lrn) -> Dispatch {
    dispatch.pipeline.constants.push(("BETA", f64::from(lrn.beta)));
    dispatch
}

/// Invocations of the kernels that go through 16 channels (as in `lrn_scale.wgsl`) of a cell.
fn walks(shape: Shape) -> usize {
    shape.channels.div_ceil(16) * shape.plane()
}

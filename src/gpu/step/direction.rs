//! How closely cells align with a direction.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, gradient, int, leave, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Align, AlignGradient};

kernel! {
    "align" ["common"] reads "" [Params, Read, Read, Write, Write]
    AlignParams { x: u32, direction: u32, score: u32, slopes: u32, blocks: u32, cells: u32, power: u32 }
}

kernel! {
    "align_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read, Read]
    AlignGradientParams leaves { x: u32, direction: u32, slopes: u32, scale: f32, plane: u32, blocks: u32 }
}

impl Dispatched for Align {
    const KERNELS: &[Kernel] = &[AlignParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, direction, power, score, slopes } = self;
        let layout = site.layout(x);
        let params = AlignParams {
            x: layout.at(x),
            direction: layout.at(direction),
            score: at(score),
            slopes: at(slopes),
            blocks: int(layout.depth(x)),
            cells: int(x.shape.plane()),
            power: *power,
        };
        let resources = vec![buffer(x), buffer(direction), buffer(score), buffer(slopes)];
        vec![per_cell(&params, &[], x.shape.plane(), resources).in_layout(layout)]
    }
}

impl Dispatched for AlignGradient {
    const KERNELS: &[Kernel] = &[AlignGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, direction, slopes, scale, dx } = self;
        let layout = site.layout(x);
        let params = AlignGradientParams {
            x: layout.at(x),
            direction: layout.at(direction),
            slopes: at(slopes),
            scale: site.number(*scale),
            plane: int(x.shape.plane()),
            blocks: layout.blocks(&dx.view),
            ..leave(dx, layout)
        };
        vec![gradient(&params, &[], dx, vec![buffer(x), buffer(direction), buffer(slopes)], layout)]
    }
}

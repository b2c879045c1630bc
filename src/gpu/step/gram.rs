//! How the channels of a map correlate (Gram matrices), and how that differs between maps.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, gradient, int, leave, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Contrast, Gram, GramGradient};

kernel! {
    "gram" ["common"] reads "" [Params, Read, Write]
    GramParams { x: u32, y: u32, blocks: u32, cells: u32 }
}

kernel! {
    "contrast" ["common"] [Params, Read, Read, Read, Write]
    ContrastParams { grams: u32, own: u32, length: u32, score: u32, y: u32, count: u32, cells: u32 }
}

kernel! {
    "gram_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read]
    GramGradientParams leaves { x: u32, slope: u32, scale: f32, plane: u32, blocks: u32, depth: u32 }
}

impl Dispatched for Gram {
    const KERNELS: &[Kernel] = &[GramParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let layout = site.layout(x);
        let blocks = layout.depth(x);
        let params =
            GramParams { x: layout.at(x), y: at(y), blocks: int(blocks), cells: int(x.shape.plane()) };
        vec![per_cell(&params, &[], blocks * blocks, vec![buffer(x), buffer(y)]).in_layout(layout)]
    }
}

impl Dispatched for Contrast {
    const KERNELS: &[Kernel] = &[ContrastParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { grams, own, length, score, y } = self;
        let params = ContrastParams {
            grams: at(grams),
            own: int(*own),
            length: at(length),
            score: at(score),
            y: at(y),
            count: int(grams.shape.len() / y.shape.len()),
            cells: cells(y),
        };
        let resources = vec![buffer(grams), buffer(length), buffer(score), buffer(y)];
        vec![per_cell(&params, &[], y.shape.len(), resources)]
    }
}

impl Dispatched for GramGradient {
    const KERNELS: &[Kernel] = &[GramGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, slope, scale, dx } = self;
        let layout = site.layout(x);
        let params = GramGradientParams {
            x: layout.at(x),
            // In the layout with blocks of four, a row of the slope consists of whole blocks too.
            slope: layout.at(slope),
            scale: site.number(*scale),
            plane: int(x.shape.plane()),
            blocks: layout.blocks(&dx.view),
            depth: int(layout.depth(x)),
            ..leave(dx, layout)
        };
        vec![gradient(&params, &[], dx, vec![buffer(x), buffer(slope)], layout)]
    }
}

//! Maxima of windows.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, buffer, gradient_resources, int, leave, leaving, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::gpu::layout::Layout;
use crate::net::PlacedWindow;
use crate::plan::View;
use crate::plan::step::{MaxPool, MaxPoolGradient};

kernel! {
    "max_pool" ["common"] reads "" [Params, Read, Write, Write]
    MaxPoolParams {
        x: u32, y: u32, choice: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, pad_rows: u32, pad_columns: u32, squares: u32,
    }
}

kernel! {
    "max_pool_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read]
    MaxPoolGradientParams leaves {
        dy: u32, choice: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, pad_rows: u32, pad_columns: u32, squares: u32,
    }
}

impl Dispatched for MaxPool {
    const KERNELS: &[Kernel] = &[MaxPoolParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y, choice, window } = self;
        let layout = site.layout(x);
        let squares = squares(y, layout);
        let params = MaxPoolParams {
            x: layout.at(x),
            y: layout.at(y),
            choice: choice.as_ref().map_or(0, |choice| layout.at(choice)),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_height: int(y.shape.height),
            out_width: int(y.shape.width),
            pad_rows: int(window.pad.0),
            pad_columns: int(window.pad.1),
            squares: int(squares),
        };
        let recorded = [("RECORDED", usize::from(choice.is_some()))];
        let constants = [&window_constants(*window)[..], &recorded].concat();
        let choice = choice.as_ref().map_or(Resource::UnusedWrite, buffer);
        vec![per_cell(&params, &constants, squares, vec![buffer(x), buffer(y), choice]).in_layout(layout)]
    }
}

impl Dispatched for MaxPoolGradient {
    const KERNELS: &[Kernel] = &[MaxPoolGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { dy, choice, window, dx } = self;
        let layout = site.layout(dy);
        let squares = squares(&dx.view, layout);
        let params = MaxPoolGradientParams {
            dy: layout.at(dy),
            choice: layout.at(choice),
            height: int(dx.view.shape.height),
            width: int(dx.view.shape.width),
            out_height: int(dy.shape.height),
            out_width: int(dy.shape.width),
            pad_rows: int(window.pad.0),
            pad_columns: int(window.pad.1),
            squares: int(squares),
            ..leave(dx, layout)
        };
        let resources = gradient_resources(dx, vec![buffer(dy), buffer(choice)]);
        let constants = [window_constants(*window), leaving(dx)].concat();
        vec![per_cell(&params, &constants, squares, resources).in_layout(layout)]
    }
}

/// The number of squares of two by two cells that cover a map, block by block.
fn squares(map: &View, layout: Layout) -> usize {
    layout.depth(map) * map.shape.height.div_ceil(2) * map.shape.width.div_ceil(2)
}

fn window_constants(window: PlacedWindow) -> [(&'static str, usize); 2] {
    [("KERNEL", window.kernel), ("STRIDE", window.stride)]
}

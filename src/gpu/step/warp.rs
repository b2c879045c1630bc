//! Resampling by a field of coordinates, and its transpose.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, gradient, int, leave, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::gpu::layout::Layout;
use crate::plan::step::{Warp, WarpGradient};

kernel! {
    "warp" ["common", "bilinear"] [Params, Read, Read, Write]
    WarpParams {
        x: u32, field: u32, y: u32, height: u32, width: u32, out_plane: u32, channels: u32,
    }
}

kernel! {
    "warp_gradient" ["common", "planar", "gradient"] [Params, Read, Write, Read, Read]
    WarpGradientParams leaves { dy: u32, shares: u32, plane: u32, out_plane: u32, cells: u32 }
}

impl Dispatched for Warp {
    const KERNELS: &[Kernel] = &[WarpParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, field, y } = self;
        let params = WarpParams {
            x: at(x),
            field: at(field),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_plane: int(y.shape.plane()),
            channels: int(x.shape.channels),
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(x), buffer(field), buffer(y)])]
    }
}

impl Dispatched for WarpGradient {
    const KERNELS: &[Kernel] = &[WarpGradientParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { dy, shares, dx } = self;
        let params = WarpGradientParams {
            dy: at(dy),
            shares: at(shares),
            plane: int(dx.view.shape.plane()),
            out_plane: int(dy.shape.plane()),
            cells: cells(&dx.view),
            ..leave(dx, Layout::Planar)
        };
        vec![gradient(&params, &[], dx, vec![buffer(dy), buffer(shares)], Layout::Planar)]
    }
}

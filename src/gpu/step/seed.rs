//! Where the backward pass starts.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, buffer, gradient, int, leave};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Seed;
use crate::plan::{Functional, Region};

kernel! {
    "seed" ["common", "functional", "gradient"] reads "" [Params, Read, Write, Read]
    SeedParams leaves {
        x: u32, scale: f32,
        channel: u32, first_row: u32, end_row: u32, first_column: u32, end_column: u32,
        height: u32, width: u32, blocks: u32,
    }
}

impl Dispatched for Seed {
    const KERNELS: &[Kernel] = &[SeedParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, functional, dx } = self;
        let layout = site.layout(x);
        let (kind, scale, region) = describe(functional, site);
        let nowhere = Region { channel: 0, rows: (0, 0), columns: (0, 0) };
        let Region { channel, rows, columns } = region.unwrap_or(nowhere);
        let params = SeedParams {
            x: layout.at(x),
            scale,
            channel: int(channel),
            first_row: int(rows.0),
            end_row: int(rows.1),
            first_column: int(columns.0),
            end_column: int(columns.1),
            height: int(x.shape.height),
            width: int(x.shape.width),
            blocks: layout.blocks(x),
            ..leave(dx, layout)
        };
        vec![gradient(&params, &[("KIND", kind)], dx, vec![buffer(x)], layout)]
    }
}

/// Kind (as in `functional.wgsl`), factor and region of a functional.
pub(super) fn describe(functional: &Functional, site: &Site<'_>) -> (usize, f32, Option<Region>) {
    let scale = site.number(functional.scale());
    match *functional {
        Functional::HalfSquares { .. } => (0, scale, None),
        Functional::RegionSum { region, .. } => (1, scale, Some(region)),
        Functional::Magnitude { .. } => (2, scale, None),
        Functional::Root { .. } => (0, 2.0 * scale, None), // of the half squares; `measure` takes the root
    }
}

//! Where the backward pass starts.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, buffer, gradient, int, leave};
use crate::gpu::functional::describe;
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::Region;
use crate::plan::step::Seed;

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
        let Self { x, functional, scale, dx } = self;
        let layout = site.layout(x);
        let (kind, factor, region) = describe(*functional);
        let nowhere = Region { channel: 0, rows: (0, 0), columns: (0, 0) };
        let Region { channel, rows, columns } = region.unwrap_or(nowhere);
        let params = SeedParams {
            x: layout.at(x),
            scale: factor * site.number(*scale),
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
        let constants = [("KIND", kind), ("WHOLE", usize::from(region.is_none()))];
        vec![gradient(&params, &constants, dx, vec![buffer(x)], layout)]
    }
}

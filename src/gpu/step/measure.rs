//! Values of functionals.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, at, buffer, dispatch, int};
use crate::gpu::functional::describe;
use crate::gpu::kernel::{INVOCATIONS, Kernel, Params, kernel};
use crate::gpu::layout::Layout;
use crate::plan::step::Measure;
use crate::plan::{Functional, Region, View};

/// Workgroups of a measurement's first half; the second half sums that many numbers in one workgroup.
const MEASURE_GROUPS: usize = 64;

// Partial sums.
kernel! {
    "measure" ["common", "functional", "sum"] reads "" [Params, Read, Write]
    MeasureParams { x: u32, first: u32, row_length: u32, row_pitch: u32, pitch: u32, blocks: u32 }
}

// The sum of the partial sums.
kernel! {
    "total" ["common", "planar", "sum"] [Params, Read, Write]
    TotalParams { total: u32, count: u32, scale: f32, add: u32, root: u32 }
}

impl Dispatched for Measure {
    const KERNELS: &[Kernel] = &[MeasureParams::KERNEL, TotalParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, functional, scale, total, add } = self;
        let (kind, factor, region) = describe(*functional);
        let scale = factor * site.number(*scale);
        let (params, access) = share(x, region, site.layout(x));
        let groups = (params.blocks as usize).div_ceil(INVOCATIONS).min(MEASURE_GROUPS);
        let root = u32::from(*functional == Functional::Root);
        let constants = [("KIND", kind), ("WHOLE", usize::from(region.is_none()))];
        let sum = TotalParams { total: at(total), count: int(groups), scale, add: u32::from(*add), root };
        vec![
            dispatch(&params, &constants, [int(groups), 1, 1], vec![buffer(x), Resource::Partials])
                .in_layout(access),
            dispatch(&sum, &[], [1, 1, 1], vec![Resource::Partials, buffer(total)]),
        ]
    }
}

/// Which cells each workgroup sums, and how they are read: those of whole maps in any order and several at a
/// time, those of regions one by one, as they may share their blocks with other channels.
fn share(x: &View, region: Option<Region>, layout: Layout) -> (MeasureParams, Layout) {
    let pitch = layout.block();
    let row_pitch = pitch * x.shape.width;
    let in_blocks = region.is_none()
        && [x.offset, x.shape.len()].iter().all(|cells| cells % Layout::Blocked.block() == 0);
    let access = if in_blocks { Layout::Blocked } else { Layout::Planar };
    let (first, row_length, count) = match region {
        None => (0, 1, x.shape.len() / access.block()),
        Some(Region { channel, rows, columns }) => {
            let plane = channel / pitch * pitch * x.shape.plane() + channel % pitch;
            let first = plane + rows.0 * row_pitch + columns.0 * pitch;
            (first, columns.1 - columns.0, (rows.1 - rows.0) * (columns.1 - columns.0))
        }
    };
    let params = MeasureParams {
        x: access.at(x),
        first: int(first),
        row_length: int(row_length),
        row_pitch: int(row_pitch),
        pitch: int(pitch),
        blocks: int(count),
    };
    (params, access)
}

//! Functionals of a map: their values, and the gradients that begin with them.

use super::*;

/// Workgroups of a measurement's first half; its second half sums as many numbers in one workgroup.
const MEASURE_GROUPS: usize = 64;

/// Kind (as in `functional.wgsl`), factor and region of a functional.
fn describe(functional: &Functional) -> (usize, f32, Option<Region>) {
    match *functional {
        Functional::HalfSquares { scale } => (0, scale, None),
        Functional::RegionSum { region, scale } => (1, scale, Some(region)),
        Functional::Magnitude { scale } => (2, scale, None),
        Functional::Root { scale } => (0, 2.0 * scale, None), // of the half squares; `measure` takes the root
    }
}

/// Sums of whole maps, whose cells may come in any order and several at a time, and of regions, whose cells may lie in
/// blocks with others.
pub(super) fn measure(
    x: &View,
    functional: &Functional,
    total: &View,
    add: bool,
    layout: Layout,
) -> Vec<Dispatch> {
    let (kind, scale, region) = describe(functional);
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
    let groups = count.div_ceil(INVOCATIONS).min(MEASURE_GROUPS);
    let root = u32::from(matches!(functional, Functional::Root { .. }));
    let partial = MeasureParams {
        x: access.at(x),
        first: int(first),
        row_length: int(row_length),
        row_pitch: int(row_pitch),
        pitch: int(pitch),
        blocks: int(count),
    };
    let constants = [("KIND", kind), ("WHOLE", usize::from(region.is_none()))];
    let sum = TotalParams { total: at(total), count: int(groups), scale, add: u32::from(add), root };
    vec![
        dispatch(&partial, &constants, [int(groups), 1, 1], vec![buffer(x), Resource::Partials])
            .in_layout(access),
        dispatch(&sum, &[], [1, 1, 1], vec![Resource::Partials, buffer(total)]),
    ]
}

pub(super) fn seed(x: &View, functional: &Functional, dx: &Gradient, layout: Layout) -> Dispatch {
    let (kind, scale, region) = describe(functional);
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
    gradient(&params, &[("KIND", kind)], dx, vec![buffer(x)], layout)
}

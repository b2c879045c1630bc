// The gradient of a functional: scale x for half the sum of squares, scale inside a region and 0 outside for
// a region's sum. One invocation, one cell; CHW.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    scale: f32,
    channel: u32,
    first_row: u32,
    end_row: u32,
    first_column: u32,
    end_column: u32,
    height: u32,
    width: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> x: array<f32>;

fn inside(cell: u32) -> bool {
    let column = cell % params.width;
    let row = (cell / params.width) % params.height;
    return cell / (params.width * params.height) == params.channel
        && row >= params.first_row && row < params.end_row
        && column >= params.first_column && column < params.end_column;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell >= params.cells {
        return;
    }
    if KIND == HALF_SQUARES {
        leave_gradient(cell, params.scale * x[params.x + cell]);
    } else {
        leave_gradient(cell, select(0.0, params.scale, inside(cell)));
    }
}

// The gradient of a functional: scale x for half the sum of squares, scale inside a region and 0 outside for
// a region's sum. One invocation, one block of one cell.

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
    blocks: u32,
}

@group(0) @binding(3) var<storage, read> x: array<Block>;

/// The scale inside of the region.
fn region(at: u32) -> Block {
    let column = at % params.width;
    let row = at / params.width % params.height;
    let inside = at / (params.width * params.height) == params.channel / BLOCK
        && row >= params.first_row && row < params.end_row
        && column >= params.first_column && column < params.end_column;
    var values: array<f32, 4>;
    for (var i = 0u; i < BLOCK; i += 1u) {
        values[i] = select(0.0, params.scale, inside && i == params.channel % BLOCK);
    }
    return block_of(values);
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at >= params.blocks {
        return;
    }
    if KIND == HALF_SQUARES {
        leave_gradient(at, params.scale * x[params.x + at]);
    } else {
        leave_gradient(at, region(at));
    }
}

// The gradient of a functional: the scaled derivative, and 0 outside a region. One invocation per block of one
// cell.

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

/// The derivatives of a block, with 0 for cells outside the region.
fn region(at: u32, slope: Block) -> Block {
    let column = at % params.width;
    let row = at / params.width % params.height;
    let inside = at / (params.width * params.height) == params.channel / BLOCK
        && row >= params.first_row && row < params.end_row
        && column >= params.first_column && column < params.end_column;
    var values = channels_of(slope);
    for (var i = 0u; i < BLOCK; i += 1u) {
        values[i] = select(0.0, values[i], inside && i == params.channel % BLOCK);
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
    let slope = params.scale * term_of(x[params.x + at]).slope;
    if WHOLE {
        leave_gradient(at, slope);
    } else {
        leave_gradient(at, region(at, slope));
    }
}

// The product of a symmetric matrix with a map's channels. One invocation per block of one cell.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    slope: u32,
    scale: f32,
    plane: u32,
    blocks: u32,
    depth: u32, // blocks of channels
}

@group(0) @binding(3) var<storage, read> x: array<Block>;
@group(0) @binding(4) var<storage, read> slope: array<Block>;

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
    let own = at / params.plane;
    let cell = at % params.plane;
    var sum = Block();
    for (var block = 0u; block < params.depth; block++) {
        let channels = channels_of(x[params.x + block * params.plane + cell]);
        for (var i = 0u; i < BLOCK; i++) {
            // A row of the matrix is stored channel by channel, and equals its column.
            sum += channels[i] * slope[params.slope + (block * BLOCK + i) * params.depth + own];
        }
    }
    leave_gradient(at, params.scale * sum);
}

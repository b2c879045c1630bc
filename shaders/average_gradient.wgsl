// Spreads each channel's gradient evenly over its cells. One invocation per block of one input cell.

struct Params {
    dx: u32,
    mask: u32,
    dy: u32,
    plane: u32,
    blocks: u32,
}

@group(0) @binding(3) var<storage, read> dy: array<Block>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at < params.blocks {
        leave_gradient(at, dy[params.dy + at / params.plane] / f32(params.plane));
    }
}

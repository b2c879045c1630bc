// Spreads each channel's gradient evenly over its cells. One invocation, one input cell; CHW.

struct Params {
    dx: u32,
    mask: u32,
    dy: u32,
    plane: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> dy: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell < params.cells {
        leave_gradient(cell, dy[params.dy + cell / params.plane] / f32(params.plane));
    }
}

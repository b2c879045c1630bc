// y = gate x, with the same gate for every channel. One invocation per block of one cell.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    gate: u32,
    plane: u32,
    blocks: u32,
}

@group(0) @binding(3) var<storage, read> x: array<Block>;
@group(0) @binding(4) var<storage, read> gate: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at < params.blocks {
        leave_gradient(at, gate[params.gate + at % params.plane] * x[params.x + at]);
    }
}

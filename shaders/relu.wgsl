// y = max(x, 0). One invocation per block.

struct Params {
    x: u32,
    y: u32,
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read_write> y: array<Block>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at < params.blocks {
        y[params.y + at] = max(x[params.x + at], Block());
    }
}

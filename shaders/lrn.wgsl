// y = x s^-beta. One invocation per 16 channels of one cell.

struct Params {
    x: u32,
    y: u32,
    blocks: u32,
    plane: u32,
    mean_alpha: f32,
    k: f32,
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
    let index = invocation_index(workgroup, workgroups, thread);
    let walk = index / params.plane;
    let cell = index - walk * params.plane;
    let first = walk * WALK;
    if first >= params.blocks {
        return;
    }
    for (var i = 0u; i < 2u * REACH; i += 1u) {
        around = slid(around, value_at(first + i - REACH, cell));
    }
    for (var block = first; block < min(first + WALK, params.blocks); block += 1u) {
        around = slid(around, value_at(block + REACH, cell));
        y[params.y + block * params.plane + cell] = block_at(around, MIDDLE) * inverse_power(scale());
    }
}

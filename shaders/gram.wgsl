// The Gram matrix of a map's channels. One invocation per pair of blocks of channels.

struct Params {
    x: u32,
    y: u32,
    blocks: u32, // of channels
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at >= params.blocks * params.blocks {
        return;
    }
    let row = at / params.blocks;
    let column = at % params.blocks;
    let down = params.x + row * params.cells;
    let across = params.x + column * params.cells;
    var sums = array<Block, 4>(Block(), Block(), Block(), Block());
    for (var cell = 0u; cell < params.cells; cell++) {
        let channels = channels_of(x[down + cell]);
        let others = x[across + cell];
        for (var i = 0u; i < BLOCK; i++) {
            sums[i] += channels[i] * others;
        }
    }
    let width = params.blocks * BLOCK;
    for (var i = 0u; i < BLOCK; i++) {
        let products = channels_of(sums[i]);
        for (var j = 0u; j < BLOCK; j++) {
            y[params.y + (row * BLOCK + i) * width + column * BLOCK + j] = products[j];
        }
    }
}

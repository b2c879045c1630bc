// The gradient of half the sum of squared distances between one matrix, normalised to length 1, and some others,
// with respect to that matrix before normalisation. One invocation per cell.

struct Params {
    grams: u32,
    own: u32,
    length: u32,
    score: u32,
    y: u32,
    count: u32, // of matrices
    cells: u32, // of each
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> grams: array<f32>;
@group(0) @binding(2) var<storage, read> lengths: array<f32>;
@group(0) @binding(3) var<storage, read> score: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

/// The lower bound of lengths.
const LEAST: f32 = 1e-10;

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
    let own = grams[params.grams + params.own * params.cells + cell];
    var sum = 0.0;
    for (var number = 0u; number < params.count; number++) {
        sum += own - grams[params.grams + number * params.cells + cell];
    }
    y[params.y + cell] = (sum - score[params.score] * own) / max(lengths[params.length], LEAST);
}

// dx_c = dy_c s_c^-beta - 2 beta alpha / SIZE x_c sum_i dy_i x_i s_i^(-beta - 1), i over the channels around c.
//
// A workgroup takes 32 channels of 8 cells. Each invocation makes the term of its own channel once and shares
// it; those with all their neighbours in the workgroup add up and write. CHW.

const ROWS: u32 = 32u;
const COLUMNS: u32 = 8u;

struct Params {
    dx: u32,
    mask: u32,
    add: u32,
    masked: u32,
    x: u32,
    dy: u32,
    channels: u32,
    plane: u32,
    mean_alpha: f32,
    beta: f32,
    k: f32,
}

@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;

var<workgroup> terms: array<f32, 256>; // [channel][cell]

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let half = SIZE / 2u;
    let row = thread / COLUMNS;
    let cell = (workgroup.z * workgroups.x + workgroup.x) * COLUMNS + thread % COLUMNS;
    let channel = workgroup.y * (ROWS - 2u * half) + row - half; // wraps below 0: too large
    let index = channel * params.plane + cell;
    let real = channel < params.channels && cell < params.plane;
    var own = 0.0;
    var term = 0.0;
    var value = 0.0;
    if real {
        let s = scale(channel, cell);
        value = x[params.x + index];
        own = dy[params.dy + index] * inverse_power(s);
        term = own * value / s;
    }
    terms[thread] = term;
    workgroupBarrier();
    if !real || row < half || row >= ROWS - half {
        return;
    }
    var sum = 0.0;
    for (var i = thread - half * COLUMNS; i <= thread + half * COLUMNS; i += COLUMNS) {
        sum += terms[i];
    }
    leave_gradient(index, own - 2.0 * params.beta * params.mean_alpha * value * sum);
}

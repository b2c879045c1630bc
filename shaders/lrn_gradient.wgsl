// dx_c = dy_c s_c^-beta - 2 beta alpha / SIZE x_c sum_i dy_i x_i s_i^(-beta - 1), i over the channels around c.
// One invocation, one cell; CHW.

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

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let index = invocation_index(workgroup, workgroups, thread);
    if index >= params.channels * params.plane {
        return;
    }
    let channel = index / params.plane;
    let cell = index % params.plane;
    let first = max(channel, SIZE / 2u) - SIZE / 2u;
    let end = min(channel + SIZE / 2u + 1u, params.channels);
    var own = 0.0;
    var sum = 0.0;
    for (var c = first; c < end; c += 1u) {
        let at = c * params.plane + cell;
        let s = scale(c, cell);
        let passed = dy[params.dy + at] * inverse_power(s);
        sum += passed * x[params.x + at] / s;
        if c == channel {
            own = passed;
        }
    }
    leave_gradient(index, own - 2.0 * params.beta * params.mean_alpha * x[params.x + index] * sum);
}

// y = x s^-beta. One invocation, CHANNELS channels of one cell; CHW.

struct Params {
    x: u32,
    y: u32,
    channels: u32,
    plane: u32,
    mean_alpha: f32,
    k: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let index = invocation_index(workgroup, workgroups, thread);
    let cell = index % params.plane;
    let first = index / params.plane * CHANNELS;
    if first >= params.channels {
        return;
    }
    for (var i = 0u; i + 1u < SIZE; i += 1u) {
        slide(value_at(first + i - SIZE / 2u, cell));
    }
    for (var channel = first; channel < min(first + CHANNELS, params.channels); channel += 1u) {
        slide(value_at(channel + SIZE / 2u, cell));
        y[params.y + channel * params.plane + cell] = around[SIZE / 2u] * inverse_power(scale());
    }
}

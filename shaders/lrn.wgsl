// y = x s^-beta. One invocation, one cell; CHW.

struct Params {
    x: u32,
    y: u32,
    channels: u32,
    plane: u32,
    mean_alpha: f32,
    beta: f32,
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
    if index < params.channels * params.plane {
        let s = scale(index / params.plane, index % params.plane);
        y[params.y + index] = x[params.x + index] * inverse_power(s);
    }
}

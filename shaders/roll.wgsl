// y = x shifted circularly by the jitter. One invocation per pixel of all channels.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> jitter: Jitter;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let pixel = invocation_index(workgroup, workgroups, thread);
    let plane = params.height * params.width;
    if pixel >= plane {
        return;
    }
    let source = shifted(pixel, params.height, params.width, jitter.down, jitter.right);
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        y[params.y + channel * plane + pixel] = x[params.x + channel * plane + source];
    }
}

// Replaces a gradient by Adam's direction. The gradient is shifted by the jitter; the running means are not. One
// invocation handles one cell of the means and the one cell of the gradient that belongs to it, in all channels.

struct Params {
    dx: u32,
    first: u32,
    second: u32,
    mass: u32,
    height: u32,
    width: u32,
    channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> jitter: Jitter;
@group(0) @binding(2) var<storage, read> mass: array<f32>;
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
@group(0) @binding(4) var<storage, read_write> second: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

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
    let source = shifted(pixel, params.height, params.width, -jitter.down, -jitter.right);
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        let cell = channel * plane + pixel;
        let rolled = params.dx + channel * plane + source;
        let gradient = dx[rolled];
        let mean = 0.9 * first[params.first + cell] + 0.1 * gradient;
        let square = 0.999 * second[params.second + cell] + 0.001 * gradient * gradient;
        first[params.first + cell] = mean;
        second[params.second + cell] = square;
        dx[rolled] = mean / mass[params.mass] / (sqrt(square / mass[params.mass + 1u]) + 1e-8);
    }
}

// Converts a picture of three decorrelated channels to colours that can be shown. One invocation per pixel.

struct Params {
    x: u32,
    y: u32,
    plane: u32,
    mean0: f32,
    mean1: f32,
    mean2: f32,
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
    let pixel = invocation_index(workgroup, workgroups, thread);
    if pixel >= params.plane {
        return;
    }
    let at = params.x + pixel;
    let cell = vec3<f32>(x[at], x[at + params.plane], x[at + 2u * params.plane]);
    let sums = vec3<f32>(dot(BLUE, cell), dot(GREEN, cell), dot(RED, cell));
    let colours = 255.0 / (1.0 + exp(-sums)) - vec3<f32>(params.mean0, params.mean1, params.mean2);
    y[params.y + pixel] = colours.x;
    y[params.y + params.plane + pixel] = colours.y;
    y[params.y + 2u * params.plane + pixel] = colours.z;
}

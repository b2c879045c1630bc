// The gradient of three decorrelated channels, from that of the picture they make. One invocation per pixel.

struct Params {
    y: u32,
    dy: u32,
    dx: u32,
    plane: u32,
    mean0: f32,
    mean1: f32,
    mean2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

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
    let at = params.y + pixel;
    let colours = vec3<f32>(y[at], y[at + params.plane], y[at + 2u * params.plane]);
    let shown = (colours + vec3<f32>(params.mean0, params.mean1, params.mean2)) / 255.0;
    let start = params.dy + pixel;
    let slopes = 255.0 * shown * (1.0 - shown)
        * vec3<f32>(dy[start], dy[start + params.plane], dy[start + 2u * params.plane]);
    let sums = slopes.x * BLUE + slopes.y * GREEN + slopes.z * RED;
    dx[params.dx + pixel] = sums.x;
    dx[params.dx + params.plane + pixel] = sums.y;
    dx[params.dx + 2u * params.plane + pixel] = sums.z;
}

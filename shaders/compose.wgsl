// Adds waves to a picture, weighted by interpolated values of blocks. One invocation per pixel.

struct Params {
    x: u32,
    waves: u32,
    parts: u32,
    y: u32,
    height: u32,
    width: u32,
    lines: u32, // rows of blocks
    across: u32, // blocks per row
    maps: u32,
    low0: f32,
    low1: f32,
    low2: f32,
    high0: f32,
    high1: f32,
    high2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> waves: array<f32>;
@group(0) @binding(3) var<storage, read> parts: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

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
    let middle = vec2<f32>(f32(pixel / params.width), f32(pixel % params.width)) + 0.5;
    let around = corners(0.25 * middle - 0.5, params.lines, params.across);
    let picture = params.x + pixel;
    var sum = vec3<f32>(x[picture], x[picture + plane], x[picture + 2u * plane]);
    for (var map = 0u; map < params.maps; map += 1u) {
        let start = params.parts + map * params.lines * params.across;
        let blocks = vec4<f32>(
            parts[start + around.cells.x],
            parts[start + around.cells.y],
            parts[start + around.cells.z],
            parts[start + around.cells.w],
        );
        let wave = params.waves + 3u * map * plane + pixel;
        sum += dot(around.weights, blocks) * vec3<f32>(waves[wave], waves[wave + plane], waves[wave + 2u * plane]);
    }
    let low = vec3<f32>(params.low0, params.low1, params.low2);
    let high = vec3<f32>(params.high0, params.high1, params.high2);
    let within = clamp(sum, low, high);
    let to = params.y + pixel;
    y[to] = within.x;
    y[to + plane] = within.y;
    y[to + 2u * plane] = within.z;
}

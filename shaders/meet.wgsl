// Adds the contributions of the frames before and after to a picture. One invocation per pixel.

struct Params {
    x: u32,
    first: u32,
    second: u32,
    before: u32,
    behind: u32,
    way: u32,
    y: u32,
    plane: u32,
    low0: f32,
    low1: f32,
    low2: f32,
    high0: f32,
    high1: f32,
    high2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> first: array<f32>;
@group(0) @binding(3) var<storage, read> second: array<f32>;
@group(0) @binding(4) var<storage, read> before: array<f32>;
@group(0) @binding(5) var<storage, read> behind: array<f32>;
@group(0) @binding(6) var<storage, read> way: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;

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
    let gone = way[params.way];
    let from_first = (1.0 - gone) * max(before[params.before + pixel], 1.0);
    let from_second = gone * max(behind[params.behind + pixel], 1.0);
    let part = from_second / (from_first + from_second);
    let low = vec3<f32>(params.low0, params.low1, params.low2);
    let high = vec3<f32>(params.high0, params.high1, params.high2);
    for (var channel = 0u; channel < 3u; channel += 1u) {
        let at = channel * params.plane + pixel;
        let one = first[params.first + at];
        let added = one + part * (second[params.second + at] - one);
        y[params.y + at] = clamp(x[params.x + at] + added, low[channel], high[channel]);
    }
}

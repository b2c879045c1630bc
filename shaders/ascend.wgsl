// One ascent step: x = clamp(x + mask step / magnitude dx, low, high), with dx shifted back by the jitter. A zero
// gradient has no direction: x stays, and the host sees it in the report. One invocation per pixel.

override MASKED: bool = true;

struct Params {
    x: u32,
    dx: u32,
    magnitude: u32,
    mask: u32,
    height: u32,
    width: u32,
    step: f32,
    low0: f32,
    low1: f32,
    low2: f32,
    high0: f32,
    high1: f32,
    high2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> jitter: Jitter;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read> magnitude: array<f32>;
@group(0) @binding(4) var<storage, read> mask: array<f32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let pixel = invocation_index(workgroup, workgroups, thread);
    let plane = params.height * params.width;
    let mean = magnitude[params.magnitude];
    if pixel >= plane || !(mean > 0.0) {
        return;
    }
    let source = shifted(pixel, params.height, params.width, -jitter.down, -jitter.right);
    var rate = params.step / mean;
    if MASKED {
        rate *= mask[params.mask + pixel];
    }
    let low = vec3<f32>(params.low0, params.low1, params.low2);
    let high = vec3<f32>(params.high0, params.high1, params.high2);
    for (var channel = 0u; channel < 3u; channel += 1u) {
        let at = params.x + channel * plane + pixel;
        let uphill = x[at] + rate * dx[params.dx + channel * plane + source];
        x[at] = clamp(uphill, low[channel], high[channel]);
    }
}

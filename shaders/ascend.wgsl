// One step uphill: x = clamp(x + mask step / magnitude dx, low, high), with dx shifted back by the jitter. A zero
// gradient has no direction: x stays, and the host learns of it from the report. One invocation, one cell.

override MASKED: bool = true;

struct Params {
    x: u32,
    dx: u32,
    magnitude: u32,
    mask: u32,
    height: u32,
    width: u32,
    cells: u32,
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
    let cell = invocation_index(workgroup, workgroups, thread);
    let mean = magnitude[params.magnitude];
    if cell >= params.cells || !(mean > 0.0) {
        return;
    }
    let plane = params.height * params.width;
    let channel = cell / plane;
    let row = (cell % plane) / params.width;
    let column = cell % params.width;
    let source = shifted(row, column, params.height, params.width, -jitter.down, -jitter.right);
    var rate = params.step / mean;
    if MASKED {
        rate *= mask[params.mask + cell % plane];
    }
    let uphill = x[params.x + cell] + rate * dx[params.dx + channel * plane + source];
    let low = select(select(params.low2, params.low1, channel == 1u), params.low0, channel == 0u);
    let high = select(select(params.high2, params.high1, channel == 1u), params.high0, channel == 0u);
    x[params.x + cell] = clamp(uphill, low, high);
}

// y = exp(x - max x) / (sum of the same). One workgroup for all channels of a 1x1 map.

struct Params {
    x: u32,
    y: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<workgroup> peak: f32;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    if thread == 0u {
        var highest = x[params.x];
        for (var i = 1u; i < params.cells; i += 1u) {
            highest = max(highest, x[params.x + i]);
        }
        peak = highest;
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var i = thread; i < params.cells; i += INVOCATIONS) {
        sum += exp(x[params.x + i] - peak);
    }
    let total = workgroup_sum(thread, sum);
    for (var i = thread; i < params.cells; i += INVOCATIONS) {
        y[params.y + i] = exp(x[params.x + i] - peak) / total;
    }
}

// dx = y (dy - sum of y dy). One workgroup for all channels of a 1x1 map.

struct Params {
    dx: u32,
    mask: u32,
    y: u32,
    dy: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    var sum = 0.0;
    for (var i = thread; i < params.cells; i += INVOCATIONS) {
        sum += y[params.y + i] * dy[params.dy + i];
    }
    let total = workgroup_sum(thread, sum);
    for (var i = thread; i < params.cells; i += INVOCATIONS) {
        leave_gradient(i, y[params.y + i] * (dy[params.dy + i] - total));
    }
}

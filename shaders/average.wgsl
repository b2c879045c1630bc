// The mean of each channel. One workgroup per block of channels.

struct Params {
    x: u32,
    y: u32,
    plane: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read_write> y: array<Block>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let first = params.x + workgroup.x * params.plane;
    var sum = Block();
    for (var i = thread; i < params.plane; i += INVOCATIONS) {
        sum += x[first + i];
    }
    let total = workgroup_sum(thread, sum);
    if thread == 0u {
        y[params.y + workgroup.x] = total / f32(params.plane);
    }
}

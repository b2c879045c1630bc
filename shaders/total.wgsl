// The second half of measuring a functional: the sum of the partial sums, scaled. One workgroup.

struct Params {
    total: u32,
    count: u32,
    scale: f32,
    add: u32,
    root: u32, // whether the root of the scaled sum is wanted
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> total: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    var value = 0.0;
    if thread < params.count {
        value = partials[thread];
    }
    var sum = params.scale * workgroup_sum(thread, value);
    if thread == 0u {
        if params.root != 0u {
            sum = sqrt(sum);
        }
        if params.add != 0u {
            total[params.total] += sum;
        } else {
            total[params.total] = sum;
        }
    }
}

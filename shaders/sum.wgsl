// The sum of one value from each of 256 invocations, in a fixed order.

var<workgroup> partial: array<f32, INVOCATIONS>;

fn workgroup_sum(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    for (var half = INVOCATIONS / 2u; half > 0u; half /= 2u) {
        if thread < half {
            partial[thread] += partial[thread + half];
        }
        workgroupBarrier();
    }
    return partial[0];
}

// The sum of one block from each of 256 invocations, in a fixed order.

var<workgroup> partial: array<Block, INVOCATIONS>;

fn workgroup_sum(thread: u32, value: Block) -> Block {
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

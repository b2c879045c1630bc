// The sum of one block from each of 256 invocations, in a fixed order.

const SIDE: u32 = 16u; // its square is INVOCATIONS

var<workgroup> partial: array<Block, INVOCATIONS>;

fn workgroup_sum(thread: u32, value: Block) -> Block {
    partial[thread] = value;
    workgroupBarrier();
    // Sixteen sums of sixteen terms instead of a tree of halves: a barrier costs more than a few terms.
    if thread < SIDE {
        var sum = Block();
        for (var i = thread; i < INVOCATIONS; i += SIDE) {
            sum += partial[i];
        }
        partial[thread] = sum;
    }
    workgroupBarrier();
    if thread == 0u {
        var sum = Block();
        for (var i = 0u; i < SIDE; i += 1u) {
            sum += partial[i];
        }
        partial[0] = sum;
    }
    workgroupBarrier();
    return partial[0];
}

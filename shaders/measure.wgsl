// The first half of measuring a functional: each workgroup sums its share of the blocks into one partial sum.
// Here, the host chooses what a block is: without a region, it is four consecutive cells, whatever channels they
// belong to.

struct Params {
    x: u32,
    first: u32, // first cell of the region's first row; 0 for the whole map
    row_length: u32, // cells of the region in one row
    row_pitch: u32, // cells from one row to the next
    pitch: u32, // cells from one column to the next
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    var sum = Block();
    let stride = workgroups.x * INVOCATIONS;
    for (var i = workgroup.x * INVOCATIONS + thread; i < params.blocks; i += stride) {
        var cell = i;
        if !WHOLE {
            cell = params.first + i / params.row_length * params.row_pitch + i % params.row_length * params.pitch;
        }
        sum += term_of(x[params.x + cell]).value;
    }
    let total = channels_of(workgroup_sum(thread, sum));
    if thread == 0u {
        partials[workgroup.x] = total[0] + total[1] + total[2] + total[3];
    }
}

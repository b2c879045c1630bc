// dx_c = dy_c s_c^-beta - 2 beta alpha / SIZE x_c sum_i dy_i x_i s_i^(-beta - 1), i over the channels around c.
//
// One invocation per 16 channels of one cell. It computes the terms of the sum REACH blocks ahead of the block
// that it finishes.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    dy: u32,
    blocks: u32,
    plane: u32,
    mean_alpha: f32,
    k: f32,
}

@group(0) @binding(3) var<storage, read> x: array<Block>;
@group(0) @binding(4) var<storage, read> dy: array<Block>;

/// dy x s^(-beta - 1) around the block that is finished next.
var<private> terms: Near;
/// dy s^-beta around that block.
var<private> owns: Near;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let index = invocation_index(workgroup, workgroups, thread);
    let walk = index / params.plane;
    let cell = index - walk * params.plane;
    let first = walk * WALK;
    if first >= params.blocks {
        return;
    }
    // Block numbers may wrap below 0, which makes them too large.
    for (var i = 0u; i < 2u * REACH; i += 1u) {
        around = slid(around, value_at(first + i - 2u * REACH, cell));
    }
    let end = min(first + WALK, params.blocks);
    for (var step = 0u; step < end - first + 2u * REACH; step += 1u) {
        let ahead = first + step - REACH;
        around = slid(around, value_at(ahead + REACH, cell));
        var own = Block();
        var term = Block();
        if ahead < params.blocks {
            let s = scale();
            own = dy[params.dy + ahead * params.plane + cell] * inverse_power(s);
            term = own * block_at(around, MIDDLE) / s;
        }
        terms = slid(terms, term);
        owns = slid(owns, own);
        if step >= 2u * REACH {
            let others = 2.0 * BETA * params.mean_alpha * block_at(around, 0u) * window_sums(terms);
            leave_gradient((ahead - REACH) * params.plane + cell, block_at(owns, MIDDLE) - others);
        }
    }
}

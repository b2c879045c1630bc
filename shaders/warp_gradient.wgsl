// The transpose of a warp: each cell of the input gathers its shares of the output, which the host has listed:
// the number of shares before each cell, then for each share the cell of the output and the weight. One
// invocation per cell.

struct Params {
    dx: u32,
    mask: u32,
    dy: u32,
    shares: u32,
    plane: u32,
    out_plane: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> shares: array<u32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell >= params.cells {
        return;
    }
    let channel = params.dy + cell / params.plane * params.out_plane;
    let own = params.shares + cell % params.plane;
    let first = params.shares + params.plane + 1u;
    var sum = 0.0;
    for (var i = shares[own]; i < shares[own + 1u]; i += 1u) {
        sum += bitcast<f32>(shares[first + 2u * i + 1u]) * dy[channel + shares[first + 2u * i]];
    }
    leave_gradient(cell, sum);
}

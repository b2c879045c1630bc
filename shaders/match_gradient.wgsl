// The gradient of a map's likeness to a guide: each cell has the channels of the column it chose, scaled. One
// invocation, one cell; CHW.

struct Params {
    dx: u32,
    mask: u32,
    guide: u32,
    choice: u32,
    scale: f32,
    plane: u32,
    columns: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> guide: array<f32>;
@group(0) @binding(4) var<storage, read> choice: array<f32>;

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
    let column = u32(choice[params.choice + cell % params.plane]);
    let channel = cell / params.plane;
    leave_gradient(cell, params.scale * guide[params.guide + channel * params.columns + column]);
}

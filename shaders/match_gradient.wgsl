// The gradient of a map's similarity to a guide: each cell gets the channels of the column it chose, scaled. One
// invocation per block of one cell.

struct Params {
    dx: u32,
    mask: u32,
    guide: u32,
    choice: u32,
    scale: f32,
    plane: u32,
    columns: u32,
    blocks: u32,
}

@group(0) @binding(3) var<storage, read> guide: array<Block>;
@group(0) @binding(4) var<storage, read> choice: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at >= params.blocks {
        return;
    }
    let column = u32(choice[params.choice + at % params.plane]);
    leave_gradient(at, params.scale * guide[params.guide + at / params.plane * params.columns + column]);
}

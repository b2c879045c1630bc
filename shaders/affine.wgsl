// x = scale x + offset, in place; with a scale of 0, offset whatever x was before. One invocation per cell.

struct Params {
    x: u32,
    cells: u32,
    scale: f32,
    offset: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;

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
    var value = params.offset;
    if params.scale != 0.0 {
        value += params.scale * x[params.x + cell];
    }
    x[params.x + cell] = value;
}

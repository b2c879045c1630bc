// y = x shifted circularly by the jitter. One invocation, one cell; CHW.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> jitter: Jitter;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
    let plane = params.height * params.width;
    let row = (cell % plane) / params.width;
    let column = cell % params.width;
    let source = shifted(row, column, params.height, params.width, jitter.down, jitter.right);
    y[params.y + cell] = x[params.x + cell / plane * plane + source];
}

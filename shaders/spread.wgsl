// Multiplies cells by interpolated values of blocks. One invocation per cell.

struct Params {
    x: u32,
    y: u32,
    lines: u32, // rows of blocks
    across: u32, // blocks per row
    width: u32,
    cells: u32,
    down: f32, // height of a cell in blocks
    right: f32, // width of a cell in blocks
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

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
    let middle = vec2<f32>(f32(cell / params.width), f32(cell % params.width)) + 0.5;
    let around = corners(vec2<f32>(params.down, params.right) * middle - 0.5, params.lines, params.across);
    let blocks = vec4<f32>(
        x[params.x + around.cells.x],
        x[params.x + around.cells.y],
        x[params.x + around.cells.z],
        x[params.x + around.cells.w],
    );
    y[params.y + cell] *= dot(around.weights, blocks);
}

// Halves the size: a window of 5x5 with stride 2. One invocation per output cell; CHW.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    cells: u32,
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
    var weights = BINOMIAL;
    let out_plane = params.out_height * params.out_width;
    let plane = params.x + cell / out_plane * (params.height * params.width);
    let first_row = i32(2u * (cell % out_plane / params.out_width)) - first(params.height);
    let first_column = i32(2u * (cell % params.out_width)) - first(params.width);
    var sum = 0.0;
    for (var i = 0; i < 5; i++) {
        let row = first_row + i;
        if row < 0 || row >= i32(params.height) {
            continue;
        }
        for (var j = 0; j < 5; j++) {
            let column = first_column + j;
            if column >= 0 && column < i32(params.width) {
                sum += weights[i] * weights[j] * x[plane + u32(row) * params.width + u32(column)];
            }
        }
    }
    y[params.y + cell] = sum;
}

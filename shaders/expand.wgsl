// Doubles the size, multiplies by a factor, and adds: the transpose of shrink. One invocation per output cell;
// CHW.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    cells: u32,
    factor: f32,
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
    let last_row = i32(cell % out_plane / params.out_width) + first(params.out_height);
    let last_column = i32(cell % params.out_width) + first(params.out_width);
    var sum = 0.0;
    for (var i = 0; i < 5; i++) {
        let row = last_row - i; // twice the window's
        if row < 0 || (row & 1) != 0 || row / 2 >= i32(params.height) {
            continue;
        }
        for (var j = 0; j < 5; j++) {
            let column = last_column - j;
            if column >= 0 && (column & 1) == 0 && column / 2 < i32(params.width) {
                let source = plane + u32(row / 2) * params.width + u32(column / 2);
                sum += 4.0 * weights[i] * weights[j] * x[source];
            }
        }
    }
    y[params.y + cell] += params.factor * sum;
}

// Each input cell gathers the gradients of the windows that chose it: no atomics, the same sum every time.
// One invocation, one input cell; CHW.

override KERNEL: u32 = 3u;
override STRIDE: u32 = 2u;

struct Params {
    dx: u32,
    mask: u32,
    add: u32,
    masked: u32,
    dy: u32,
    choice: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    pad_rows: u32,
    pad_columns: u32,
    cells: u32,
}

@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> choice: array<f32>;

/// First window whose last cell is not before `padded`.
fn first_window(padded: u32) -> u32 {
    return select(0u, (padded - KERNEL + STRIDE) / STRIDE, padded >= KERNEL);
}

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
    let row = (cell / params.width) % params.height + params.pad_rows;
    let column = cell % params.width + params.pad_columns;
    let plane = cell / (params.width * params.height) * (params.out_height * params.out_width);
    let end_row = min(row / STRIDE + 1u, params.out_height);
    let end_column = min(column / STRIDE + 1u, params.out_width);
    var sum = 0.0;
    for (var r = first_window(row); r < end_row; r += 1u) {
        for (var c = first_window(column); c < end_column; c += 1u) {
            let at = plane + r * params.out_width + c;
            let place = (row - r * STRIDE) * KERNEL + column - c * STRIDE;
            if u32(choice[params.choice + at]) == place {
                sum += dy[params.dy + at];
            }
        }
    }
    leave_gradient(cell, sum);
}

// Each input cell gathers the gradients of the windows that chose it: no atomics, the same sum every time.
// One invocation, a square of two by two input cells: neighbours mostly share their windows. CHW.

override KERNEL: u32 = 3u;
override STRIDE: u32 = 2u;

struct Params {
    dx: u32,
    mask: u32,
    dy: u32,
    choice: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    pad_rows: u32,
    pad_columns: u32,
    squares: u32,
}

@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> choice: array<f32>;

/// First window whose last cell is not before `padded`.
fn first_window(padded: u32) -> u32 {
    return select(0u, (padded - KERNEL + STRIDE) / STRIDE, padded >= KERNEL);
}

fn leave_inside(plane: u32, row: u32, column: u32, sum: f32) {
    if row < params.height && column < params.width {
        leave_gradient(plane + row * params.width + column, sum);
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let square = invocation_index(workgroup, workgroups, thread);
    if square >= params.squares {
        return;
    }
    let across = (params.width + 1u) / 2u;
    let down = (params.height + 1u) / 2u;
    let channel = square / (across * down);
    let row = 2u * (square / across % down);
    let column = 2u * (square % across);
    let windows = channel * (params.out_height * params.out_width);
    let first_row = first_window(row + params.pad_rows);
    let first_column = first_window(column + params.pad_columns);
    var sum = vec4<f32>(); // top left, top right, bottom left, bottom right
    // Two neighbours see at most this many windows along an axis.
    for (var i = 0u; i < KERNEL / STRIDE + 1u; i += 1u) {
        for (var j = 0u; j < KERNEL / STRIDE + 1u; j += 1u) {
            let r = first_row + i;
            let c = first_column + j;
            let real = r < params.out_height && c < params.out_width;
            let at = select(0u, windows + r * params.out_width + c, real);
            let gradient = select(0.0, dy[params.dy + at], real);
            // Where in the square the chosen cell lies; too large if before it.
            let chosen = u32(choice[params.choice + at]);
            let y = r * STRIDE + chosen / KERNEL - params.pad_rows - row;
            let x = c * STRIDE + chosen % KERNEL - params.pad_columns - column;
            let hit = vec4<bool>(y == 0u && x == 0u, y == 0u && x == 1u, y == 1u && x == 0u, y == 1u && x == 1u);
            sum += select(vec4<f32>(), vec4<f32>(gradient), hit);
        }
    }
    let plane = channel * (params.height * params.width);
    leave_inside(plane, row, column, sum.x);
    leave_inside(plane, row, column + 1u, sum.y);
    leave_inside(plane, row + 1u, column, sum.z);
    leave_inside(plane, row + 1u, column + 1u, sum.w);
}

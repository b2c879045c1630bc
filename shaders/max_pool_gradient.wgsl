// Each input cell gathers the gradients of the windows that chose it. There are no atomics, so the sum is the
// same every time. One invocation handles a square of two by two input cells of a block of channels, as
// neighbours mostly share their windows.

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

@group(0) @binding(3) var<storage, read> dy: array<Block>;
@group(0) @binding(4) var<storage, read> choice: array<Block>;

/// The first window whose last cell is not before `padded`.
fn first_window(padded: u32) -> u32 {
    return select(0u, (padded - KERNEL + STRIDE) / STRIDE, padded >= KERNEL);
}

/// The channels of a window's gradient that go to the cell at this position in it, which may have wrapped below
/// 0.
fn share(gradient: Block, chosen: Block, y: u32, x: u32) -> Block {
    let here = select(-1.0, f32(y * KERNEL + x), (y < KERNEL) & (x < KERNEL));
    return select(Block(), gradient, chosen == Block(here));
}

fn leave_inside(channels: u32, row: u32, column: u32, sum: Block) {
    if row < params.height && column < params.width {
        leave_gradient((channels * params.height + row) * params.width + column, sum);
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
    // Divisions cost a software adapter as much as loads do, so there is only one for each coordinate.
    let line = square / across;
    let channels = line / down;
    let row = 2u * (line - channels * down);
    let column = 2u * (square - line * across);
    let windows = channels * (params.out_height * params.out_width);
    let first_row = first_window(row + params.pad_rows);
    let first_column = first_window(column + params.pad_columns);
    var top_left = Block(); var top_right = Block();
    var bottom_left = Block(); var bottom_right = Block();
    // Two neighbours are in at most this many windows along an axis.
    for (var i = 0u; i < KERNEL / STRIDE + 1u; i += 1u) {
        for (var j = 0u; j < KERNEL / STRIDE + 1u; j += 1u) {
            let r = first_row + i;
            let c = first_column + j;
            let real = (r < params.out_height) & (c < params.out_width);
            let at = select(0u, windows + r * params.out_width + c, real);
            let gradient = select(Block(), dy[params.dy + at], real);
            let chosen = choice[params.choice + at];
            let y = row + params.pad_rows - r * STRIDE;
            let x = column + params.pad_columns - c * STRIDE;
            top_left += share(gradient, chosen, y, x);
            top_right += share(gradient, chosen, y, x + 1u);
            bottom_left += share(gradient, chosen, y + 1u, x);
            bottom_right += share(gradient, chosen, y + 1u, x + 1u);
        }
    }
    leave_inside(channels, row, column, top_left);
    leave_inside(channels, row, column + 1u, top_right);
    leave_inside(channels, row + 1u, column, bottom_left);
    leave_inside(channels, row + 1u, column + 1u, bottom_right);
}

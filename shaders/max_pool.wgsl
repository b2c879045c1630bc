// The maximum over windows clipped to the map. The first maximum in row-major order wins; its index in the
// unclipped window is recorded. One invocation handles a square of two by two output cells of a block of
// channels, as neighbours share much of their windows.

override KERNEL: u32 = 3u;
override STRIDE: u32 = 2u;
override RECORDED: bool = true;

struct Params {
    x: u32,
    y: u32,
    choice: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    pad_rows: u32,
    pad_columns: u32,
    squares: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read_write> y: array<Block>;
@group(0) @binding(3) var<storage, read_write> choice: array<Block>;

const NONE: f32 = -1.0; // no cell has been seen yet

// For the cells of the square: top left, top right, bottom left, bottom right.
var<private> best: array<Block, 4>;
var<private> winner: array<Block, 4>; // its index in the window

/// Offers a value to one of the square's cells. Row and column are its position in the window of that cell, and
/// may have wrapped below 0.
fn show(cell: u32, value: Block, real: bool, row: u32, column: u32) {
    let sees = real & (row < KERNEL) & (column < KERNEL);
    let better = Tests(sees) & ((winner[cell] == Block(NONE)) | (value > best[cell]));
    best[cell] = select(best[cell], value, better);
    winner[cell] = select(winner[cell], Block(f32(row * KERNEL + column)), better);
}

fn leave(cell: u32, channels: u32, row: u32, column: u32) {
    if row < params.out_height && column < params.out_width {
        let at = (channels * params.out_height + row) * params.out_width + column;
        y[params.y + at] = best[cell];
        if RECORDED {
            choice[params.choice + at] = winner[cell];
        }
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
    let across = (params.out_width + 1u) / 2u;
    let down = (params.out_height + 1u) / 2u;
    // Divisions cost a software adapter as much as loads do, so there is only one for each coordinate.
    let line = square / across;
    let channels = line / down;
    let row = 2u * (line - channels * down);
    let column = 2u * (square - line * across);
    for (var cell = 0u; cell < 4u; cell += 1u) {
        winner[cell] = Block(NONE);
    }
    for (var i = 0u; i < KERNEL + STRIDE; i += 1u) {
        for (var j = 0u; j < KERNEL + STRIDE; j += 1u) {
            // These may wrap below 0, which makes them too large.
            let r = row * STRIDE + i - params.pad_rows;
            let c = column * STRIDE + j - params.pad_columns;
            let real = (r < params.height) & (c < params.width);
            let value = x[params.x + select(0u, (channels * params.height + r) * params.width + c, real)];
            show(0u, value, real, i, j);
            show(1u, value, real, i, j - STRIDE);
            show(2u, value, real, i - STRIDE, j);
            show(3u, value, real, i - STRIDE, j - STRIDE);
        }
    }
    leave(0u, channels, row, column);
    leave(1u, channels, row, column + 1u);
    leave(2u, channels, row + 1u, column);
    leave(3u, channels, row + 1u, column + 1u);
}

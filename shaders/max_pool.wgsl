// Maximum over windows clipped to the map; the first maximum in row-major order wins and is recorded as its
// place in the unclipped window. One invocation, a square of two by two output cells: neighbours share much of
// their windows. CHW.

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
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> choice: array<f32>;

fn leave(channel: u32, row: u32, column: u32, best: f32, winner: u32) {
    if row < params.out_height && column < params.out_width {
        let cell = (channel * params.out_height + row) * params.out_width + column;
        y[params.y + cell] = best;
        if RECORDED {
            choice[params.choice + cell] = f32(winner);
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
    let channel = square / (across * down);
    let row = 2u * (square / across % down);
    let column = 2u * (square % across);
    // Top left, top right, bottom left, bottom right, and where their windows begin in what all four see.
    var best = vec4<f32>();
    var winner = vec4<u32>(KERNEL * KERNEL); // none yet
    let first_rows = vec4<u32>(0u, 0u, STRIDE, STRIDE);
    let first_columns = vec4<u32>(0u, STRIDE, 0u, STRIDE);
    for (var i = 0u; i < KERNEL + STRIDE; i += 1u) {
        for (var j = 0u; j < KERNEL + STRIDE; j += 1u) {
            // These wrap below 0: too large.
            let r = row * STRIDE + i - params.pad_rows;
            let c = column * STRIDE + j - params.pad_columns;
            let real = r < params.height && c < params.width;
            let at = select(0u, (channel * params.height + r) * params.width + c, real);
            let value = vec4<f32>(x[params.x + at]);
            let rows = vec4<u32>(i) - first_rows;
            let columns = vec4<u32>(j) - first_columns;
            let sees = vec4<bool>(real) & (rows < vec4<u32>(KERNEL)) & (columns < vec4<u32>(KERNEL));
            let better = sees & ((winner == vec4<u32>(KERNEL * KERNEL)) | (value > best));
            best = select(best, value, better);
            winner = select(winner, rows * KERNEL + columns, better);
        }
    }
    leave(channel, row, column, best.x, winner.x);
    leave(channel, row, column + 1u, best.y, winner.y);
    leave(channel, row + 1u, column, best.z, winner.z);
    leave(channel, row + 1u, column + 1u, best.w, winner.w);
}

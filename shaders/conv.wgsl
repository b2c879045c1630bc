// Every convolution and every input gradient of one: y = epilogue(matrix x patches), an implicit GEMM.
//
//   rows      output channels (or channel x phase, interleaved on writing)
//   columns   cells of the output grid
//   inner     groups of four input channels of one tap of the window; tap by tap
//
// A workgroup of 64 invocations owns TILE_ROWS x TILE_COLUMNS outputs; an invocation owns 8 x 8 of them in
// registers. Both sides pass through workgroup memory, two groups (eight inner cells) at a time:
//
//   matrix_tile[inner][row / 4]        vec4 over rows     as packed by the host
//   patch_tile[group][column]          vec4 over channels gathered by the invocation that owns the column
//
// so for every four inner cells an invocation loads 16 vec4 and does 256 multiply-adds. Columns of one
// invocation lie COLUMN_THREADS apart: neighbouring invocations write neighbouring cells.

override KERNEL: u32 = 1u;
override STRIDE: u32 = 1u;
override ROW_THREADS: u32 = 8u;
override COLUMN_THREADS: u32 = 8u;
override MATRIX_TILE: u32 = 128u; // 2 groups x 4 inner cells x TILE_ROWS / 4
override PATCH_TILE: u32 = 128u; // 2 groups x TILE_COLUMNS

const THREADS: u32 = 64u;
const RELU: u32 = 1u;
const ADD: u32 = 2u;
const MASK: u32 = 4u;

struct Params {
    // Sources: both height x width; their channels follow each other, each padded to groups of four.
    source0: u32,
    source1: u32,
    channels0: u32,
    channels1: u32,
    height: u32,
    width: u32,
    pad: u32,
    // Output grid and matrix.
    grid_width: u32,
    columns: u32,
    rows: u32,
    // Destinations: rows below split go to the first. All planes are out_height x out_width.
    split: u32,
    destination0: u32,
    destination1: u32,
    out_height: u32,
    out_width: u32,
    interleave: u32,
    // Epilogue.
    epilogue: u32,
    mask: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> matrix: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> source0: array<f32>;
@group(0) @binding(4) var<storage, read> source1: array<f32>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read_write> destination0: array<f32>;
@group(0) @binding(7) var<storage, read_write> destination1: array<f32>;

var<workgroup> matrix_tile: array<vec4<f32>, MATRIX_TILE>;
var<workgroup> patch_tile: array<vec4<f32>, PATCH_TILE>;

/// Where in the window and in which group of channels the gathering has arrived.
struct Cursor {
    ky: u32,
    kx: u32,
    group: u32,
}

fn groups_of(channels: u32) -> u32 {
    return (channels + 3u) / 4u;
}

fn advance(cursor: Cursor) -> Cursor {
    var next = cursor;
    next.group += 1u;
    if next.group == groups_of(params.channels0) + groups_of(params.channels1) {
        next.group = 0u;
        next.kx += 1u;
        if next.kx == KERNEL {
            next.kx = 0u;
            next.ky += 1u;
        }
    }
    return next;
}

/// Four channels of the cell under one tap; zero outside the map, past the last channel and past the window.
fn gather(cursor: Cursor, column: u32) -> vec4<f32> {
    let y = (column / params.grid_width) * STRIDE + cursor.ky - params.pad; // wraps below 0: too large
    let x = (column % params.grid_width) * STRIDE + cursor.kx - params.pad;
    if column >= params.columns || y >= params.height || x >= params.width || cursor.ky >= KERNEL {
        return vec4<f32>();
    }
    let plane = params.height * params.width;
    let cell = y * params.width + x;
    let groups0 = groups_of(params.channels0);
    if cursor.group < groups0 {
        let channel = 4u * cursor.group;
        let at = params.source0 + channel * plane + cell;
        let left = params.channels0 - channel;
        var values = vec4<f32>(source0[at], 0.0, 0.0, 0.0);
        if left >= 4u {
            values = vec4<f32>(values.x, source0[at + plane], source0[at + 2u * plane], source0[at + 3u * plane]);
        } else {
            if left > 1u { values.y = source0[at + plane]; }
            if left > 2u { values.z = source0[at + 2u * plane]; }
        }
        return values;
    }
    let channel = 4u * (cursor.group - groups0);
    let at = params.source1 + channel * plane + cell;
    let left = params.channels1 - channel;
    var values = vec4<f32>(source1[at], 0.0, 0.0, 0.0);
    if left >= 4u {
        values = vec4<f32>(values.x, source1[at + plane], source1[at + 2u * plane], source1[at + 3u * plane]);
    } else {
        if left > 1u { values.y = source1[at + plane]; }
        if left > 2u { values.z = source1[at + 2u * plane]; }
    }
    return values;
}

/// First cell of a row's plane, or of its interleaved phase, and the cell itself.
fn finish(row: u32, column: u32, total: f32) {
    if row >= params.rows || column >= params.columns {
        return;
    }
    let plane = params.out_height * params.out_width;
    var cell = row * plane + column;
    if params.interleave > 1u {
        let side = params.interleave;
        let phase = row % (side * side);
        let y = (column / params.grid_width) * side + phase / side;
        let x = (column % params.grid_width) * side + phase % side;
        if y >= params.out_height || x >= params.out_width {
            return;
        }
        cell = (row / (side * side)) * plane + y * params.out_width + x;
    }
    var value = total + bias[row];
    if (params.epilogue & RELU) != 0u {
        value = max(value, 0.0);
    }
    if row >= params.split {
        destination1[params.destination1 + cell - params.split * plane] = value;
        return;
    }
    if (params.epilogue & ADD) != 0u {
        value += destination0[params.destination0 + cell];
    }
    if (params.epilogue & MASK) != 0u {
        value = select(0.0, value, mask[params.mask + cell] > 0.0);
    }
    destination0[params.destination0 + cell] = value;
}

fn finish4(row: u32, column: u32, totals: vec4<f32>) {
    finish(row, column, totals.x);
    finish(row + 1u, column, totals.y);
    finish(row + 2u, column, totals.z);
    finish(row + 3u, column, totals.w);
}

/// c + a b for four rows and four inner cells.
fn mac(a0: vec4<f32>, a1: vec4<f32>, a2: vec4<f32>, a3: vec4<f32>, b: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
    return fma(a3, vec4<f32>(b.w), fma(a2, vec4<f32>(b.z), fma(a1, vec4<f32>(b.y), fma(a0, vec4<f32>(b.x), c))));
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile_rows = 8u * ROW_THREADS;
    let tile_columns = 8u * COLUMN_THREADS;
    let first_column = (workgroup.z * workgroups.x + workgroup.x) * tile_columns;
    let thread_row = thread / COLUMN_THREADS;
    let thread_column = thread % COLUMN_THREADS;

    let groups = KERNEL * KERNEL * (groups_of(params.channels0) + groups_of(params.channels1));
    let blocks = (groups + 1u) / 2u;
    var matrix_at = workgroup.y * blocks * MATRIX_TILE;
    var cursor = Cursor(0u, 0u, 0u);

    var l0 = vec4<f32>(); var h0 = vec4<f32>();
    var l1 = vec4<f32>(); var h1 = vec4<f32>();
    var l2 = vec4<f32>(); var h2 = vec4<f32>();
    var l3 = vec4<f32>(); var h3 = vec4<f32>();
    var l4 = vec4<f32>(); var h4 = vec4<f32>();
    var l5 = vec4<f32>(); var h5 = vec4<f32>();
    var l6 = vec4<f32>(); var h6 = vec4<f32>();
    var l7 = vec4<f32>(); var h7 = vec4<f32>();

    for (var block = 0u; block < blocks; block += 1u) {
        for (var i = thread; i < MATRIX_TILE; i += THREADS) {
            matrix_tile[i] = matrix[matrix_at + i];
        }
        let second = advance(cursor);
        for (var column = thread; column < tile_columns; column += THREADS) {
            patch_tile[column] = gather(cursor, first_column + column);
            patch_tile[tile_columns + column] = gather(second, first_column + column);
        }
        matrix_at += MATRIX_TILE;
        cursor = advance(second);
        workgroupBarrier();

        for (var group = 0u; group < 2u; group += 1u) {
            // Two vec4 a row of the tile: this invocation's eight rows, for each of four inner cells.
            let a = group * tile_rows + 2u * thread_row;
            let quads = tile_rows / 4u;
            let a0 = matrix_tile[a];
            let a1 = matrix_tile[a + quads];
            let a2 = matrix_tile[a + 2u * quads];
            let a3 = matrix_tile[a + 3u * quads];
            let e0 = matrix_tile[a + 1u];
            let e1 = matrix_tile[a + quads + 1u];
            let e2 = matrix_tile[a + 2u * quads + 1u];
            let e3 = matrix_tile[a + 3u * quads + 1u];
            let b = group * tile_columns + thread_column;
            let b0 = patch_tile[b];
            l0 = mac(a0, a1, a2, a3, b0, l0);
            h0 = mac(e0, e1, e2, e3, b0, h0);
            let b1 = patch_tile[b + COLUMN_THREADS];
            l1 = mac(a0, a1, a2, a3, b1, l1);
            h1 = mac(e0, e1, e2, e3, b1, h1);
            let b2 = patch_tile[b + 2u * COLUMN_THREADS];
            l2 = mac(a0, a1, a2, a3, b2, l2);
            h2 = mac(e0, e1, e2, e3, b2, h2);
            let b3 = patch_tile[b + 3u * COLUMN_THREADS];
            l3 = mac(a0, a1, a2, a3, b3, l3);
            h3 = mac(e0, e1, e2, e3, b3, h3);
            let b4 = patch_tile[b + 4u * COLUMN_THREADS];
            l4 = mac(a0, a1, a2, a3, b4, l4);
            h4 = mac(e0, e1, e2, e3, b4, h4);
            let b5 = patch_tile[b + 5u * COLUMN_THREADS];
            l5 = mac(a0, a1, a2, a3, b5, l5);
            h5 = mac(e0, e1, e2, e3, b5, h5);
            let b6 = patch_tile[b + 6u * COLUMN_THREADS];
            l6 = mac(a0, a1, a2, a3, b6, l6);
            h6 = mac(e0, e1, e2, e3, b6, h6);
            let b7 = patch_tile[b + 7u * COLUMN_THREADS];
            l7 = mac(a0, a1, a2, a3, b7, l7);
            h7 = mac(e0, e1, e2, e3, b7, h7);
        }
        workgroupBarrier();
    }

    let row = workgroup.y * tile_rows + 8u * thread_row;
    let column = first_column + thread_column;
    finish4(row, column, l0); finish4(row + 4u, column, h0);
    finish4(row, column + COLUMN_THREADS, l1); finish4(row + 4u, column + COLUMN_THREADS, h1);
    finish4(row, column + 2u * COLUMN_THREADS, l2); finish4(row + 4u, column + 2u * COLUMN_THREADS, h2);
    finish4(row, column + 3u * COLUMN_THREADS, l3); finish4(row + 4u, column + 3u * COLUMN_THREADS, h3);
    finish4(row, column + 4u * COLUMN_THREADS, l4); finish4(row + 4u, column + 4u * COLUMN_THREADS, h4);
    finish4(row, column + 5u * COLUMN_THREADS, l5); finish4(row + 4u, column + 5u * COLUMN_THREADS, h5);
    finish4(row, column + 6u * COLUMN_THREADS, l6); finish4(row + 4u, column + 6u * COLUMN_THREADS, h6);
    finish4(row, column + 7u * COLUMN_THREADS, l7); finish4(row + 4u, column + 7u * COLUMN_THREADS, h7);
}

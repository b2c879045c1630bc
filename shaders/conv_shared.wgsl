// What every convolution kernel shares: its parameters and bindings, how products are summed, and what happens to a
// finished sum.
//
//   y = epilogue(matrix x patches), an implicit GEMM
//   rows      output channels (or channel x phase, interleaved on writing)
//   columns   cells of the output grid
//   inner     groups of four input channels of one tap of the window; tap by tap

override KERNEL: u32 = 1u;
override STRIDE: u32 = 1u;
override DESTINATIONS: u32 = 2u;
override INTERLEAVE: u32 = 2u; // side of the square of cells that neighbouring rows fill
override EPILOGUE: u32 = 15u; // what happens to a finished sum, as bits:

const RELU: u32 = 1u;
const ADD: u32 = 2u;
const MASK: u32 = 4u;
const BIAS: u32 = 8u;

struct Params {
    // Sources: both height x width; their channels follow each other, each padded to groups of four.
    source0: u32,
    source1: u32,
    channels0: u32,
    channels1: u32,
    height: u32,
    width: u32,
    // Zeros before the first row and the first column; behind the last, as many as needed.
    pad_rows: u32,
    pad_columns: u32,
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
    mask: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> destination0: array<f32>;
@group(0) @binding(5) var<storage, read_write> destination1: array<f32>;

fn groups_of(channels: u32) -> u32 {
    return (channels + 3u) / 4u;
}

/// c + a b for four rows and four inner cells.
fn mac(a0: vec4<f32>, a1: vec4<f32>, a2: vec4<f32>, a3: vec4<f32>, b: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
    return fma(a3, vec4<f32>(b.w), fma(a2, vec4<f32>(b.z), fma(a1, vec4<f32>(b.y), fma(a0, vec4<f32>(b.x), c))));
}

/// What the cells of a row have in common.
struct Row {
    row: u32,
    bias: f32,
    // The interleaved phase, and the first cell of it.
    y: u32,
    x: u32,
    cell: u32,
}

fn bias_of(row: u32) -> f32 {
    if (EPILOGUE & BIAS) == 0u {
        return 0.0;
    }
    return bias[min(row, params.rows - 1u)];
}

fn row_of(row: u32, bias: f32) -> Row {
    let side = INTERLEAVE;
    let phase = row % (side * side);
    let y = phase / side;
    let x = phase % side;
    let plane = params.out_height * params.out_width;
    let cell = row / (side * side) * plane + y * params.out_width + x;
    return Row(row, bias, y, x, cell);
}

/// One finished sum of a column.
fn finish(row: Row, column: u32, total: f32) {
    if row.row >= params.rows {
        return;
    }
    var cell = row.cell + column; // without interleaving the grid is the output
    if INTERLEAVE > 1u {
        let y = column / params.grid_width * INTERLEAVE;
        let x = column % params.grid_width * INTERLEAVE;
        if y + row.y >= params.out_height || x + row.x >= params.out_width {
            return;
        }
        cell = row.cell + y * params.out_width + x;
    }
    var value = total + row.bias;
    if (EPILOGUE & RELU) != 0u {
        value = max(value, 0.0);
    }
    if DESTINATIONS == 2u && row.row >= params.split {
        let plane = params.out_height * params.out_width;
        destination1[params.destination1 + cell - params.split * plane] = value;
        return;
    }
    if (EPILOGUE & ADD) != 0u {
        value += destination0[params.destination0 + cell];
    }
    if (EPILOGUE & MASK) != 0u {
        value = select(0.0, value, mask[params.mask + cell] > 0.0);
    }
    destination0[params.destination0 + cell] = value;
}

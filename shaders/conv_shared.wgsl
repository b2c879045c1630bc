// What all convolution kernels share: their parameters, and where windows begin. What is done with a finished sum
// is in conv_writes_planar.wgsl and conv_writes_blocked.wgsl.
//
//   y = epilogue(matrix x patches), an implicit GEMM
//   rows      output channels (or channel x phase, interleaved on writing)
//   columns   cells of the output grid
//   inner     groups of four input channels of one tap of the window

override KERNEL: u32 = 1u;
override STRIDE: u32 = 1u;
override DESTINATIONS: u32 = 2u;
override INTERLEAVE: u32 = 2u; // side of the square of cells that consecutive rows fill
override EPILOGUE: u32 = 15u; // what is done with a finished sum, as bits:

const RELU: u32 = 1u;
const ADD: u32 = 2u;
const MASK: u32 = 4u;
const BIAS: u32 = 8u;

struct Params {
    // Sources: both are height x width. Their channels follow each other, each padded to groups of four. Where a
    // map begins is counted in the elements of its binding: numbers or blocks.
    source0: u32,
    source1: u32,
    channels0: u32,
    channels1: u32,
    height: u32,
    width: u32,
    // Zeros before the first row and the first column; after the last ones there are as many as needed.
    pad_rows: u32,
    pad_columns: u32,
    // Output grid and matrix.
    grid_width: u32,
    columns: u32,
    rows: u32,
    // Destinations: rows before split go to the first one. All planes are out_height x out_width.
    split: u32,
    destination0: u32,
    destination1: u32,
    out_height: u32,
    out_width: u32,
    mask: u32,
    first_group: u32, // among the workgroups of the columns: a large product is dispatched in pieces
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;

fn groups_of(channels: u32) -> u32 {
    return (channels + 3u) / 4u;
}

/// The biases of four rows.
fn bias_of(row: u32) -> vec4<f32> {
    if (EPILOGUE & BIAS) == 0u {
        return vec4<f32>();
    }
    return bias[min(row, params.rows - 1u) / 4u];
}

/// Where a column's window begins. It may wrap below 0, so cells outside always have coordinates that are too
/// large.
struct Corner {
    y: u32,
    x: u32,
    cell: u32,
}

/// The corner of a column. For columns past the last one it is the last one's; their results are not written.
fn corner(column: u32) -> Corner {
    let real = min(column, params.columns - 1u);
    let y = (real / params.grid_width) * STRIDE - params.pad_rows;
    let x = (real % params.grid_width) * STRIDE - params.pad_columns;
    return Corner(y, x, y * params.width + x);
}

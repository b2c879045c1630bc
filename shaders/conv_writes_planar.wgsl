// Where finished sums of a convolution go: maps that lie channel by channel, number by number.

@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> destination0: array<f32>;
@group(0) @binding(5) var<storage, read_write> destination1: array<f32>;

/// One finished sum of a column.
fn finish_row(row: u32, column: u32, total: f32) {
    if row >= params.rows {
        return;
    }
    let plane = params.out_height * params.out_width;
    var cell = row * plane + column; // without interleaving the grid is the output
    if INTERLEAVE > 1u {
        let phase = row % (INTERLEAVE * INTERLEAVE);
        let y = column / params.grid_width * INTERLEAVE + phase / INTERLEAVE;
        let x = column % params.grid_width * INTERLEAVE + phase % INTERLEAVE;
        if y >= params.out_height || x >= params.out_width {
            return;
        }
        cell = row / (INTERLEAVE * INTERLEAVE) * plane + y * params.out_width + x;
    }
    var value = total;
    if (EPILOGUE & RELU) != 0u {
        value = max(value, 0.0);
    }
    if DESTINATIONS == 2u && row >= params.split {
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

/// The finished sums of four rows of a column, biases included.
fn finish(row: u32, column: u32, total: vec4<f32>) {
    finish_row(row, column, total.x);
    finish_row(row + 1u, column, total.y);
    finish_row(row + 2u, column, total.z);
    finish_row(row + 3u, column, total.w);
}

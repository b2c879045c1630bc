// Writes the finished sums of a convolution to planar maps, number by number.

@group(0) @binding(3) var<storage, read> mask: array<f32>;
@group(0) @binding(4) var<storage, read_write> destination0: array<f32>;
@group(0) @binding(5) var<storage, read_write> destination1: array<f32>;

/// Where the maps of four rows begin in their destination.
alias Start = vec4<u32>;

fn start_of_row(row: u32) -> u32 {
    let rows_a_map = INTERLEAVE * INTERLEAVE;
    let plane = params.out_height * params.out_width;
    if DESTINATIONS == 2u && row >= params.split {
        return params.destination1 + (row - params.split) / rows_a_map * plane;
    }
    return params.destination0 + row / rows_a_map * plane;
}

fn start_of(row: u32) -> Start {
    return vec4<u32>(start_of_row(row), start_of_row(row + 1u), start_of_row(row + 2u), start_of_row(row + 3u));
}

/// Writes one finished sum of a column.
fn finish_row(row: u32, start: u32, column: u32, total: f32) {
    if row >= params.rows {
        return;
    }
    var cell = column; // without interleaving the grid is the output
    if INTERLEAVE > 1u {
        let phase = row % (INTERLEAVE * INTERLEAVE);
        let y = column / params.grid_width * INTERLEAVE + phase / INTERLEAVE;
        let x = column % params.grid_width * INTERLEAVE + phase % INTERLEAVE;
        if y >= params.out_height || x >= params.out_width {
            return;
        }
        cell = y * params.out_width + x;
    }
    let at = start + cell;
    var value = total;
    if (EPILOGUE & RELU) != 0u {
        value = max(value, 0.0);
    }
    if DESTINATIONS == 2u && row >= params.split {
        destination1[at] = value;
        return;
    }
    if (EPILOGUE & ADD) != 0u {
        value += destination0[at];
    }
    if (EPILOGUE & MASK) != 0u {
        value = select(0.0, value, mask[params.mask + at - params.destination0] > 0.0);
    }
    destination0[at] = value;
}

/// Writes the finished sums of four rows of a column, which include the biases.
fn finish(row: u32, start: Start, column: u32, total: vec4<f32>) {
    finish_row(row, start.x, column, total.x);
    finish_row(row + 1u, start.y, column, total.y);
    finish_row(row + 2u, start.z, column, total.z);
    finish_row(row + 3u, start.w, column, total.w);
}

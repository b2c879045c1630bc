// Writes the finished sums of a convolution to maps in blocks of four channels. Four rows are one block. Nothing
// is interleaved here: consecutive rows are consecutive channels.

@group(0) @binding(3) var<storage, read> mask: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> destination0: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> destination1: array<vec4<f32>>;

/// Where a block of four rows begins in its destination.
alias Start = u32;

fn start_of(row: u32) -> Start {
    let plane = params.out_height * params.out_width;
    if DESTINATIONS == 2u && row >= params.split {
        return params.destination1 + (row - params.split) / 4u * plane;
    }
    return params.destination0 + row / 4u * plane;
}

/// Writes the finished sums of four rows of a column, which include the biases.
fn finish(row: u32, start: Start, column: u32, total: vec4<f32>) {
    if row >= params.rows {
        return;
    }
    let at = start + column;
    var value = total;
    if (EPILOGUE & RELU) != 0u {
        value = max(value, vec4<f32>());
    }
    if DESTINATIONS == 2u && row >= params.split {
        destination1[at] = value;
        return;
    }
    if (EPILOGUE & ADD) != 0u {
        value += destination0[at];
    }
    if (EPILOGUE & MASK) != 0u {
        value = select(vec4<f32>(), value, mask[params.mask + at - params.destination0] > vec4<f32>());
    }
    destination0[at] = value;
}

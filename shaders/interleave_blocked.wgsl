// A map in blocks of four channels.

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;

/// Four channels of a cell.
fn group(number: u32, cell: u32) -> vec4<f32> {
    return x[params.x + number * (params.height * params.width) + cell];
}

// The discrete Fourier transform down the columns of a spectrum that is scaled before it, or its transpose,
// scaled after it. It is a sum for each cell, with waves from a table. One invocation per complex cell.

struct Params {
    x: u32,
    scale: u32,
    waves: u32, // cosines, then sines
    y: u32,
    height: u32,
    width: u32,
    cells: u32,
    back: u32, // whether it is the transpose
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> waves: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell >= params.cells {
        return;
    }
    let plane = params.height * params.width;
    let row = cell % plane / params.width;
    let column = cell % params.width;
    let start = params.x + cell / plane * 2u * plane + column;
    let back = params.back != 0u;
    let direction = select(1.0, -1.0, back);
    var sum = vec2<f32>(0.0);
    var wave = 0u;
    for (var k = 0u; k < params.height; k += 1u) {
        let at = start + k * params.width;
        var term = vec2<f32>(x[at], x[at + plane]);
        if !back {
            term *= scale[params.scale + k * params.width + column];
        }
        let cosine = waves[params.waves + wave];
        let sine = direction * waves[params.waves + params.height + wave];
        sum += vec2<f32>(cosine * term.x - sine * term.y, sine * term.x + cosine * term.y);
        wave += row;
        if wave >= params.height {
            wave -= params.height;
        }
    }
    if back {
        sum *= scale[params.scale + cell % plane];
    }
    let to = params.y + cell / plane * 2u * plane + cell % plane;
    y[to] = sum.x;
    y[to + plane] = sum.y;
}

// The discrete Fourier transform along the rows of half a spectrum, to real numbers: a sum for each cell, with
// waves from a table. One invocation per cell.

struct Params {
    x: u32,
    waves: u32, // cosines, then sines
    y: u32,
    columns: u32,
    length: u32,
    height: u32,
    width: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> waves: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
    let column = cell % params.width;
    let line = cell / params.width;
    let plane = params.height * params.columns;
    let start = params.x + line / params.height * 2u * plane + line % params.height * params.columns;
    var sum = 0.0;
    var wave = 0u;
    for (var k = 0u; k < params.columns; k += 1u) {
        let times = select(2.0, 1.0, k == 0u || k + 1u == params.columns);
        let cosine = waves[params.waves + wave];
        let sine = waves[params.waves + params.length + wave];
        sum += times * (cosine * x[start + k] - sine * x[start + plane + k]);
        wave += column;
        if wave >= params.length {
            wave -= params.length;
        }
    }
    y[params.y + cell] = sum;
}

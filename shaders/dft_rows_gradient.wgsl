// The transpose of the discrete Fourier transform along the rows of half a spectrum: a sum for each cell, with
// waves from a table. One invocation per complex cell.

struct Params {
    dy: u32,
    waves: u32, // cosines, then sines
    dx: u32,
    columns: u32,
    length: u32,
    height: u32,
    width: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> waves: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

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
    let k = cell % params.columns;
    let line = cell / params.columns;
    let plane = params.height * params.columns;
    let start = params.dy + line * params.width;
    var sum = vec2<f32>(0.0);
    var wave = 0u;
    for (var column = 0u; column < params.width; column += 1u) {
        let cosine = waves[params.waves + wave];
        let sine = waves[params.waves + params.length + wave];
        sum += dy[start + column] * vec2<f32>(cosine, -sine);
        wave += k;
        if wave >= params.length {
            wave -= params.length;
        }
    }
    sum *= select(2.0, 1.0, k == 0u || k + 1u == params.columns);
    let to = params.dx + line / params.height * 2u * plane + line % params.height * params.columns + k;
    dx[to] = sum.x;
    dx[to + plane] = sum.y;
}

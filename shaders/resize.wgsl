// Bilinear resampling with aligned corners: output cell i of m reads position i (n - 1) / (m - 1) of n. Cell and
// fraction are computed with integers, so corners are exact at any size. One invocation per output cell; CHW.

struct Params {
    x: u32,
    y: u32,
    base: u32,
    based: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> base: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

struct Sample {
    low: u32,
    high: u32,
    fraction: f32,
}

fn sample(i: u32, n: u32, m: u32) -> Sample {
    let steps = max(m, 2u) - 1u;
    let position = i * (n - 1u);
    let low = position / steps;
    return Sample(low, min(low + 1u, n - 1u), f32(position % steps) / f32(steps));
}

// This is what `mix` computes on some drivers only. Written out, it is what the processor computes, unless a
// driver fuses it.
fn between(a: f32, b: f32, fraction: f32) -> f32 {
    return a + (b - a) * fraction;
}

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
    let out_plane = params.out_height * params.out_width;
    let row = sample((cell % out_plane) / params.out_width, params.height, params.out_height);
    let column = sample(cell % params.out_width, params.width, params.out_width);
    let plane = params.x + cell / out_plane * (params.height * params.width);
    let upper = plane + row.low * params.width;
    let lower = plane + row.high * params.width;
    let above = between(x[upper + column.low], x[upper + column.high], column.fraction);
    let below = between(x[lower + column.low], x[lower + column.high], column.fraction);
    var value = between(above, below, row.fraction);
    if params.based != 0u {
        value += base[params.base + cell];
    }
    y[params.y + cell] = value;
}

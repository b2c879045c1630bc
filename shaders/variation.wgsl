// dx -= the gradient of the map's total variation; the map wraps around from its last cell to its first. One
// invocation per cell; CHW.

struct Params {
    x: u32,
    dx: u32,
    height: u32,
    width: u32,
    cells: u32,
    scale: f32,
    power: f32, // half the exponent, minus 1
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

fn factor(a: f32, b: f32) -> f32 {
    if params.power == 0.0 {
        return params.scale;
    }
    return params.scale * pow(a * a + b * b + 1e-6, params.power);
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
    let plane = params.height * params.width;
    let row = cell % plane / params.width;
    let at = cell % params.width;
    let left = (at + params.width - 1u) % params.width;
    let right = (at + 1u) % params.width;
    let start = params.x + cell / plane * plane;
    let above = start + (row + params.height - 1u) % params.height * params.width;
    let here = start + row * params.width;
    let below = start + (row + 1u) % params.height * params.width;
    let value = x[here + at];
    let to_right = value - x[here + right];
    let to_below = value - x[below + at];
    let from_left = x[here + left] - value;
    let from_above = x[above + at] - value;
    dx[params.dx + cell] -= factor(to_right, to_below) * (to_right + to_below)
        - factor(from_left, x[here + left] - x[below + left]) * from_left
        - factor(x[above + at] - x[above + right], from_above) * from_above;
}

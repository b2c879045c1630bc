// How far each vector of a flow can be relied on, before that is softened. One invocation per cell.

struct Params {
    flow: u32, // rows, then columns
    back: u32,
    y: u32,
    height: u32,
    width: u32,
    border: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> flow: array<f32>;
@group(0) @binding(2) var<storage, read> back: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn vector(row: u32, column: u32) -> vec2<f32> {
    let at = params.flow + row * params.width + column;
    return vec2<f32>(flow[at], flow[at + params.height * params.width]);
}

/// One component of the backward flow at a place.
fn again(part: u32, around: Corners) -> f32 {
    let start = params.back + part * params.height * params.width;
    let cells = vec4<f32>(
        back[start + around.cells.x],
        back[start + around.cells.y],
        back[start + around.cells.z],
        back[start + around.cells.w],
    );
    return dot(around.weights, cells);
}

fn squares(a: vec2<f32>) -> f32 {
    return a.x * a.x + a.y * a.y;
}

fn judged(row: u32, column: u32) -> f32 {
    let there = vector(row, column);
    let place = vec2<f32>(f32(row), f32(column)) + there;
    let last = vec2<f32>(f32(params.height - 1u), f32(params.width - 1u));
    if !(all(place >= vec2<f32>(0.0)) && all(place < last)) {
        return 0.0;
    }
    let around = corners(place, params.height, params.width);
    let way = vec2<f32>(again(0u, around), again(1u, around));
    if squares(there + way) >= 0.01 * (squares(there) + squares(way)) + 0.5 {
        return -255.0;
    }
    let down = 0.5 * (vector(min(row + 1u, params.height - 1u), column) - vector(row - min(row, 1u), column));
    let right = 0.5 * (vector(row, min(column + 1u, params.width - 1u)) - vector(row, column - min(column, 1u)));
    if squares(down) + squares(right) > 0.01 * squares(there) + 0.002 {
        return params.border;
    }
    return 255.0;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell < params.height * params.width {
        y[params.y + cell] = judged(cell / params.width, cell % params.width);
    }
}

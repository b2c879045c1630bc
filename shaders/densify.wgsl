// Each cell gets the weighted mean displacement of the patches that cover it. One invocation per cell.

struct Params {
    first: u32,
    second: u32,
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    stride: u32,
    across: u32, // patches in a row
    patches: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

/// The first patch that covers a cell, along one axis.
fn first_covering(at: u32) -> u32 {
    let end = at + 1u;
    return (end - min(end, PATCH) + params.stride - 1u) / params.stride;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    let plane = params.height * params.width;
    if cell >= plane {
        return;
    }
    let row = cell / params.width;
    let column = cell % params.width;
    let level = own(i32(row), i32(column));
    let last_line = min(row / params.stride, params.patches / params.across - 1u);
    let last_number = min(column / params.stride, params.across - 1u);
    var weights = 0.0;
    var sum = vec2<f32>();
    for (var line = first_covering(row); line <= last_line; line += 1u) {
        for (var number = first_covering(column); number <= last_number; number += 1u) {
            let at = params.x + line * params.across + number;
            let moved = vec2<f32>(x[at], x[at + params.patches]);
            let off = there(vec2<f32>(f32(row), f32(column)) + moved) - level;
            let weight = 1.0 / max(abs(off), 1.0);
            weights += weight;
            sum += weight * moved;
        }
    }
    y[params.y + cell] = sum.x / weights;
    y[params.y + plane + cell] = sum.y / weights;
}

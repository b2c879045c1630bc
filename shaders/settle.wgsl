// A flow without what is caused only by grain. One invocation per cell.

struct Params {
    flow: u32, // rows, then columns
    explained: u32, // what is explained, then what is left
    y: u32,
    height: u32,
    width: u32,
    grain: f32,
    far: f32,
    rounding: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> flow: array<f32>;
@group(0) @binding(2) var<storage, read> explained: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
    let block = params.explained + cell / params.width / SIDE * across() + cell % params.width / SIDE;
    let moved = vec2<f32>(flow[params.flow + cell], flow[params.flow + plane + cell]);
    let far = 2.0 * sqrt(moved.x * moved.x + moved.y * moved.y) / params.far - 1.0;
    let left = explained[block + lines() * across()];
    let shown = explained[block] / (left + params.rounding) / params.grain - 1.0;
    let settled = clamp(max(far, shown), 0.0, 1.0) * moved;
    y[params.y + cell] = settled.x;
    y[params.y + plane + cell] = settled.y;
}

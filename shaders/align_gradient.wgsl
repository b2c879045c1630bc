// The gradient of how closely a map's cells align with a direction. One invocation per block of one cell.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    direction: u32,
    slopes: u32,
    scale: f32,
    plane: u32,
    blocks: u32,
}

@group(0) @binding(3) var<storage, read> x: array<Block>;
@group(0) @binding(4) var<storage, read> direction: array<Block>;
@group(0) @binding(5) var<storage, read> slopes: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = invocation_index(workgroup, workgroups, thread);
    if at >= params.blocks {
        return;
    }
    let slope = params.slopes + at % params.plane;
    let along = slopes[slope] * direction[params.direction + at / params.plane];
    let back = slopes[slope + params.plane] * x[params.x + at];
    leave_gradient(at, params.scale * (along + back));
}

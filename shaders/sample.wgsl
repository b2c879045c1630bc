// Bilinear resampling on a lattice, whose positions are displaced by a flow if there is one. One invocation per
// position, for all channels.

struct Params {
    x: u32,
    flow: u32, // rows, then columns
    y: u32,
    moved: u32, // whether there is a flow
    height: u32,
    width: u32,
    out_width: u32,
    out_plane: u32,
    channels: u32,
    first: f32,
    pitch: f32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> flow: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let pixel = invocation_index(workgroup, workgroups, thread);
    if pixel >= params.out_plane {
        return;
    }
    let cell = vec2<f32>(f32(pixel / params.out_width), f32(pixel % params.out_width));
    var place = params.first + params.pitch * cell;
    if params.moved != 0u {
        place += vec2<f32>(flow[params.flow + pixel], flow[params.flow + params.out_plane + pixel]);
    }
    let around = corners(place, params.height, params.width);
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        let start = params.x + channel * params.height * params.width;
        let cells = vec4<f32>(
            x[start + around.cells.x],
            x[start + around.cells.y],
            x[start + around.cells.z],
            x[start + around.cells.w],
        );
        y[params.y + channel * params.out_plane + pixel] = params.factor * dot(around.weights, cells);
    }
}

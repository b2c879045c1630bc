// Bilinear resampling at the positions of a field; a position outside counts as the nearest one on the edge. One
// invocation per pixel of all channels.

struct Params {
    x: u32,
    field: u32, // rows, then columns
    y: u32,
    height: u32,
    width: u32,
    out_plane: u32,
    channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> field: array<f32>;
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
    let place = vec2<f32>(field[params.field + pixel], field[params.field + params.out_plane + pixel]);
    let around = corners(place, params.height, params.width);
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        let start = params.x + channel * params.height * params.width;
        let cells = vec4<f32>(
            x[start + around.cells.x],
            x[start + around.cells.y],
            x[start + around.cells.z],
            x[start + around.cells.w],
        );
        y[params.y + channel * params.out_plane + pixel] = dot(around.weights, cells);
    }
}

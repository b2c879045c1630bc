// A map for conv_subgroup.wgsl: its channels by fours, a texel each, with all the zeros around it that a
// convolution's windows reach. An invocation writes one texel.

struct Params {
    x: u32,
    channels: u32,
    height: u32,
    width: u32,
    // Zeros before the first row and the first column; behind the last, as many as there is room for.
    pad_rows: u32,
    pad_columns: u32,
    out_height: u32,
    out_width: u32,
    first: u32, // texel
    texels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var y: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let texel = invocation_index(workgroup, workgroups, local);
    if texel >= params.texels {
        return;
    }
    // Divisions cost a software adapter as much as loads do: one for each coordinate.
    let line = texel / params.out_width;
    let depth = line / params.out_height;
    // Wraps below 0, so that what lies outside is always too large.
    let row = line - depth * params.out_height - params.pad_rows;
    let column = texel - line * params.out_width - params.pad_columns;
    var value = vec4<f32>();
    if row < params.height && column < params.width {
        value = group(depth, row * params.width + column);
    }
    textureStore(y, place_of(params.first + texel), value);
}

// Converts a planar map for conv_subgroup.wgsl: four channels per texel. One invocation per texel.

struct Params {
    x: u32,
    channels: u32,
    plane: u32,
    first: u32, // texel
    texels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
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
    let group = texel / params.plane;
    let at = params.x + 4u * group * params.plane + texel - group * params.plane;
    // Past the last channel, that channel is read again: the matrix is zero there.
    let last = params.channels - 1u - 4u * group;
    let step = vec3<u32>(min(1u, last), min(2u, last), min(3u, last)) * params.plane;
    textureStore(y, place_of(params.first + texel), vec4<f32>(x[at], x[at + step.x], x[at + step.y], x[at + step.z]));
}

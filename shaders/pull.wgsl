// Pulls back towards the source, in brightness and colour separately. One invocation per pixel; BGR planes.

struct Params {
    x: u32,
    source: u32,
    plane: u32,
    luma: f32,
    chroma: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let pixel = invocation_index(workgroup, workgroups, thread);
    if pixel >= params.plane {
        return;
    }
    let to = vec3<u32>(0u, 1u, 2u) * params.plane + params.x + pixel;
    let at = vec3<u32>(0u, 1u, 2u) * params.plane + params.source + pixel;
    let home = vec3<f32>(source[at.x], source[at.y], source[at.z]);
    let moved = vec3<f32>(x[to.x], x[to.y], x[to.z]) - home;
    let bright = 0.114 * moved.x + 0.587 * moved.y + 0.299 * moved.z;
    let pulled = home + (1.0 - params.chroma) * (moved - bright) + (1.0 - params.luma) * bright;
    x[to.x] = pulled.x;
    x[to.y] = pulled.y;
    x[to.z] = pulled.z;
}

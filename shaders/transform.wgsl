// y = x translated, rotated and scaled, with bilinear interpolation; outside x there is one colour. One
// invocation per pixel of three channels.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    out_width: u32,
    out_plane: u32,
    m0: f32,
    m1: f32,
    m2: f32,
    m3: f32,
    m4: f32,
    m5: f32,
    outside0: f32,
    outside1: f32,
    outside2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

/// A cell of the input in all channels.
fn seen(row: f32, column: f32) -> vec3<f32> {
    if row < 0.0 || column < 0.0 || row >= f32(params.height) || column >= f32(params.width) {
        return vec3<f32>(params.outside0, params.outside1, params.outside2);
    }
    let plane = params.height * params.width;
    let at = params.x + u32(row) * params.width + u32(column);
    return vec3<f32>(x[at], x[at + plane], x[at + 2u * plane]);
}

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
    let at = place(pixel / params.out_width, pixel % params.out_width);
    let low = floor(at);
    let part = at - low;
    let above = (1.0 - part.y) * seen(low.x, low.y) + part.y * seen(low.x, low.y + 1.0);
    let below = (1.0 - part.y) * seen(low.x + 1.0, low.y) + part.y * seen(low.x + 1.0, low.y + 1.0);
    let value = (1.0 - part.x) * above + part.x * below;
    y[params.y + pixel] = value.x;
    y[params.y + params.out_plane + pixel] = value.y;
    y[params.y + 2u * params.out_plane + pixel] = value.z;
}

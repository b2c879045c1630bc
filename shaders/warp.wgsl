// Bilinear resampling at the places of a field; a place outside is the nearest one at the edge. One invocation, one pixel
// of all channels.

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

/// The two cells of a row around a place, and how near the second is.
struct Between {
    low: u32,
    high: u32,
    part: f32,
}

fn between(place: f32, size: u32) -> Between {
    let at = clamp(place, 0.0, f32(size - 1u));
    let low = min(u32(at), size - 1u);
    return Between(low, min(low + 1u, size - 1u), at - f32(low));
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
    let row = between(field[params.field + pixel], params.height);
    let column = between(field[params.field + params.out_plane + pixel], params.width);
    let above = row.low * params.width;
    let below = row.high * params.width;
    let corners = vec4<u32>(above + column.low, above + column.high, below + column.low, below + column.high);
    let down = vec2<f32>(1.0 - row.part, row.part);
    let across = vec2<f32>(1.0 - column.part, column.part);
    let weights = down.xxyy * across.xyxy;
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        let start = params.x + channel * params.height * params.width;
        let cells = vec4<f32>(
            x[start + corners.x],
            x[start + corners.y],
            x[start + corners.z],
            x[start + corners.w],
        );
        y[params.y + channel * params.out_plane + pixel] = dot(weights, cells);
    }
}

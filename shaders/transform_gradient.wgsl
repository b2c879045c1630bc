// The transpose of a transform: each cell of the input gathers from the cells of the output whose positions in
// the input are less than one cell away. The inverse matrix says roughly where these are. One invocation per
// pixel of three channels.

struct Params {
    dy: u32,
    dx: u32,
    width: u32,
    plane: u32,
    out_height: u32,
    out_width: u32,
    m0: f32,
    m1: f32,
    m2: f32,
    m3: f32,
    m4: f32,
    m5: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

/// First and one past the last of the `size` rows or columns that lie around a position.
fn near(middle: f32, reach: f32, size: u32) -> vec2<u32> {
    // Half a cell more than the actual reach covers any rounding.
    let first = clamp(ceil(middle - reach - 0.5), 0.0, f32(size));
    let last = clamp(floor(middle + reach + 0.5) + 1.0, 0.0, f32(size));
    return vec2<u32>(u32(first), u32(last));
}

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
    let cell = vec2<f32>(f32(pixel / params.width), f32(pixel % params.width));
    let size = params.m0 * params.m4 - params.m1 * params.m3;
    let back = cell - vec2<f32>(params.m2, params.m5);
    let middle = vec2<f32>(
        (params.m4 * back.x - params.m1 * back.y) / size,
        (params.m0 * back.y - params.m3 * back.x) / size,
    );
    let reach = vec2<f32>(abs(params.m4) + abs(params.m1), abs(params.m0) + abs(params.m3)) / abs(size);
    let rows = near(middle.x, reach.x, params.out_height);
    let columns = near(middle.y, reach.y, params.out_width);
    let out_plane = params.out_height * params.out_width;
    var sum = vec3<f32>(0.0);
    for (var row = rows.x; row < rows.y; row += 1u) {
        for (var column = columns.x; column < columns.y; column += 1u) {
            let part = max(vec2<f32>(0.0), 1.0 - abs(place(row, column) - cell));
            let at = params.dy + row * params.out_width + column;
            sum += part.x * part.y * vec3<f32>(dy[at], dy[at + out_plane], dy[at + 2u * out_plane]);
        }
    }
    dx[params.dx + pixel] = sum.x;
    dx[params.dx + params.plane + pixel] = sum.y;
    dx[params.dx + 2u * params.plane + pixel] = sum.z;
}

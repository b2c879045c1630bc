// The equations of variational flow, linearised around the current flow. One invocation per cell.

struct Params {
    first: u32,
    second: u32,
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    brightness: f32,
    gradient: f32,
    smoothness: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const ROUNDED: f32 = 1e-3; // keeps penalties finite
const FLAT: f32 = 0.01; // keeps constraints finite where a picture is flat

fn penalty(square: f32) -> f32 {
    return 1.0 / sqrt(square + ROUNDED);
}

/// The mean of both pictures, and the second minus the first.
fn both(at: u32) -> vec2<f32> {
    let a = first[params.first + at];
    let b = second[params.second + at];
    return vec2<f32>(0.5 * (a + b), b - a);
}

fn flow(at: u32) -> vec2<f32> {
    return vec2<f32>(x[params.x + at], x[params.x + params.height * params.width + at]);
}

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
    let row = cell / params.width;
    let column = cell % params.width;
    let above = (row - min(row, 1u)) * params.width;
    let here = row * params.width;
    let below = min(row + 1u, params.height - 1u) * params.width;
    let left = column - min(column, 1u);
    let right = min(column + 1u, params.width - 1u);

    let middle = both(cell);
    let north = both(above + column);
    let south = both(below + column);
    let west = both(here + left);
    let east = both(here + right);
    let r = 0.5 * (south - north);
    let c = 0.5 * (east - west);
    let rr = south.x - 2.0 * middle.x + north.x;
    let cc = east.x - 2.0 * middle.x + west.x;
    let rc = 0.25 * (both(below + right).x - both(below + left).x - both(above + right).x + both(above + left).x);

    let now = flow(cell);
    let place = vec2<f32>(f32(row), f32(column)) + now;
    let last = vec2<f32>(f32(params.height - 1u), f32(params.width - 1u));
    let inside = select(0.0, 1.0, all(place >= vec2<f32>(0.0)) && all(place <= last));
    let n = r.x * r.x + c.x * c.x + FLAT;
    let n_r = rr * rr + rc * rc + FLAT;
    let n_c = rc * rc + cc * cc + FLAT;
    let brightness = inside * params.brightness * penalty(middle.y * middle.y / n) / n;
    let gradient = inside * params.gradient * penalty(r.y * r.y / n_r + c.y * c.y / n_c);
    let k_r = gradient / n_r;
    let k_c = gradient / n_c;

    let matrix = vec3<f32>(
        brightness * r.x * r.x + k_r * rr * rr + k_c * rc * rc,
        brightness * r.x * c.x + k_r * rr * rc + k_c * rc * cc,
        brightness * c.x * c.x + k_r * rc * rc + k_c * cc * cc,
    );
    let side = vec2<f32>(
        brightness * r.x * middle.y + k_r * rr * r.y + k_c * rc * c.y,
        brightness * c.x * middle.y + k_r * rc * r.y + k_c * cc * c.y,
    );
    // Halfway to the right and halfway down: the difference, and the mean of the central differences across it.
    let to_right = flow(here + right) - now;
    let to_below = flow(below + column) - now;
    let down = 0.25 * (flow(below + column) + flow(below + right) - flow(above + column) - flow(above + right));
    let across = 0.25 * (flow(here + right) + flow(below + right) - flow(here + left) - flow(below + left));
    let start = params.y + cell;
    y[start] = matrix.x;
    y[start + plane] = matrix.y;
    y[start + 2u * plane] = matrix.z;
    y[start + 3u * plane] = matrix.x * now.x + matrix.y * now.y - side.x;
    y[start + 4u * plane] = matrix.y * now.x + matrix.z * now.y - side.y;
    y[start + 5u * plane] = params.smoothness * penalty(dot(to_right, to_right) + dot(down, down));
    y[start + 6u * plane] = params.smoothness * penalty(dot(to_below, to_below) + dot(across, across));
}

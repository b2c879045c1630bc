// Samples maps along a flow, by a Lanczos filter with four lobes. One invocation per place, for all channels.

const LOBES: i32 = 4;
const TAPS: u32 = 8u;
const PHASES: f32 = 1024.0;

struct Params {
    x: u32,
    flow: u32, // rows, then columns
    y: u32,
    height: u32,
    width: u32,
    channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> flow: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

/// The weights of the samples for a place in one direction, and the index of the first sample, which may be
/// outside the map.
struct Taps {
    weights: array<f32, TAPS>,
    first: i32,
}

/// The filter for sample t at x = t - 3 - b is sinc(x) sinc(x / 4). Up to a factor common to all samples of a
/// place, this is sin(pi x / 4) / x^2 with alternating signs. By the sum formula, the sine follows from those of
/// the two terms. Only the sine and cosine of pi b / 4 have to be computed: by Taylor polynomials, because the
/// accuracy of a device's own functions is not guaranteed.
fn taps(place: f32, size: u32) -> Taps {
    let steps = floor(clamp(place, -1.0, f32(size)) * PHASES + 0.5);
    let whole = floor(steps / PHASES);
    let behind = (steps - whole * PHASES) / PHASES;
    var found: Taps;
    found.first = i32(whole) + 1 - LOBES;
    if behind == 0.0 {
        found.weights[LOBES - 1] = 1.0;
        return found;
    }
    let turn = 0.78539816339744831 * behind;
    let square = turn * turn;
    let even = 1.0 - square * (1.0 / 2.0 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square / 40320.0)));
    let odd = turn
        * (1.0 - square * (1.0 / 6.0 - square * (1.0 / 120.0 - square * (1.0 / 5040.0 - square / 362880.0))));
    // Sines and cosines of pi (t - 3) / 4, for t from 0 on.
    let half = 0.70710678118654752;
    let sines = array<f32, 8>(-half, -1.0, -half, 0.0, half, 1.0, half, 0.0);
    let cosines = array<f32, 8>(-half, 0.0, half, 1.0, half, 0.0, -half, -1.0);
    var total = 0.0;
    for (var tap = 0u; tap < TAPS; tap += 1u) {
        let away = f32(tap) - f32(LOBES - 1) - behind;
        let sign = select(1.0, -1.0, tap % 2u == 1u);
        let weight = sign * (sines[tap] * even - cosines[tap] * odd) / (away * away);
        found.weights[tap] = weight;
        total += weight;
    }
    for (var tap = 0u; tap < TAPS; tap += 1u) {
        found.weights[tap] /= total;
    }
    return found;
}

/// The index of a sample, clamped to the edges.
fn near(at: i32, size: u32) -> u32 {
    return u32(clamp(at, 0, i32(size) - 1));
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
    let moved = vec2<f32>(flow[params.flow + cell], flow[params.flow + plane + cell]);
    let rows = taps(f32(cell / params.width) + moved.x, params.height);
    let columns = taps(f32(cell % params.width) + moved.y, params.width);
    for (var channel = 0u; channel < params.channels; channel += 1u) {
        let map = params.x + channel * plane;
        var sum = 0.0;
        for (var down = 0u; down < TAPS; down += 1u) {
            let line = map + near(rows.first + i32(down), params.height) * params.width;
            var along = 0.0;
            for (var right = 0u; right < TAPS; right += 1u) {
                along += columns.weights[right] * x[line + near(columns.first + i32(right), params.width)];
            }
            sum += rows.weights[down] * along;
        }
        y[params.y + channel * plane + cell] = sum;
    }
}

// dx_c = dy_c s_c^-beta - 2 beta alpha / SIZE x_c sum_i dy_i x_i s_i^(-beta - 1), i over the channels around c.
//
// One invocation, CHANNELS channels of one cell. It makes the terms of the sum SIZE / 2 channels ahead of the
// channel that it finishes. CHW.

struct Params {
    dx: u32,
    mask: u32,
    x: u32,
    dy: u32,
    channels: u32,
    plane: u32,
    mean_alpha: f32,
    k: f32,
}

@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;

/// dy x s^(-beta - 1) of the channels around the one to be finished, in order.
var<private> terms: array<f32, 16>;
/// dy s^-beta from that one on.
var<private> owns: array<f32, 16>;

/// Moves one channel on.
fn slide_terms(term: f32, own: f32) {
    for (var i = 0u; i + 1u < SIZE; i += 1u) {
        terms[i] = terms[i + 1u];
    }
    for (var i = 0u; i < SIZE / 2u; i += 1u) {
        owns[i] = owns[i + 1u];
    }
    terms[SIZE - 1u] = term;
    owns[SIZE / 2u] = own;
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let half = SIZE / 2u;
    let index = invocation_index(workgroup, workgroups, thread);
    let cell = index % params.plane;
    let first = index / params.plane * CHANNELS;
    if first >= params.channels {
        return;
    }
    // Channels may wrap below 0, which is too large.
    for (var i = 0u; i + 1u < SIZE; i += 1u) {
        slide(value_at(first + i - 2u * half, cell));
    }
    let end = min(first + CHANNELS, params.channels);
    for (var step = 0u; step < end - first + 2u * half; step += 1u) {
        let ahead = first + step - half;
        slide(value_at(ahead + half, cell));
        var own = 0.0;
        var term = 0.0;
        if ahead < params.channels {
            let s = scale();
            own = dy[params.dy + ahead * params.plane + cell] * inverse_power(s);
            term = own * around[half] / s;
        }
        slide_terms(term, own);
        if step >= 2u * half {
            var sum = 0.0;
            for (var i = 0u; i < SIZE; i += 1u) {
                sum += terms[i];
            }
            let value = owns[0] - 2.0 * BETA * params.mean_alpha * around[0] * sum;
            leave_gradient((ahead - half) * params.plane + cell, value);
        }
    }
}

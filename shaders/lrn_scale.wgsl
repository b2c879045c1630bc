// Local response normalisation across channels, what both directions share:
// s = k + alpha / SIZE * sum of x^2 over the SIZE channels around one.
// The including kernel's Params hold: x (first cell), channels, plane, mean_alpha (alpha / SIZE), k.
//
// An invocation walks along CHANNELS channels of one cell and keeps the SIZE values around it, so that each is
// loaded once and not SIZE times.

override SIZE: u32 = 5u; // odd, at most 15
override BETA: f32 = 0.75;

const CHANNELS: u32 = 16u;

/// The values around a channel, in order; zero outside the channels.
var<private> around: array<f32, 16>;

/// Moves one channel on: `next` is the last of those now around.
fn slide(next: f32) {
    for (var i = 0u; i + 1u < SIZE; i += 1u) {
        around[i] = around[i + 1u];
    }
    around[SIZE - 1u] = next;
}

/// The value of a channel, which may wrap below 0, or zero where there is none.
fn value_at(channel: u32, cell: u32) -> f32 {
    if channel < params.channels {
        return x[params.x + channel * params.plane + cell];
    }
    return 0.0;
}

fn scale() -> f32 {
    var sum = 0.0;
    for (var i = 0u; i < SIZE; i += 1u) {
        sum += around[i] * around[i];
    }
    return params.k + params.mean_alpha * sum;
}

/// s^-beta. For the usual 3/4 and 1/2 square roots are both faster and more exact than pow.
fn inverse_power(s: f32) -> f32 {
    if BETA == 0.5 {
        return 1.0 / sqrt(s);
    }
    if BETA == 0.75 {
        let root = sqrt(s);
        return 1.0 / (root * sqrt(root));
    }
    return pow(s, -BETA);
}

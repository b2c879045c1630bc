// Local response normalisation across channels, what both directions share:
// s = k + alpha / SIZE * sum of x^2 over the SIZE channels around one.
// The including kernel's Params hold: x (first cell), channels, plane, mean_alpha (alpha / SIZE), beta, k.

override SIZE: u32 = 5u;

fn scale(channel: u32, cell: u32) -> f32 {
    let first = max(channel, SIZE / 2u) - SIZE / 2u;
    let end = min(channel + SIZE / 2u + 1u, params.channels);
    var sum = 0.0;
    for (var c = first; c < end; c += 1u) {
        let value = x[params.x + c * params.plane + cell];
        sum += value * value;
    }
    return params.k + params.mean_alpha * sum;
}

/// s^-beta. For the usual 3/4 and 1/2 square roots are both faster and more exact than pow.
fn inverse_power(s: f32) -> f32 {
    if params.beta == 0.5 {
        return 1.0 / sqrt(s);
    }
    if params.beta == 0.75 {
        let root = sqrt(s);
        return 1.0 / (root * sqrt(root));
    }
    return pow(s, -params.beta);
}

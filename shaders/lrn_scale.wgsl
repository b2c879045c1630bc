// Local response normalisation across channels: what both directions share.
// s = k + alpha / SIZE * sum of x^2 over the SIZE channels around one.
// The including kernel's Params hold: x (first block), blocks (of channels), plane, mean_alpha (alpha / SIZE), k.
//
// An invocation goes through 16 channels of one cell and keeps the channels around the current one, so that each
// channel is loaded once and not SIZE times.

override SIZE: u32 = 5u; // odd, at most 15
override BETA: f32 = 0.75;
/// How many blocks on either side contain channels that contribute.
override REACH: u32 = (SIZE / 2u + BLOCK - 1u) / BLOCK;
/// Where the middle one of 2 REACH + 1 blocks begins.
override MIDDLE: u32 = REACH * BLOCK;

/// Blocks of channels that an invocation goes through.
const WALK: u32 = 16u / BLOCK;

/// The channels of 2 REACH + 1 blocks, in order.
alias Near = array<f32, 20>;

/// The values of the channels around a block; zero outside the map.
var<private> around: Near;

/// Moves on by one block; `next` becomes the last one.
fn slid(near: Near, next: Block) -> Near {
    var moved = near;
    for (var i = 0u; i < 2u * MIDDLE; i += 1u) {
        moved[i] = moved[i + BLOCK];
    }
    let channels = channels_of(next);
    for (var i = 0u; i < BLOCK; i += 1u) {
        moved[2u * MIDDLE + i] = channels[i];
    }
    return moved;
}

/// The block that begins at channel `first` of these.
fn block_at(near: Near, first: u32) -> Block {
    var values: array<f32, 4>;
    for (var i = 0u; i < BLOCK; i += 1u) {
        values[i] = near[first + i];
    }
    return block_of(values);
}

/// For each channel of the middle block, the sum over the SIZE channels around it.
fn window_sums(near: Near) -> Block {
    var sums: array<f32, 4>;
    for (var i = 0u; i < BLOCK; i += 1u) {
        for (var j = 0u; j < SIZE; j += 1u) {
            sums[i] += near[MIDDLE - SIZE / 2u + i + j];
        }
    }
    return block_of(sums);
}

/// The values of a block, or zero where there is none. The block's number may wrap below 0.
fn value_at(block: u32, cell: u32) -> Block {
    if block < params.blocks {
        return x[params.x + block * params.plane + cell];
    }
    return Block();
}

/// s of the middle block.
fn scale() -> Block {
    var squares = around;
    for (var i = 0u; i <= 2u * REACH; i += 1u) {
        for (var j = 0u; j < BLOCK; j += 1u) {
            squares[i * BLOCK + j] *= squares[i * BLOCK + j];
        }
    }
    return Block(params.k) + params.mean_alpha * window_sums(squares);
}

/// s^-beta. For the usual exponents 3/4 and 1/2, square roots are both faster and more exact than pow.
fn inverse_power(s: Block) -> Block {
    if BETA == 0.5 {
        return 1.0 / sqrt(s);
    }
    if BETA == 0.75 {
        let root = sqrt(s);
        return 1.0 / (root * sqrt(root));
    }
    return pow(s, Block(-BETA));
}

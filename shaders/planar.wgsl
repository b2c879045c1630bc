// Planar maps: [channel][row][column]. A block is one number.

alias Block = f32;
alias Tests = bool;

/// Channels of a block.
const BLOCK: u32 = 1u;

/// A block whose channels have these values.
fn block_of(values: array<f32, 4>) -> Block {
    return values[0];
}

fn channels_of(block: Block) -> array<f32, 4> {
    return array<f32, 4>(block, 0.0, 0.0, 0.0);
}

// Maps in blocks of four channels: [channel / 4][row][column][channel % 4]. Kernels that treat all channels of a
// cell alike read and write whole blocks.

alias Block = vec4<f32>;
alias Tests = vec4<bool>;

/// Channels of a block.
const BLOCK: u32 = 4u;

/// A block whose channels have these values.
fn block_of(values: array<f32, 4>) -> Block {
    return vec4<f32>(values[0], values[1], values[2], values[3]);
}

fn channels_of(block: Block) -> array<f32, 4> {
    return array<f32, 4>(block.x, block.y, block.z, block.w);
}

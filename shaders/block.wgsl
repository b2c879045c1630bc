// The blocks of a picture; the including kernel's Params hold its height and its width.

const SIDE: u32 = 4u;

/// The number of blocks per row.
fn across() -> u32 {
    return (params.width + SIDE - 1u) / SIDE;
}

/// The number of rows of blocks.
fn lines() -> u32 {
    return (params.height + SIDE - 1u) / SIDE;
}

/// The first row and column of a block, and those after its last.
fn corners_of(block: u32) -> vec4<u32> {
    let first = SIDE * vec2<u32>(block / across(), block % across());
    return vec4<u32>(first, min(first + SIDE, vec2<u32>(params.height, params.width)));
}

/// The number of cells in a block with these bounds.
fn count(block: vec4<u32>) -> f32 {
    return f32((block.z - block.x) * (block.w - block.y));
}

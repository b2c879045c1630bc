//! The blocks of a picture: the smallest areas whose dream is controlled separately in a film.

use crate::extent::Extent;

/// The side of a block in pixels. Blocks at the bottom and right edges may be smaller.
pub const BLOCK: usize = 4;

/// The numbers of rows and columns of blocks that cover a picture.
pub fn grid(size: Extent) -> Extent {
    Extent::new(size.height.div_ceil(BLOCK), size.width.div_ceil(BLOCK))
}

/// The height and width, in blocks, of a cell in a map that shows the same as a picture.
pub fn pitch(map: Extent, picture: Extent) -> [f32; 2] {
    [(map.height, picture.height), (map.width, picture.width)]
        .map(|(cells, pixels)| pixels as f32 / (cells * BLOCK) as f32)
}

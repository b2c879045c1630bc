//! The blocks of a picture: the smallest areas of a film whose dream is treated separately.

use crate::extent::Extent;

/// The side of a block in pixels. Those at the last edges may have fewer.
pub const BLOCK: usize = 4;

/// How many blocks cover a picture, in rows and in columns.
pub fn grid(size: Extent) -> Extent {
    Extent::new(size.height.div_ceil(BLOCK), size.width.div_ceil(BLOCK))
}

/// How many blocks a cell of a map is high and wide that shows the same as a picture.
pub fn pitch(map: Extent, picture: Extent) -> [f32; 2] {
    [(map.height, picture.height), (map.width, picture.width)]
        .map(|(cells, pixels)| pixels as f32 / (cells * BLOCK) as f32)
}

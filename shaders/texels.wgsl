// Cells in textures: four channels of a cell are one texel, and texels follow each other in reading order.
//
// A software adapter reads a texel with one wide load, but a vec4 of a buffer number by number, each with its own
// bounds check, which is several times slower.

const TEXELS_A_ROW: u32 = 2048u;

fn place_of(texel: u32) -> vec2<u32> {
    return vec2<u32>(texel % TEXELS_A_ROW, texel / TEXELS_A_ROW);
}

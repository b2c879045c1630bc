//! Cells in textures, four per texel, in reading order: see `texels.wgsl`.

use std::ops::Range;

use crate::gpu::Context;

/// The same as in the shader.
pub(in crate::gpu) const TEXELS_A_ROW: usize = 2048;
/// Bytes of a texel: four numbers.
const TEXEL_BYTES: usize = 16;

/// A texture with room for so many texels.
pub(in crate::gpu) fn texture(context: &Context, texels: usize) -> wgpu::Texture {
    context.device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d {
            width: TEXELS_A_ROW as u32,
            height: rows(texels) as u32,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba32Float,
        usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

/// A texture with these cells in it.
pub(in crate::gpu) fn filled(context: &Context, cells: &[f32]) -> wgpu::Texture {
    let texture = texture(context, cells.len().div_ceil(4));
    let bytes_a_row = TEXELS_A_ROW * TEXEL_BYTES;
    let mut bytes = bytemuck::cast_slice(cells).to_vec();
    bytes.resize(rows(cells.len().div_ceil(4)) * bytes_a_row, 0);
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(bytes_a_row as u32),
        rows_per_image: None,
    };
    context.queue.write_texture(texture.as_image_copy(), &bytes, layout, texture.size());
    texture
}

/// A rectangle of a texture whose texels are consecutive in a buffer.
#[derive(Clone, Debug)]
pub(in crate::gpu) struct Copy {
    buffer: wgpu::Buffer,
    /// In bytes.
    offset: u64,
    texture: wgpu::Texture,
    origin: wgpu::Origin3d,
    size: wgpu::Extent3d,
}

impl Copy {
    /// A run of texels from byte `offset` of a buffer, rectangle by rectangle.
    pub(in crate::gpu) fn run(
        buffer: &wgpu::Buffer,
        offset: u64,
        texture: &wgpu::Texture,
        texels: Range<usize>,
    ) -> Vec<Self> {
        let rectangle = |part: Range<usize>| {
            let width = part.len().min(TEXELS_A_ROW);
            Self {
                buffer: buffer.clone(),
                offset: offset + (TEXEL_BYTES * (part.start - texels.start)) as u64,
                texture: texture.clone(),
                origin: wgpu::Origin3d {
                    x: (part.start % TEXELS_A_ROW) as u32,
                    y: (part.start / TEXELS_A_ROW) as u32,
                    z: 0,
                },
                size: wgpu::Extent3d {
                    width: width as u32,
                    height: (part.len() / width) as u32,
                    depth_or_array_layers: 1,
                },
            }
        };
        rectangles(texels.clone()).into_iter().map(rectangle).collect()
    }

    pub(in crate::gpu) fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        let layout = wgpu::TexelCopyBufferLayout {
            offset: self.offset,
            bytes_per_row: Some((TEXELS_A_ROW * TEXEL_BYTES) as u32),
            rows_per_image: None,
        };
        let from = wgpu::TexelCopyBufferInfo { buffer: &self.buffer, layout };
        let to = wgpu::TexelCopyTextureInfo { origin: self.origin, ..self.texture.as_image_copy() };
        encoder.copy_buffer_to_texture(from, to, self.size);
    }
}

/// What a run of texels consists of: the rest of a row, whole rows, and the beginning of a row.
fn rectangles(texels: Range<usize>) -> Vec<Range<usize>> {
    let Range { start, end } = texels;
    let whole_from = start.next_multiple_of(TEXELS_A_ROW).min(end);
    let whole_to = (end / TEXELS_A_ROW * TEXELS_A_ROW).max(whole_from);
    let parts = [start..whole_from, whole_from..whole_to, whole_to..end];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Maximum number of texels that a texture of the device has room for.
pub(in crate::gpu) fn most(limits: &wgpu::Limits) -> usize {
    TEXELS_A_ROW * limits.max_texture_dimension_2d as usize
}

/// Bytes of a texture with room for so many texels.
pub(in crate::gpu) fn bytes(texels: usize) -> u64 {
    (TEXEL_BYTES * TEXELS_A_ROW * rows(texels)) as u64
}

fn rows(texels: usize) -> usize {
    texels.div_ceil(TEXELS_A_ROW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_at_most_three_rectangles() {
        const ROW: usize = TEXELS_A_ROW;
        let ends = |texels: Range<usize>| -> Vec<(usize, usize)> {
            rectangles(texels).into_iter().map(|part| (part.start, part.end)).collect()
        };
        assert_eq!(ends(ROW..ROW + 5), [(ROW, ROW + 5)]);
        assert_eq!(ends(7..12), [(7, 12)]);
        assert_eq!(ends(7..ROW), [(7, ROW)]);
        assert_eq!(ends(0..3 * ROW), [(0, 3 * ROW)]);
        assert_eq!(ends(ROW..3 * ROW + 1), [(ROW, 3 * ROW), (3 * ROW, 3 * ROW + 1)]);
        assert_eq!(ends(7..2 * ROW + 1), [(7, ROW), (ROW, 2 * ROW), (2 * ROW, 2 * ROW + 1)]);
        assert_eq!(ends(ROW - 1..ROW + 1), [(ROW - 1, ROW), (ROW, ROW + 1)]);
    }

    #[test]
    fn rows_are_as_long_as_in_the_shader() {
        let said = format!("const TEXELS_A_ROW: u32 = {TEXELS_A_ROW}u;");
        assert!(include_str!("../../../shaders/texels.wgsl").contains(&said));
    }
}

//! Cells in textures, four a texel, in reading order: `texels.wgsl`.

use super::Context;

/// As in the shader.
pub(super) const TEXELS_A_ROW: usize = 2048;
/// Four numbers.
const TEXEL_BYTES: usize = 16;

/// A texture with room for so many texels.
pub(super) fn texture(context: &Context, texels: usize) -> wgpu::Texture {
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
pub(super) fn filled(context: &Context, cells: &[f32]) -> wgpu::Texture {
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

/// Most texels that a texture of the device has room for.
pub(super) fn most(limits: &wgpu::Limits) -> usize {
    TEXELS_A_ROW * limits.max_texture_dimension_2d as usize
}

fn rows(texels: usize) -> usize {
    texels.div_ceil(TEXELS_A_ROW).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_in_the_shader() {
        let said = format!("const TEXELS_A_ROW: u32 = {TEXELS_A_ROW}u;");
        assert!(include_str!("../../shaders/texels.wgsl").contains(&said));
    }
}

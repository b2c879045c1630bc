//! From samples to colours: what `image` leaves out of inks, luma, palettes and grays.

use image::{DynamicImage, ImageBuffer, Primitive};

use super::failure::{Failure, inconsistent};
use super::layout::{Colours, Layout};
use super::palette::entry;
use crate::extent::Extent;

/// The image of samples of up to 8 bits.
pub(super) fn of_bytes(layout: &Layout, samples: &[u8]) -> Result<DynamicImage, Failure> {
    let whole = |sample: u8, bits: u8| match bits {
        8.. => sample,
        _ => (u16::from(sample) * 255 / ((1 << bits) - 1)) as u8,
    };
    let Layout { size, bits, colours, alpha, coloured, .. } = layout;
    let pixels = samples.chunks_exact(layout.samples).map(|pixel| {
        let colour = match colours {
            Colours::Gray => [whole(pixel[0], *bits); 3],
            Colours::Rgb => [pixel[0], pixel[1], pixel[2]],
            Colours::Cmyk => inks(pixel, 255.0).map(|sample| sample as u8),
            Colours::YCbCr => from_luma([pixel[0], pixel[1], pixel[2]]),
            Colours::Palette(palette) => entry(palette, usize::from(pixel[0])),
        };
        (colour, alpha.then(|| pixel[*coloured]))
    });
    match alpha {
        true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba8),
        false => solid(*size, pixels).map(DynamicImage::ImageRgb8),
    }
    .ok_or_else(inconsistent)
}

/// The same of 16 bits.
pub(super) fn of_words(layout: &Layout, samples: &[u16]) -> Result<DynamicImage, Failure> {
    let Layout { size, colours, alpha, coloured, .. } = layout;
    let pixels = samples.chunks_exact(layout.samples).map(|pixel| {
        let colour = match colours {
            Colours::Rgb => [pixel[0], pixel[1], pixel[2]],
            Colours::Cmyk => inks(pixel, 65_535.0).map(|sample| sample as u16),
            Colours::Palette(palette) => {
                entry(palette, usize::from(pixel[0])).map(|byte| u16::from(byte) * 257)
            }
            Colours::Gray | Colours::YCbCr => [pixel[0]; 3],
        };
        (colour, alpha.then(|| pixel[*coloured]))
    });
    match alpha {
        true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba16),
        false => solid(*size, pixels).map(DynamicImage::ImageRgb16),
    }
    .ok_or_else(inconsistent)
}

/// The same of floats, which are gray or RGB.
pub(super) fn of_floats(layout: &Layout, samples: &[f32]) -> Result<DynamicImage, Failure> {
    let Layout { size, colours, alpha, coloured, .. } = layout;
    let is_rgb = matches!(colours, Colours::Rgb);
    let pixels = samples.chunks_exact(layout.samples).map(|pixel| {
        let colour = if is_rgb { [pixel[0], pixel[1], pixel[2]] } else { [pixel[0]; 3] };
        (colour, alpha.then(|| pixel[*coloured]))
    });
    match alpha {
        true => with_alpha(*size, pixels).map(DynamicImage::ImageRgba32F),
        false => solid(*size, pixels).map(DynamicImage::ImageRgb32F),
    }
    .ok_or_else(inconsistent)
}

fn solid<T: Primitive>(
    size: Extent,
    pixels: impl Iterator<Item = ([T; 3], Option<T>)>,
) -> Option<ImageBuffer<image::Rgb<T>, Vec<T>>>
where
    image::Rgb<T>: image::Pixel<Subpixel = T>,
{
    // With room for all of them: grown as it is filled, the list would take twice as much.
    let mut samples = Vec::with_capacity(3 * size.plane());
    pixels.for_each(|(colour, _)| samples.extend(colour));
    ImageBuffer::from_raw(size.width as u32, size.height as u32, samples)
}

fn with_alpha<T: Primitive>(
    size: Extent,
    pixels: impl Iterator<Item = ([T; 3], Option<T>)>,
) -> Option<ImageBuffer<image::Rgba<T>, Vec<T>>>
where
    image::Rgba<T>: image::Pixel<Subpixel = T>,
{
    let mut samples = Vec::with_capacity(4 * size.plane());
    pixels.for_each(|(colour, alpha)| samples.extend(colour.into_iter().chain(alpha)));
    ImageBuffer::from_raw(size.width as u32, size.height as u32, samples)
}

/// Inks on white paper, as the `image` crate mixes them; rounded down by a cast.
fn inks<T: Copy + Into<f32>>(pixel: &[T], white: f32) -> [f32; 3] {
    let light = 1.0 - pixel[3].into() / white;
    [0, 1, 2].map(|ink| (white - pixel[ink].into()) * light)
}

/// The colours of JPEG (BT.601, all levels used), as they stand in a TIFF.
fn from_luma([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    // The cast saturates.
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|sample| sample.round() as u8)
}

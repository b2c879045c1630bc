//! Rows of an image as levels, whatever its samples are.

use image::{DynamicImage, ImageBuffer, Pixel};

/// Gives every row from top to bottom, as RGBA in 8-bit units.
pub(super) fn each_row(image: &DynamicImage, take: &mut dyn FnMut(&mut [[f32; 4]])) {
    let byte = |sample: u8| f32::from(sample);
    let word = |sample: u16| f32::from(sample) / 257.0;
    // A NaN would spread through the whole network.
    let float = |sample: f32| if sample.is_nan() { 0.0 } else { sample.clamp(0.0, 1.0) * 255.0 };
    match image {
        DynamicImage::ImageLuma8(image) => of(image, byte, take),
        DynamicImage::ImageLumaA8(image) => of(image, byte, take),
        DynamicImage::ImageRgb8(image) => of(image, byte, take),
        DynamicImage::ImageRgba8(image) => of(image, byte, take),
        DynamicImage::ImageLuma16(image) => of(image, word, take),
        DynamicImage::ImageLumaA16(image) => of(image, word, take),
        DynamicImage::ImageRgb16(image) => of(image, word, take),
        DynamicImage::ImageRgba16(image) => of(image, word, take),
        DynamicImage::ImageRgb32F(image) => of(image, float, take),
        DynamicImage::ImageRgba32F(image) => of(image, float, take),
        other => of(&other.to_rgba16(), word, take),
    }
}

fn of<P: Pixel>(
    image: &ImageBuffer<P, Vec<P::Subpixel>>,
    level: impl Fn(P::Subpixel) -> f32,
    take: &mut dyn FnMut(&mut [[f32; 4]]),
) {
    let mut line = Vec::with_capacity(image.width() as usize);
    for row in image.rows() {
        line.clear();
        line.extend(row.map(|pixel| match *pixel.channels() {
            [gray] => [level(gray), level(gray), level(gray), 255.0],
            [gray, alpha] => [level(gray), level(gray), level(gray), level(alpha)],
            [red, green, blue] => [level(red), level(green), level(blue), 255.0],
            [red, green, blue, alpha] => [level(red), level(green), level(blue), level(alpha)],
            _ => unreachable!("pixels have one to four samples"),
        }));
        take(&mut line);
    }
}

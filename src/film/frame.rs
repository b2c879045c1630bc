//! A frame, and the form in which its pixels go through a pipe.

use super::FilmError;
use super::nut::Layout;
use super::time::TimeBase;
use crate::extent::Extent;
use crate::picture::{Picture, PictureError, to_byte, to_word};

/// A picture of a film, and when it is shown.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The picture.
    pub picture: Picture,
    /// When it is shown, in ticks of its film.
    pub time: i64,
    /// For how many ticks it is shown, if that is known before the next frame arrives.
    pub lasts: Option<i64>,
}

/// The properties common to all frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The size, upright.
    pub size: Extent,
    /// The unit of times.
    pub time_base: TimeBase,
    /// The width and height of a pixel, as a ratio; zeros if unknown.
    pub aspect: (u32, u32),
}

/// Makes a picture of these pixels.
pub(super) fn unpack(pixels: &[u8], size: Extent, layout: Layout) -> Result<Picture, PictureError> {
    let plane = size.plane();
    let mut rgb = vec![0.0; 3 * plane];
    let mut alpha = (layout.channels() > 3).then(|| Vec::with_capacity(plane));
    let (red, rest) = rgb.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let planes = red.iter_mut().zip(green).zip(blue);
    for (pixel, ((red, green), blue)) in pixels.chunks_exact(layout.bytes()).zip(planes) {
        let word = |channel: usize| match layout.is_deep() {
            false => 257 * u16::from(pixel[channel]),
            true => u16::from_le_bytes([pixel[2 * channel], pixel[2 * channel + 1]]),
        };
        [*red, *green, *blue] = [0, 1, 2].map(|channel| f32::from(word(channel)) / 257.0);
        if let Some(alpha) = &mut alpha {
            alpha.push(word(3));
        }
    }
    Picture::from_rgb(size, rgb)?.with_alpha(alpha)
}

/// The pixels of a picture in a size that exceeds its own by at most a row and a column. Codecs that halve the
/// resolution of colours accept only even sizes; the missing pixels repeat their neighbours. Without transparency
/// everything is opaque.
pub(super) fn pack(picture: &Picture, size: Extent, layout: Layout) -> Result<Vec<u8>, FilmError> {
    let own = picture.extent();
    if even(own) != even(size) {
        return Err(FilmError::Misfit { size, found: own });
    }
    let planes: Vec<&[f32]> = picture.rgb().chunks_exact(own.plane()).collect();
    let solid = |place: usize| picture.alpha().map_or(u16::MAX, |alpha| alpha[place]);
    let mut pixels = Vec::with_capacity(size.plane() * layout.bytes());
    for y in 0..size.height {
        for x in 0..size.width {
            let place = y.min(own.height - 1) * own.width + x.min(own.width - 1);
            let colours = planes.iter().map(|plane| plane[place]);
            match layout {
                Layout::Rgb24 => pixels.extend(colours.map(to_byte)),
                Layout::Rgba32 => pixels.extend(colours.map(to_byte).chain([(solid(place) / 257) as u8])),
                Layout::Rgb48 => pixels.extend(colours.flat_map(|sample| to_word(sample).to_le_bytes())),
                Layout::Rgba64 => {
                    let words = colours.map(to_word).chain([solid(place)]);
                    pixels.extend(words.flat_map(u16::to_le_bytes));
                }
            }
        }
    }
    Ok(pixels)
}

/// The smallest size with even sides that is no smaller than this one.
pub(super) fn even(size: Extent) -> Extent {
    Extent { height: size.height.next_multiple_of(2), width: size.width.next_multiple_of(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back_in_either_depth() {
        let size = Extent::new(2, 3);
        for layout in [Layout::Rgb24, Layout::Rgb48, Layout::Rgba32, Layout::Rgba64] {
            let pixels: Vec<u8> = (0..6 * layout.bytes()).map(|byte| (7 * byte) as u8).collect();
            let picture = unpack(&pixels, size, layout).expect("a picture");
            assert_eq!(pack(&picture, size, layout).expect("its size"), pixels);
        }
    }

    #[test]
    fn an_odd_size_repeats_its_last_row_and_column() {
        let picture = unpack(&[1, 2, 3], Extent::new(1, 1), Layout::Rgb24).expect("a picture");
        let pixels = pack(&picture, even(picture.extent()), Layout::Rgb24).expect("a size beside its own");
        assert_eq!(pixels, [1, 2, 3].repeat(4));
        assert!(pack(&picture, Extent::new(4, 2), Layout::Rgb24).is_err());
    }
}

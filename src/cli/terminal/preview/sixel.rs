//! Sixel graphics: 256 colours, and bands of six rows in which each colour is drawn separately.
//!
//! <https://vt100.net/docs/vt3xx-gp/chapter14.html>

use color_quant::NeuQuant;
use image::imageops::{dither, index_colors};
use image::{GrayImage, Rgba, RgbaImage};

use crate::picture::Picture;
use crate::picture::to_byte;

/// How many colours terminals support.
const COLOURS: usize = 256;
/// About how many pixels are sampled to choose the colours.
const SAMPLES: usize = 1 << 16;
/// The rows of a band.
const BAND: usize = 6;
/// The character for six pixels of which none is drawn. The bits added to it select pixels, bit 0 the top one.
const BLANK: u8 = b'?';
/// The shortest run that is encoded as a count and the sixel: for shorter ones that saves nothing.
const SHORTEST_RUN: usize = 4;

/// Draws the picture at the cursor, one pixel of the terminal for each of its own.
pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let (indexes, palette) = in_few_colours(picture);
    let (width, height) = indexes.dimensions();
    // Pixels are square, and pixels that are not drawn keep their colour.
    let mut encoded = format!("\x1bP0;1q\"1;1;{width};{height}").into_bytes();
    for (colour, levels) in palette.chunks_exact(3).enumerate() {
        let [red, green, blue] = [0, 1, 2].map(|channel| (u32::from(levels[channel]) * 100 + 127) / 255);
        encoded.extend(format!("#{colour};2;{red};{green};{blue}").bytes());
    }
    for band in indexes.as_raw().chunks(BAND * width as usize) {
        draw_band(&mut encoded, band, width as usize);
    }
    encoded.extend(b"\x1b\\");
    encoded
}

/// Reduces the picture to a palette: the index of each pixel, and the red, green and blue of each colour.
fn in_few_colours(picture: &Picture) -> (GrayImage, Vec<u8>) {
    let plane = picture.width() * picture.height();
    let sample = |channel: usize, index: usize| to_byte(picture.rgb()[channel * plane + index]);
    let mut pixels = RgbaImage::from_fn(picture.width() as u32, picture.height() as u32, |x, y| {
        let index = y as usize * picture.width() + x as usize;
        Rgba([sample(0, index), sample(1, index), sample(2, index), u8::MAX])
    });
    // NeuQuant samples one pixel in this many: from 1, which is all, to 30.
    let sampling = (plane / SAMPLES).clamp(1, 30) as i32;
    let colours = NeuQuant::new(sampling, COLOURS, pixels.as_raw());
    // `dither` needs a neighbouring pixel.
    if picture.width() > 1 {
        dither(&mut pixels, &colours);
    }
    (index_colors(&pixels, &colours), colours.color_map_rgb())
}

/// Draws one band: for each colour in it, the pixels of that colour, starting at the left each time.
fn draw_band(encoded: &mut Vec<u8>, band: &[u8], width: usize) {
    let mut sixels = vec![BLANK; COLOURS * width];
    let mut used = [false; COLOURS];
    for (row, indexes) in band.chunks(width).enumerate() {
        for (column, &colour) in indexes.iter().enumerate() {
            sixels[usize::from(colour) * width + column] += 1 << row;
            used[usize::from(colour)] = true;
        }
    }
    for (colour, sixels) in sixels.chunks(width).enumerate().filter(|&(colour, _)| used[colour]) {
        encoded.extend(format!("#{colour}").bytes());
        draw_runs(encoded, sixels);
        encoded.push(b'$');
    }
    encoded.push(b'-');
}

fn draw_runs(encoded: &mut Vec<u8>, sixels: &[u8]) {
    for run in sixels.chunk_by(PartialEq::eq) {
        if run.len() < SHORTEST_RUN {
            encoded.extend(run);
        } else {
            encoded.extend(format!("!{}{}", run.len(), char::from(run[0])).bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use std::iter::Peekable;
    use std::str::Chars;

    /// A terminal that understands as much sixel graphics as is written here. Holds red, green and blue of each
    /// pixel in percent, or nothing if it was not drawn.
    struct Terminal {
        width: usize,
        pixels: Vec<Option<[u32; 3]>>,
    }

    impl Terminal {
        fn draw(encoded: &[u8]) -> Self {
            let text = std::str::from_utf8(encoded).expect("ASCII");
            let body = text.strip_prefix("\x1bP0;1q\"").and_then(|text| text.strip_suffix("\x1b\\"));
            let mut rest = body.expect("sixels").chars().peekable();
            let [1, 1, width, height] = numbers(&mut rest)[..] else { panic!("raster attributes") };
            let mut terminal = Self { width, pixels: vec![None; width * height] };
            let mut palette = vec![None; COLOURS];
            let (mut colour, mut column, mut top, mut count) = (0, 0, 0, 1);
            while let Some(char) = rest.next() {
                match char {
                    '#' => match numbers(&mut rest)[..] {
                        [number, 2, red, green, blue] => {
                            palette[number] = Some([red, green, blue].map(|n| n as u32))
                        }
                        [number] => colour = number,
                        ref other => panic!("colour {other:?}"),
                    },
                    '!' => count = numbers(&mut rest)[0],
                    '$' => column = 0,
                    '-' => (column, top) = (0, top + BAND),
                    '?'..='~' => {
                        let bits = char as u8 - BLANK;
                        for _ in 0..std::mem::replace(&mut count, 1) {
                            for row in (0..BAND).filter(|row| bits >> row & 1 == 1) {
                                terminal.pixels[(top + row) * width + column] =
                                    Some(palette[colour].expect("a colour"));
                            }
                            column += 1;
                        }
                        assert!(column <= width, "beyond the right edge");
                    }
                    other => panic!("{other:?}"),
                }
            }
            terminal
        }

        /// The mean squared difference from a picture over all samples, in levels of 255.
        fn distance(&self, picture: &Picture) -> f32 {
            let plane = picture.width() * picture.height();
            assert_eq!((self.width, self.pixels.len()), (picture.width(), plane));
            let squares = self.pixels.iter().enumerate().flat_map(|(index, pixel)| {
                let percents = pixel.unwrap_or_else(|| panic!("pixel {index} is not drawn"));
                [0, 1, 2].map(|channel| {
                    (percents[channel] as f32 * 2.55 - picture.rgb()[channel * plane + index]).powi(2)
                })
            });
            squares.sum::<f32>() / (3 * plane) as f32
        }
    }

    /// Reads the next numbers, separated by semicolons.
    fn numbers(rest: &mut Peekable<Chars<'_>>) -> Vec<usize> {
        let mut text = String::new();
        while let Some(char) = rest.next_if(|char| char.is_ascii_digit() || *char == ';') {
            text.push(char);
        }
        text.split(';').map(|number| number.parse().expect("a number")).collect()
    }

    /// A smooth picture with many colours.
    fn picture(width: usize, height: usize) -> Picture {
        let sample = |channel: usize, x: usize, y: usize| match channel {
            0 => (x * 255 / width.max(2)) as f32,
            1 => (y * 255 / height.max(2)) as f32,
            _ => 128.0,
        };
        let at = |index: usize| (index / (width * height), index % width, index / width % height);
        let rgb = (0..3 * width * height).map(at).map(|(channel, x, y)| sample(channel, x, y)).collect();
        Picture::from_rgb(Extent { height, width }, rgb).expect("a picture")
    }

    #[test]
    fn a_terminal_draws_the_picture() {
        for (width, height) in [(96, 64), (37, 61), (7, 1), (1, 13), (1, 1)] {
            let picture = picture(width, height);
            let drawn = Terminal::draw(&encode(&picture));
            // 256 colours over a plane of 256x256 levels are 16 apart: dithering leaves each pixel at most one
            // step away, and the square of a step is 256.
            let distance = drawn.distance(&picture);
            assert!(distance < 256.0, "{width}x{height}: {distance}");
        }
    }

    #[test]
    fn another_picture_is_far_away() {
        let picture = picture(96, 64);
        let mirrored: Vec<f32> = picture.rgb().chunks(96).flat_map(|row| row.iter().rev().copied()).collect();
        let mirrored = Picture::from_rgb(Extent::new(64, 96), mirrored).expect("a picture");
        assert!(Terminal::draw(&encode(&picture)).distance(&mirrored) > 1024.0);
    }

    #[test]
    fn runs_are_counted_where_that_is_shorter() {
        let mut encoded = Vec::new();
        draw_runs(&mut encoded, b"???@@@@@A");
        assert_eq!(encoded, b"???!5@A");
    }
}

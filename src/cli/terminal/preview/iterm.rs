//! iTerm2's inline images: a file in base64, in one piece.
//!
//! <https://iterm2.com/documentation-images.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::screen::Frame;

/// Shows a file at the cursor, as large as fits into columns and rows without distortion.
pub(super) fn encode(png: &[u8], frame: Frame) -> Vec<u8> {
    let Frame { columns, rows, .. } = frame;
    let (size, text) = (png.len(), STANDARD.encode(png));
    format!(
        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};preserveAspectRatio=1:{text}\x07"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    #[test]
    fn the_text_is_the_file() {
        let png: Vec<u8> = (0..10_000).map(|index| (index * 7 % 251) as u8).collect();
        let encoded = encode(&png, Frame { size: Extent::new(60, 100), columns: 10, rows: 3 });
        let encoded = String::from_utf8(encoded).expect("ASCII");
        let (keys, text) = encoded.split_once(':').expect("a colon");
        assert_eq!(keys, "\x1b]1337;File=inline=1;size=10000;width=10;height=3;preserveAspectRatio=1");
        let text = text.strip_suffix('\x07').expect("an end");
        assert_eq!(STANDARD.decode(text).expect("base64"), png);
    }
}

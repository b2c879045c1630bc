//! kitty's graphics protocol: a PNG in base64, in pieces.
//!
//! <https://sw.kovidgoyal.net/kitty/graphics-protocol/>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::screen::Frame;

/// The most base64 that one piece may hold.
const PIECE: usize = 4096;

/// Shows (`a=T`) a PNG (`f=100`) at the cursor, scaled to columns and rows. The terminal must not answer (`q=2`),
/// because nothing reads the answer.
pub(super) fn encode(png: &[u8], frame: Frame) -> Vec<u8> {
    let text = STANDARD.encode(png);
    let mut encoded = Vec::new();
    let mut keys = format!("a=T,f=100,q=2,c={},r={},", frame.columns, frame.rows);
    let mut pieces = text.as_bytes().chunks(PIECE).peekable();
    while let Some(piece) = pieces.next() {
        let more = u8::from(pieces.peek().is_some());
        encoded.extend(format!("\x1b_G{keys}m={more};").bytes());
        encoded.extend(piece);
        encoded.extend(b"\x1b\\");
        keys.clear();
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    #[test]
    fn pieces_put_together_are_the_file() {
        let frame = Frame { size: Extent::new(60, 100), columns: 10, rows: 3 };
        for length in [1_usize, 3072, 3073, 9216, 10_000] {
            let png: Vec<u8> = (0..length).map(|index| (index * 7 % 251) as u8).collect();
            let encoded = String::from_utf8(encode(&png, frame)).expect("ASCII");
            let pieces: Vec<&str> = encoded.split_terminator("\x1b\\").collect();
            let mut text = String::new();
            for (number, piece) in pieces.iter().enumerate() {
                let (keys, payload) =
                    piece.strip_prefix("\x1b_G").and_then(|piece| piece.split_once(';')).expect("a piece");
                let first = if number == 0 { "a=T,f=100,q=2,c=10,r=3," } else { "" };
                let more = u8::from(number + 1 < pieces.len());
                assert_eq!(keys, format!("{first}m={more}"));
                assert!(payload.len() <= PIECE);
                text += payload;
            }
            assert_eq!(pieces.len(), length.div_ceil(3072));
            assert_eq!(STANDARD.decode(text).expect("base64"), png);
        }
    }
}

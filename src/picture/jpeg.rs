//! JPEG files from marker to marker: whether one is whole, and the comments in it.

use std::io::{self, BufRead, Seek, SeekFrom};

use super::mark::{MARK, MAX_RECIPE};

/// The longest content of a segment: its length takes two bytes and counts them.
const SEGMENT: usize = 65_533;

/// Whether a JPEG goes on to its end and has data enough for the size it claims. Rewinds the file.
pub(super) fn is_complete(file: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    let pixels = match pixels(file) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        pixels => pixels?,
    };
    let bytes = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    // Each block of 8x8 pixels takes one Huffman code at the very least, and a code is at least a bit.
    Ok(pixels <= 64 * 8 * bytes)
}

/// Walks a JPEG from marker to marker to its end, for the number of pixels it claims to have.
fn pixels(file: &mut (impl BufRead + Seek)) -> io::Result<u64> {
    let mut pixels = 0;
    loop {
        match next_marker(file)? {
            Marker::Frame { width, height } => pixels = u64::from(width) * u64::from(height),
            Marker::End => return Ok(pixels),
            Marker::Comment(_) | Marker::Scan | Marker::Other => {}
        }
    }
}

/// The recipe in the comments, joined from as many as it takes.
pub(super) fn recipe(file: &mut (impl BufRead + Seek)) -> io::Result<Option<Vec<u8>>> {
    let mut recipe: Option<Vec<u8>> = None;
    loop {
        match next_marker(file)? {
            Marker::Comment(comment) => {
                if let Some(part) = comment.strip_prefix(MARK.as_bytes()) {
                    let recipe = recipe.get_or_insert_default();
                    if recipe.len() + part.len() <= MAX_RECIPE {
                        recipe.extend_from_slice(part);
                    }
                }
            }
            Marker::Scan | Marker::End => return Ok(recipe),
            Marker::Frame { .. } | Marker::Other => {}
        }
    }
}

/// The comments that carry this recipe, each with its marker.
fn comments(recipe: &str) -> Vec<u8> {
    let parts = recipe.as_bytes().chunks(SEGMENT - MARK.len());
    parts.flat_map(|part| segment(0xFE, &[MARK.as_bytes(), part].concat())).collect()
}

fn segment(code: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = (content.len() as u16 + 2).to_be_bytes();
    [&[0xFF, code, high, low], content].concat()
}

/// Where the comments go in what an encoder wrote: after the start and the JFIF segment, which must follow
/// it at once.
pub(super) fn with_recipe(jpeg: &[u8], recipe: &str) -> Vec<u8> {
    let jfif = match jpeg.get(2..6) {
        Some(&[0xFF, 0xE0, high, low]) => 2 + usize::from(u16::from_be_bytes([high, low])),
        _ => 0,
    };
    let (start, rest) = jpeg.split_at((2 + jfif).min(jpeg.len()));
    [start, &comments(recipe), rest].concat()
}

enum Marker {
    Frame { width: u16, height: u16 },
    Comment(Vec<u8>),
    Scan,
    End,
    Other,
}

/// Reads past the next marker and its segment.
///
/// Every marker is 0xFF and a code. Segments carry their length; compressed data does not, but has a 0
/// after each 0xFF of its own.
fn next_marker(file: &mut (impl BufRead + Seek)) -> io::Result<Marker> {
    file.skip_until(0xFF)?;
    let mut code = 0xFF;
    while code == 0xFF {
        [code] = read_bytes(file)?;
    }
    // A hidden 0xFF, a restart, the start of the image: no segment follows.
    if matches!(code, 0x00 | 0x01 | 0xD0..=0xD8) {
        return Ok(Marker::Other);
    }
    if code == 0xD9 {
        return Ok(Marker::End);
    }
    let length = i64::from(u16::from_be_bytes(read_bytes(file)?));
    match code {
        // C0 to CF start a frame, but for the tables C4 and CC and the reserved C8.
        0xC0..=0xCF if !matches!(code, 0xC4 | 0xC8 | 0xCC) => {
            let [_precision, h1, h0, w1, w0] = read_bytes(file)?;
            file.seek_relative((length - 7).max(0))?;
            Ok(Marker::Frame { width: u16::from_be_bytes([w1, w0]), height: u16::from_be_bytes([h1, h0]) })
        }
        0xFE => {
            let mut comment = vec![0; (length - 2).max(0) as usize];
            file.read_exact(&mut comment)?;
            Ok(Marker::Comment(comment))
        }
        _ => {
            file.seek_relative((length - 2).max(0))?;
            Ok(if code == 0xDA { Marker::Scan } else { Marker::Other })
        }
    }
}

fn read_bytes<const N: usize>(file: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

//! JPEG files from marker to marker, and the comments in them.

use std::io::{self, BufRead, Seek};

use super::mark::{MARK, MAX_RECIPE};

/// The maximum length of a segment's content: the length field has two bytes and counts itself.
const SEGMENT: usize = 65_533;

/// The recipe in the comments, joined from however many there are.
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
            Marker::Scan(_) | Marker::End => return Ok(recipe),
            Marker::Frame(_) | Marker::Interval(_) | Marker::Restart | Marker::Other => {}
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

/// Inserts the comments with a recipe into what an encoder wrote: after the start and the JFIF segment, which must
/// follow the start at once.
pub(super) fn with_recipe(jpeg: &[u8], recipe: &str) -> Vec<u8> {
    let jfif = match jpeg.get(2..6) {
        Some(&[0xFF, 0xE0, high, low]) => 2 + usize::from(u16::from_be_bytes([high, low])),
        _ => 0,
    };
    let (start, rest) = jpeg.split_at((2 + jfif).min(jpeg.len()));
    [start, &comments(recipe), rest].concat()
}

/// What a JPEG contains between its compressed data.
pub(super) enum Marker {
    Frame(Frame),
    Comment(Vec<u8>),
    /// From here on there is a restart after so many MCUs (units of blocks); none if it is 0.
    Interval(u16),
    Restart,
    Scan(Scan),
    End,
    Other,
}

/// How a picture is coded.
pub(super) struct Frame {
    /// The coding process, as the number of its marker.
    pub(super) code: u8,
    /// Bits per sample.
    pub(super) bits: u8,
    pub(super) height: u16,
    pub(super) width: u16,
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// The largest sampling factors of any component, across and down.
    pub(super) fn most(&self) -> [u8; 2] {
        let most = |rate: fn(&Component) -> u8| self.components.iter().map(rate).max().unwrap_or(1).max(1);
        [most(|it| it.across), most(|it| it.down)]
    }
}

/// A component (colour), which may have fewer samples than others.
#[derive(Clone, Copy)]
pub(super) struct Component {
    pub(super) name: u8,
    /// Its sampling factor across a row, and the one down a column.
    pub(super) across: u8,
    pub(super) down: u8,
}

/// Which part of a picture the following data are.
pub(super) struct Scan {
    /// The identifiers of its components.
    pub(super) components: Vec<u8>,
    /// The first and the last of the 64 coefficients of each block.
    pub(super) first: u8,
    pub(super) last: u8,
    /// How many of the lowest bits are left to another scan.
    pub(super) left: u8,
}

/// Reads past the next marker and its segment.
///
/// Every marker is 0xFF and a code. Segments carry their length; compressed data do not, but have a 0 after each
/// 0xFF of their own.
pub(super) fn next_marker(file: &mut (impl BufRead + Seek)) -> io::Result<Marker> {
    file.skip_until(0xFF)?;
    let mut code = 0xFF;
    while code == 0xFF {
        [code] = read_bytes(file)?;
    }
    match code {
        0xD0..=0xD7 => return Ok(Marker::Restart),
        0xD9 => return Ok(Marker::End),
        // An escaped 0xFF or the start of the image: no segment follows.
        0x00 | 0x01 | 0xD8 => return Ok(Marker::Other),
        _ => {}
    }
    let length = u16::from_be_bytes(read_bytes(file)?).saturating_sub(2);
    let is_frame = matches!(code, 0xC0..=0xCF | 0xF7) && !matches!(code, 0xC4 | 0xC8 | 0xCC);
    if !is_frame && !matches!(code, 0xFE | 0xDD | 0xDA) {
        file.seek_relative(i64::from(length))?;
        return Ok(Marker::Other);
    }
    let mut content = vec![0; usize::from(length)];
    file.read_exact(&mut content)?;
    Ok(match code {
        0xFE => Marker::Comment(content),
        0xDD => interval(&content).map_or(Marker::Other, Marker::Interval),
        0xDA => scan(&content).map_or(Marker::Other, Marker::Scan),
        _ => frame(code, &content).map_or(Marker::Other, Marker::Frame),
    })
}

fn interval(content: &[u8]) -> Option<u16> {
    content.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

fn frame(code: u8, content: &[u8]) -> Option<Frame> {
    let ([bits, h1, h0, w1, w0, count], rest) = content.split_first_chunk()?;
    let components = rest.chunks_exact(3).take(usize::from(*count));
    let component = |part: &[u8]| Component { name: part[0], across: part[1] >> 4, down: part[1] & 15 };
    Some(Frame {
        code,
        bits: *bits,
        height: u16::from_be_bytes([*h1, *h0]),
        width: u16::from_be_bytes([*w1, *w0]),
        components: components.map(component).collect(),
    })
}

fn scan(content: &[u8]) -> Option<Scan> {
    let (&count, rest) = content.split_first()?;
    let (components, rest) = rest.split_at_checked(2 * usize::from(count))?;
    let [first, last, bits] = *rest.first_chunk()?;
    let components = components.chunks_exact(2).map(|part| part[0]).collect();
    Some(Scan { components, first, last, left: bits & 15 })
}

fn read_bytes<const N: usize>(file: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

//! Segments: parts of a film that are encoded independently, and joined in the end without being encoded again.
//!
//! A segment is a fragmented MP4 (ISO/IEC 14496-12, 8.8). Its frames have their decoding and presentation times in
//! the whole film, exact to the tick. The header of the first segment followed by the fragments of all segments is
//! again such a file. The same holds for Matroska and its clusters, which are used for what MP4 cannot hold.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::clusters;
use crate::files::output::behind_links;

/// By how many seconds the times in segments are shifted. Encoders that reorder frames decode the first one before
/// it is shown, possibly before time zero, and a fragment cannot represent negative times.
pub(super) const DELAY: &str = "1000000";
/// The shift that undoes the delay.
pub(super) const ADVANCE: &str = "-1000000";

/// ffmpeg's flags for writing a segment: no time shift and no edit list, because every fragment has its own start
/// time.
pub(super) const OPTIONS: [&str; 12] = [
    "-output_ts_offset",
    DELAY,
    "-movflags",
    "+frag_keyframe+empty_moov+default_base_moof+frag_discont+skip_trailer",
    "-use_editlist",
    "0",
    "-avoid_negative_ts",
    "disabled",
    // For Matroska: nothing after the clusters, and no random numbers.
    "-live",
    "1",
    "-fflags",
    "+bitexact",
];

/// The folder next to a film that holds its segments until it is complete.
pub fn part_of(film: &Path) -> PathBuf {
    let mut name = OsString::from(behind_links(film));
    name.push(".part");
    name.into()
}

/// The path of a segment, counted from 1.
pub(super) fn file_of(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:06}.mp4"))
}

/// Joins segments into one film.
pub(super) fn join(segments: &[PathBuf], to: &mut impl Write) -> io::Result<()> {
    for (number, path) in segments.iter().enumerate() {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        if file.fill_buf()?.starts_with(&clusters::EBML) {
            if number > 0 {
                to.write_all(clusters::first(&mut file)?)?;
            }
            io::copy(&mut file, to)?;
            continue;
        }
        while let Some((header, length)) = next_box(&mut file)? {
            let is_fragment = [b"moof", b"mdat"].contains(&&kind(&header));
            let content = &mut (&mut file).take(length);
            let copied = if number == 0 || is_fragment {
                to.write_all(&header)?;
                io::copy(content, to)?
            } else {
                io::copy(content, &mut io::sink())?
            };
            if copied != length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    to.flush()
}

/// The header of the next box, and the number of bytes that follow it; `None` at the end.
fn next_box(from: &mut impl Read) -> io::Result<Option<(Vec<u8>, u64)>> {
    let mut header = Vec::new();
    if from.take(8).read_to_end(&mut header)? == 0 {
        return Ok(None);
    }
    let [a, b, c, d, ..] = header[..] else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    let mut size = u64::from(u32::from_be_bytes([a, b, c, d]));
    if size == 1 {
        let mut long = [0; 8];
        from.read_exact(&mut long)?;
        size = u64::from_be_bytes(long);
        header.extend(long);
    }
    let rest = size.checked_sub(header.len() as u64);
    let rest = rest.filter(|_| header.len() >= 8).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some((header, rest)))
}

fn kind(header: &[u8]) -> [u8; 4] {
    [4, 5, 6, 7].map(|at| header[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(8 + content.len() as u32).to_be_bytes()[..], kind, content].concat()
    }

    fn large(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&1_u32.to_be_bytes()[..], kind, &(16 + content.len() as u64).to_be_bytes(), content].concat()
    }

    #[test]
    fn the_header_of_the_first_and_the_fragments_of_all_are_joined() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |number: usize, boxes: &[Vec<u8>]| {
            let path = file_of(folder.path(), number);
            std::fs::write(&path, boxes.concat()).expect("written");
            path
        };
        let first = [small(b"ftyp", b"a"), small(b"moov", b"b"), small(b"moof", b"c"), large(b"mdat", b"d")];
        let second = [small(b"ftyp", b"e"), small(b"moov", b"f"), small(b"moof", b""), small(b"mdat", b"h")];
        let files = [put(1, &first), put(2, &second)];
        let mut joined = Vec::new();
        join(&files, &mut joined).expect("sound");
        assert_eq!(joined, [&first[..], &second[2..]].concat().concat());
        for cut in [1, 7, 12] {
            let bytes = second.concat();
            std::fs::write(&files[1], &bytes[..bytes.len() - cut]).expect("written");
            join(&files, &mut Vec::new()).expect_err("it is cut short");
        }
        std::fs::write(&files[1], small(b"moof", b"")).expect("written");
        join(&files, &mut Vec::new()).expect("sound");
        std::fs::write(&files[1], 7_u32.to_be_bytes().repeat(2)).expect("written");
        join(&files, &mut Vec::new()).expect_err("a box is smaller than its header");
    }

    #[test]
    fn parts_lie_beside_the_film() {
        assert_eq!(part_of(Path::new("a/dream.mp4")), Path::new("a/dream.mp4.part"));
        assert_eq!(file_of(Path::new("a"), 12), Path::new("a/000012.mp4"));
    }
}

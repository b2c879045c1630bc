//! Palettes, which the decoder does not support: indices of colours are stored in a file like greys.

use std::io::{self, Read, Seek, SeekFrom};

use tiff::tags::{PhotometricInterpretation as Photometric, Tag};

/// Entries of a directory that are looked through.
const MOST_ENTRIES: u64 = 1 << 16;

/// A palette in bytes, which some programs write where words belong.
pub(super) fn in_bytes(palette: Vec<u16>) -> Vec<u8> {
    let shift = if palette.iter().all(|&sample| sample < 256) { 0 } else { 8 };
    palette.into_iter().map(|sample| (sample >> shift) as u8).collect()
}

/// A colour of a palette, black behind its end.
pub(super) fn entry(palette: &[u8], index: usize) -> [u8; 3] {
    let colours = palette.len() / 3;
    [0, 1, 2].map(|plane| if index < colours { palette[plane * colours + index] } else { 0 })
}

/// A file whose first picture claims to be grey instead of having a palette.
pub(super) struct AsGray<R> {
    file: R,
    /// The current position in the file.
    next: u64,
    /// Where the file says what its samples mean, and the value to be found there instead.
    place: u64,
    value: [u8; 2],
}

impl<R: Read + Seek> AsGray<R> {
    /// A file from its beginning.
    pub(super) fn new(mut file: R) -> io::Result<Self> {
        let (place, little) = photometric(&mut file)?;
        file.rewind()?;
        // A short number in four bytes or eight.
        let value = Photometric::BlackIsZero.to_u16();
        let value = if little { value.to_le_bytes() } else { value.to_be_bytes() };
        Ok(Self { file, next: 0, place, value })
    }
}

impl<R: Read> Read for AsGray<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        for (at, byte) in (self.next..).zip(&mut buffer[..count]) {
            let own =
                at.checked_sub(self.place).and_then(|index| self.value.get(usize::try_from(index).ok()?));
            *byte = own.copied().unwrap_or(*byte);
        }
        self.next += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for AsGray<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.next = self.file.seek(to)?;
        Ok(self.next)
    }
}

/// Where the first directory says what the samples mean, and whether the file is little-endian.
fn photometric(file: &mut (impl Read + Seek)) -> io::Result<(u64, bool)> {
    let start = bytes_at(file, 0, 16)?;
    let little = start.starts_with(b"II");
    let number = |bytes: &[u8]| {
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        if little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) }
    };
    // Where it is, how many bytes say how many entries it has, how many bytes each has, and how many of them, the
    // last, its value; BigTIFF is wider.
    let (directory, counted, entry, value) = match number(&start[2..4]) {
        43 => (number(&start[8..16]), 8, 20, 8),
        _ => (number(&start[4..8]), 2, 12, 4),
    };
    let count = number(&bytes_at(file, directory, counted)?).min(MOST_ENTRIES);
    let table = bytes_at(file, directory + counted, count * entry)?;
    let tag = u64::from(Tag::PhotometricInterpretation.to_u16());
    let mut entries = (0u64..).zip(table.chunks_exact(entry as usize));
    let found = entries.find(|(_, bytes)| number(&bytes[..2]) == tag);
    let (index, _) = found.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok((directory + counted + entry * (index + 1) - value, little))
}

fn bytes_at(file: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

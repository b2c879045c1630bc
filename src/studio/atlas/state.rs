//! The finished channels of an atlas, in a file that only grows: however the program ends, at most the last
//! channel is lost.
//!
//! The first line is a [`Note`] in JSON with what the channels have in common. Each channel is a line in JSON,
//! followed by as many bytes as that line says: the mean responses of the layer in little-endian f32, and the
//! pixels of the picture. Each line contains the SHA-256 of the bytes after it. An incomplete channel at the end
//! is ignored and overwritten.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atlas::Tile;
use crate::files::digest::sha256;
use crate::files::output::OutputError;
use crate::studio::JobError;

/// More than any line, and than any channel, needs.
const LONGEST_LINE: u64 = 1 << 20;
const LARGEST: usize = 64 << 20;

/// What all channels have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) puppyslug: String,
    pub(super) arithmetic: u32,
    pub(super) weights: String,
    pub(super) quality: String,
    pub(super) layers: Vec<String>,
}

/// A finished channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// The number of its layer among those of the note.
    pub(super) layer: usize,
    pub(super) channel: usize,
    pub(super) is_dead: bool,
    pub(super) classes: Vec<(usize, f32)>,
    /// The response of every channel of its layer to its picture; empty if it is dead.
    pub(super) responses: Vec<f32>,
    pub(super) tile: Option<Tile>,
}

/// The line of a channel in the file.
#[derive(Serialize, Deserialize)]
struct Line {
    layer: usize,
    channel: usize,
    is_dead: bool,
    classes: Vec<(usize, f32)>,
    /// How many responses, and how many bytes of pixels, follow.
    responses: usize,
    pixels: usize,
    sha256: String,
}

/// The position of a channel in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    layer: usize,
    channel: usize,
    at: u64,
}

impl Entry {
    pub(super) fn is_of(&self, layer: usize, channel: usize) -> bool {
        (self.layer, self.channel) == (layer, channel)
    }
}

/// All finished channels. The file is locked, so nobody else works on it.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
    done: HashSet<(usize, usize)>,
}

impl Kept {
    /// Opens a file, creating it if necessary.
    pub(super) fn open(path: &Path, note: &Note) -> Result<Self, JobError> {
        let unwritten =
            |error: io::Error| OutputError::Write { path: path.to_owned(), reason: error.to_string() };
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = file.map_err(unwritten)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(unusable(path, "another program is working on it right now".to_owned()));
        }
        let (entries, end) = match scan(path, &file, note)? {
            Some(found) => found,
            None => {
                let line = line(note).map_err(unwritten)?;
                file.set_len(0).and_then(|()| file.write_all(&line)).map_err(unwritten)?;
                (Vec::new(), line.len() as u64)
            }
        };
        file.set_len(end).and_then(|()| file.seek(SeekFrom::End(0))).map_err(unwritten)?;
        let done = entries.iter().map(|entry| (entry.layer, entry.channel)).collect();
        Ok(Self { path: path.to_owned(), file, entries, done })
    }

    /// The finished channels in a file, which is not changed.
    pub(super) fn look(path: &Path, note: &Note) -> Result<Vec<Entry>, JobError> {
        let Ok(file) = File::open(path) else { return Ok(Vec::new()) };
        Ok(scan(path, &file, note)?.map_or(Vec::new(), |(entries, _)| entries))
    }

    /// The number of finished channels.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn has(&self, layer: usize, channel: usize) -> bool {
        self.done.contains(&(layer, channel))
    }

    /// Appends a channel in a single write.
    pub(super) fn add(&mut self, record: &Record) -> Result<(), JobError> {
        let write = |file: &mut File| {
            let at = file.stream_position()?;
            file.write_all(&bytes_of(record)?)?;
            Ok(at)
        };
        let at = write(&mut self.file).map_err(|error: io::Error| OutputError::Write {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        let &Record { layer, channel, .. } = record;
        self.entries.push(Entry { layer, channel, at });
        self.done.insert((layer, channel));
        Ok(())
    }

    /// The finished channels of a layer, in order.
    pub(super) fn layer(&self, layer: usize) -> Result<Vec<Record>, JobError> {
        let mut entries: Vec<Entry> = self.entries.iter().copied().filter(|it| it.layer == layer).collect();
        entries.sort_by_key(|entry| entry.channel);
        let read = |entry: Entry| {
            let mut reader = BufReader::new(&self.file);
            reader.seek(SeekFrom::Start(entry.at))?;
            read_record(&mut reader)
        };
        let records = entries.into_iter().map(|entry| read(entry).map(|(record, _)| record));
        let records: Result<Vec<Record>, io::Error> = records.collect();
        records.map_err(|error| unusable(&self.path, error.to_string()))
    }

    /// The atlas is complete, so the file is no longer needed.
    pub(super) fn end(self) {
        let path = self.path.clone();
        drop(self);
        let _ = fs::remove_file(path);
    }
}

/// The channels in a file, and the offset where they end; `None` if the file is empty.
fn scan(path: &Path, file: &File, note: &Note) -> Result<Option<(Vec<Entry>, u64)>, JobError> {
    let mut reader = BufReader::new(file);
    let Some(first) = read_line(&mut reader).map_err(|error| unusable(path, error.to_string()))? else {
        return Ok(None);
    };
    match serde_json::from_slice::<Note>(&first) {
        Err(_) => return Err(unusable(path, "it is not the state of an atlas".to_owned())),
        Ok(found) if found != *note => {
            let reason = "it belongs to other layers, weights or quality, or to another version of this program; \
                 remove it, or choose another place for the atlas";
            return Err(unusable(path, reason.to_owned()));
        }
        Ok(_) => {}
    }
    let (mut entries, mut end) = (Vec::new(), first.len() as u64);
    while let Ok((Record { layer, channel, .. }, length)) = read_record(&mut reader) {
        entries.push(Entry { layer, channel, at: end });
        end += length;
    }
    Ok(Some((entries, end)))
}

fn unusable(path: &Path, reason: String) -> JobError {
    JobError::State { folder: path.to_owned(), reason }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// The next line with its line break; `None` if there is no complete one.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    reader.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok((line.last() == Some(&b'\n')).then_some(line))
}

fn bytes_of(record: &Record) -> io::Result<Vec<u8>> {
    let Record { layer, channel, is_dead, classes, responses, tile } = record;
    let mut content: Vec<u8> = responses.iter().flat_map(|response| response.to_le_bytes()).collect();
    let pixels = tile.as_deref().unwrap_or_default();
    content.extend(pixels);
    let mut bytes = line(&Line {
        layer: *layer,
        channel: *channel,
        is_dead: *is_dead,
        classes: classes.clone(),
        responses: responses.len(),
        pixels: pixels.len(),
        sha256: sha256(&content),
    })?;
    bytes.extend(content);
    Ok(bytes)
}

/// A channel, and the number of bytes that it occupies in the file.
fn read_record(reader: &mut impl BufRead) -> io::Result<(Record, u64)> {
    let text = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let Line { layer, channel, is_dead, classes, responses, pixels, sha256: hash } =
        serde_json::from_slice(&text)?;
    if responses > LARGEST / 4 || pixels > LARGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut content = vec![0; 4 * responses + pixels];
    reader.read_exact(&mut content)?;
    if sha256(&content) != hash {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let tile = content.split_off(4 * responses);
    let number = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    let responses = content.as_chunks::<4>().0.iter().map(number).collect();
    let length = (text.len() + content.len() + tile.len()) as u64;
    let tile = (!tile.is_empty()).then_some(tile);
    Ok((Record { layer, channel, is_dead, classes, responses, tile }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note {
            puppyslug: "1".to_owned(),
            arithmetic: 1,
            weights: "abc".to_owned(),
            quality: "draft".to_owned(),
            layers: vec!["a".to_owned(), "b".to_owned()],
        }
    }

    fn record(channel: usize) -> Record {
        let is_dead = channel == 2;
        let tile = (channel != 2).then(|| vec![channel as u8, 10, 255]);
        Record { layer: 1, channel, is_dead, classes: vec![(7, 0.25)], responses: vec![1.5, -2.0], tile }
    }

    #[test]
    fn what_is_cut_anywhere_leaves_what_was_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.part");
        let mut kept = Kept::open(&path, &note()).expect("a new one");
        let mut ends = vec![fs::metadata(&path).expect("it is there").len()];
        for channel in [3, 2, 0] {
            kept.add(&record(channel)).expect("room");
            ends.push(fs::metadata(&path).expect("it is there").len());
        }
        drop(kept);
        let whole = fs::read(&path).expect("bytes");
        for length in 0..=whole.len() {
            fs::write(&path, &whole[..length]).expect("written");
            if (length as u64) < ends[0] && length > 0 {
                // The first line is useless unless complete, and there is nothing yet to lose.
                assert_eq!(Kept::open(&path, &note()).expect("begun anew").len(), 0);
                continue;
            }
            let mut kept = Kept::open(&path, &note()).expect("taken up");
            assert_eq!(kept.len(), ends[1..].iter().filter(|&&end| end <= length as u64).count());
            kept.add(&record(9)).expect("room");
            assert_eq!(kept.layer(1).expect("whole").last(), Some(&record(9)));
        }
        fs::write(&path, &whole).expect("written");
        let kept = Kept::open(&path, &note()).expect("taken up");
        assert_eq!(kept.layer(1).expect("whole"), [record(0), record(2), record(3)]);
        assert!(kept.has(1, 3) && !kept.has(0, 3) && !kept.has(1, 1));
    }

    #[test]
    fn what_is_of_something_else_is_refused_and_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.part");
        drop(Kept::open(&path, &note()).expect("a new one"));
        let other = Note { quality: "good".to_owned(), ..note() };
        let error = Kept::open(&path, &other).expect_err("another quality").to_string();
        assert!(error.contains("other layers, weights or quality"), "{error}");
        fs::write(&path, "a letter\n").expect("written");
        assert!(Kept::open(&path, &note()).is_err());
        assert_eq!(fs::read(&path).expect("bytes"), b"a letter\n");
    }

    #[test]
    fn a_bit_that_fell_over_ends_what_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.part");
        let mut kept = Kept::open(&path, &note()).expect("a new one");
        kept.add(&record(0)).expect("room");
        kept.add(&record(1)).expect("room");
        drop(kept);
        let mut bytes = fs::read(&path).expect("bytes");
        *bytes.last_mut().expect("some") ^= 4;
        fs::write(&path, bytes).expect("written");
        assert_eq!(Kept::open(&path, &note()).expect("taken up").len(), 1);
    }
}

//! JPEG: whether a file is of a kind that is decoded, and whether all of it is there.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::{DynamicImage, ImageDecoder, ImageFormat};

use super::decoded::Decoded;
use super::failure::{CUT_SHORT, damaged, read_error, unsupported};
use super::options::Demand;
use super::whole::{decode, decoder_limits};
use super::{ReadOptions, accept_size};
use crate::extent::Extent;
use crate::picture::jpeg::{Component, Frame, Marker, Scan, next_marker};
use crate::picture::{MAX_FILE, PictureError};

/// A frame whose coefficients come in several scans.
const PROGRESSIVE: u8 = 0xC2;

/// The end of every whole file.
const END: [u8; 2] = [0xFF, 0xD9];

/// The decoder fills in what is missing with grey and reports nothing, so the file is checked first.
pub(super) fn read(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    let unread = |source| read_error(path, source);
    let survey = Survey::of(&mut file).map_err(unread)?;
    if let Some(what) = survey.stranger() {
        return Err(unsupported(path, format!("{what}, for which there is no decoder here")));
    }
    if !survey.is_plausible() {
        return Err(damaged(path, CUT_SHORT));
    }
    if survey.is_ended() {
        return decode(file, ImageFormat::Jpeg, path, options, &|_| survey.working_bytes());
    }
    let mut bytes = Vec::new();
    survey.check_mending(path, options)?;
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(unread)?;
    let whole = survey.mended(bytes).ok_or_else(|| damaged(path, CUT_SHORT))?;
    decode(Cursor::new(whole), ImageFormat::Jpeg, path, options, &|_| survey.working_bytes())
}

/// What is found while going from marker to marker.
#[derive(Default)]
struct Survey {
    frame: Option<Frame>,
    /// For each component, which coefficients are present to the last bit.
    told: BTreeMap<u8, u64>,
    /// The last scan, and the restarts that it has.
    scan: Option<(Scan, u64)>,
    interval: u16,
    /// Whether it goes on to its end.
    ended: bool,
    bytes: u64,
}

impl Survey {
    /// Goes through a file from marker to marker, and rewinds it.
    fn of(file: &mut (impl BufRead + Seek)) -> io::Result<Self> {
        let mut survey = Self::default();
        loop {
            match next_marker(file) {
                Ok(Marker::End) => survey.ended = true,
                Ok(marker) => {
                    survey.note(marker);
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(error),
            }
            survey.bytes = file.seek(SeekFrom::End(0))?;
            file.rewind()?;
            return Ok(survey);
        }
    }

    fn note(&mut self, marker: Marker) {
        match marker {
            Marker::Frame(frame) => self.frame = Some(frame),
            Marker::Interval(units) => self.interval = units,
            Marker::Restart => self.scan.iter_mut().for_each(|(_, restarts)| *restarts += 1),
            Marker::Scan(scan) => {
                self.tell(&scan);
                self.scan = Some((scan, 0));
            }
            Marker::Comment(_) | Marker::End | Marker::Other => {}
        }
    }

    fn tell(&mut self, scan: &Scan) {
        let progressive = self.frame.as_ref().is_some_and(|frame| frame.code == PROGRESSIVE);
        let coefficients = match (progressive, scan.left) {
            (false, _) => u64::MAX,
            (true, 0) => (scan.first..=scan.last.min(63)).fold(0, |all, at| all | 1 << at),
            (true, _) => 0,
        };
        for &name in &scan.components {
            *self.told.entry(name).or_default() |= coefficients;
        }
    }

    /// Bytes that the decoder holds beside the picture: the file, in a list that grows to up to twice its length and is
    /// copied as it does, and the coefficients of a picture that comes in several scans.
    fn working_bytes(&self) -> u64 {
        let in_one_scan = |frame: &Frame| {
            let parts = self.scan.as_ref().map_or(0, |(scan, _)| scan.components.len());
            frame.code != PROGRESSIVE && parts == frame.components.len()
        };
        let coefficients = self.frame.as_ref().filter(|frame| !in_one_scan(frame)).map_or(0, coefficients);
        3 * self.bytes + 2 * coefficients
    }

    /// Checks that there is memory to find out whether the file can be repaired: two pictures, and copies of the
    /// file.
    fn check_mending(&self, path: &Path, options: &ReadOptions) -> Result<(), PictureError> {
        let Some(frame) = &self.frame else { return Ok(()) };
        let size = Extent::new(frame.height.into(), frame.width.into());
        accept_size(path, size)?;
        let pixel = frame.components.len().max(3) as u64;
        let on_the_way = 2 * pixel * size.plane() as u64 + 2 * self.bytes + self.working_bytes();
        options.check(path, size, Demand { pixel, on_the_way })
    }

    /// Why there is no decoder for the file, if there is none.
    fn stranger(&self) -> Option<String> {
        let frame = self.frame.as_ref()?;
        let way = match frame.code {
            0xC3 => "without loss",
            0xC5..=0xC7 => "in hierarchies",
            0xC9 | 0xCA => "by arithmetic",
            0xCB | 0xCD..=0xCF => "by arithmetic, without loss or in hierarchies",
            0xF7 => "as JPEG-LS",
            _ if frame.bits != 8 => return Some(format!("a JPEG with {} bits a sample", frame.bits)),
            _ => return sampling(&frame.components).map(|rates| format!("a JPEG sampled {rates}")),
        };
        Some(format!("a JPEG coded {way}"))
    }

    /// Whether it has enough data for the size that it claims.
    fn is_plausible(&self) -> bool {
        let pixels = |frame: &Frame| u64::from(frame.width) * u64::from(frame.height);
        // Each block of 8x8 pixels takes one Huffman code at the very least, and a code is at least a bit.
        self.frame.as_ref().map_or(0, pixels) <= 64 * 8 * self.bytes
    }

    /// Whether it goes on to its end.
    fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether its markers promise that everything but the end is there. The last data may still be cut.
    fn is_all_there(&self) -> bool {
        let Some((frame, (scan, restarts))) = self.frame.as_ref().zip(self.scan.as_ref()) else {
            return false;
        };
        let whole = |component: &Component| self.told.get(&component.name) == Some(&u64::MAX);
        let wanted = match self.interval {
            0 => 0,
            interval => units(frame, scan).div_ceil(u64::from(interval)).saturating_sub(1),
        };
        frame.components.iter().all(whole) && *restarts >= wanted
    }

    /// The file with the end that it lacks; `None` if more than that is missing.
    ///
    /// Data that are complete do not depend on what follows: the picture must be the same whatever bits come
    /// next.
    fn mended(&self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        if !self.is_all_there() {
            return None;
        }
        // The first half of an end marker, or of an escaped byte, which will turn out to be missing.
        if bytes.last() == Some(&0xFF) {
            bytes.pop();
        }
        let filled = |filler: u8| decoded(&[&bytes[..], &[filler; 64], &END].concat());
        let picture = filled(0x00)?;
        let same = [0x55, 0xAA, 0xFE].into_iter().all(|filler| filled(filler).as_ref() == Some(&picture));
        bytes.extend(END);
        same.then_some(bytes)
    }
}

fn decoded(bytes: &[u8]) -> Option<DynamicImage> {
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).ok()?;
    decoder.set_limits(decoder_limits()).ok()?;
    DynamicImage::from_decoder(decoder).ok()
}

/// The sampling factors of the components, if they are ones that the decoder cannot combine.
fn sampling(components: &[Component]) -> Option<String> {
    let most = |rate: fn(&Component) -> u8| components.iter().map(rate).max().unwrap_or(1);
    let (across, down) = (most(|it| it.across), most(|it| it.down));
    let divides = |most: u8, rate: u8| rate > 0 && most.is_multiple_of(rate);
    let good =
        |it: &Component| it.across.is_power_of_two() && divides(across, it.across) && divides(down, it.down);
    let rates =
        || components.iter().map(|it| format!("{}x{}", it.across, it.down)).collect::<Vec<_>>().join(", ");
    (!components.iter().all(good)).then(rates)
}

/// How many units of blocks a scan has, after some of which there is a restart.
fn units(frame: &Frame, scan: &Scan) -> u64 {
    let [most_across, most_down] = frame.most();
    let blocks = |side: u16, rate: u8, most: u8| {
        (u64::from(side) * u64::from(rate)).div_ceil(u64::from(most)).div_ceil(8)
    };
    let alone = frame.components.iter().find(|it| scan.components[..] == [it.name]);
    match alone {
        // A component alone comes block by block, and none that lies wholly outside.
        Some(it) => blocks(frame.width, it.across, most_across) * blocks(frame.height, it.down, most_down),
        None => units_together(frame),
    }
}

/// The same for a scan of all components.
fn units_together(frame: &Frame) -> u64 {
    let [most_across, most_down] = frame.most();
    let unit = |side: u16, most: u8| u64::from(side).div_ceil(8 * u64::from(most));
    unit(frame.width, most_across) * unit(frame.height, most_down)
}

/// How many coefficients there are, those outside of the picture included.
fn coefficients(frame: &Frame) -> u64 {
    let blocks: u64 = frame.components.iter().map(|it| u64::from(it.across) * u64::from(it.down)).sum();
    64 * blocks * units_together(frame)
}

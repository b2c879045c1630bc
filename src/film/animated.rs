//! Animated pictures: GIF and APNG, which need no ffmpeg.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use gif::{Encoder, Repeat};

use super::FilmError;
use super::frame::{Facts, Frame};
use super::time::TimeBase;
use crate::extent::Extent;
use crate::files::output::{Output, OutputError};
use crate::picture::{Picture, to_byte};

/// How thoroughly the 256 colours of a frame are chosen: 1 is best, 30 is quickest.
const SPEED: i32 = 10;

/// The longest side of a GIF.
const GIF_SIDE: usize = u16::MAX as usize;

/// An animation in a file.
#[derive(Clone, Debug)]
pub(super) struct Animated {
    path: PathBuf,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Gif,
    Apng,
}

impl Animated {
    /// The format that a file's name stands for.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        let format = match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gif" => Format::Gif,
            "png" | "apng" => Format::Apng,
            _ => return None,
        };
        Some(Self { path: path.to_owned(), format })
    }

    /// The same format at a different path.
    pub(super) fn on_trial(&self, path: PathBuf) -> Self {
        Self { path, ..self.clone() }
    }

    /// Checks, before any long work, whether the file can be written.
    pub(super) fn check(&self) -> Result<(), FilmError> {
        Ok(Output::at(&self.path).map(drop)?)
    }

    /// Begins the file.
    pub(super) fn begin(&self, facts: Facts) -> Result<AnimatedReel, FilmError> {
        let size = facts.size;
        if self.format == Format::Gif && size.longest() > GIF_SIDE {
            return Err(FilmError::TooLarge { path: self.path.clone(), size, most: GIF_SIDE });
        }
        let out = Output::at(&self.path)?;
        let frames = tempfile::tempfile().map_err(|error| unwritable(&self.path, &error))?;
        let (format, time_base) = (self.format, facts.time_base);
        let path = self.path.clone();
        Ok(AnimatedReel {
            path,
            out,
            format,
            size,
            time_base,
            frames: BufWriter::new(frames),
            times: Vec::new(),
            lasts: None,
        })
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> FilmError {
    OutputError::Write { path: path.to_owned(), reason: error.to_string() }.into()
}

/// An animation being written. The file begins with the number of frames, which is known only at the end; until
/// then the pixels are kept on disk.
#[derive(Debug)]
pub(super) struct AnimatedReel {
    path: PathBuf,
    out: Output,
    format: Format,
    size: Extent,
    time_base: TimeBase,
    /// RGBA, one byte per sample.
    frames: BufWriter<File>,
    times: Vec<i64>,
    /// For how long the last frame is shown, if that is known.
    lasts: Option<i64>,
}

impl AnimatedReel {
    /// Takes the next frame.
    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), FilmError> {
        self.times.push(frame.time);
        self.lasts = frame.lasts;
        self.frames.write_all(&pixels(&frame.picture)).map_err(|error| unwritable(&self.path, &error))
    }

    /// Writes the file.
    pub(super) fn finish(self) -> Result<PathBuf, FilmError> {
        let ends = self.ends();
        let Self { out, format, size, frames, path, .. } = self;
        let mut frames = frames.into_inner().map_err(|error| unwritable(&path, error.error()))?;
        frames.rewind().map_err(|error| unwritable(&path, &error))?;
        let mut pixels = Pixels { from: BufReader::new(frames), bytes: vec![0; 4 * size.plane()] };
        Ok(out.fill(|file| match format {
            Format::Gif => gif(file, size, &ends, &mut pixels),
            Format::Apng => apng(file, size, &ends, &mut pixels),
        })?)
    }

    /// When each frame ends, in seconds after the first one begins. The last is shown for as long as the one
    /// before it, unless its duration is known.
    fn ends(&self) -> Vec<f64> {
        let Some((&last, before)) = self.times.split_last() else { return Vec::new() };
        let first = self.times[0];
        let usual = before.last().map_or(1, |before| last - before);
        let ends = self.times.iter().skip(1).copied().chain([last + self.lasts.unwrap_or(usual)]);
        ends.map(|end| self.time_base.seconds(end - first)).collect()
    }
}

/// Reads the pixels of one frame after another.
struct Pixels {
    from: BufReader<File>,
    bytes: Vec<u8>,
}

impl Pixels {
    fn next(&mut self) -> Result<&mut [u8], String> {
        self.from.read_exact(&mut self.bytes).map_err(|error| error.to_string())?;
        Ok(&mut self.bytes)
    }
}

fn pixels(picture: &Picture) -> Vec<u8> {
    let plane = picture.extent().plane();
    let (rgb, alpha) = (picture.rgb(), picture.alpha());
    let solid = |place: usize| alpha.map_or(u8::MAX, |alpha| (alpha[place] / 257) as u8);
    let pixel = |place| {
        let [red, green, blue] = [0, 1, 2].map(|channel| to_byte(rgb[channel * plane + place]));
        [red, green, blue, solid(place)]
    };
    (0..plane).flat_map(pixel).collect()
}

/// For how many ticks each frame is shown, with this many ticks per second. What rounding loses in one frame is
/// made up for in the next.
fn delays(ends: &[f64], rate: f64) -> impl Iterator<Item = u16> {
    let ticks = ends.iter().map(move |end| (end * rate).round() as i64);
    ticks.scan(0, |before, end| {
        let delay = end - *before;
        *before = end;
        Some(delay.clamp(0, i64::from(u16::MAX)) as u16)
    })
}

fn gif(to: impl Write, size: Extent, ends: &[f64], pixels: &mut Pixels) -> Result<(), String> {
    let said = |error: gif::EncodingError| error.to_string();
    let (width, height) = (size.width as u16, size.height as u16);
    let mut encoder = Encoder::new(to, width, height, &[]).map_err(said)?;
    encoder.set_repeat(Repeat::Infinite).map_err(said)?;
    for delay in delays(ends, 100.0) {
        let mut frame = gif::Frame::from_rgba_speed(width, height, pixels.next()?, SPEED);
        frame.delay = delay;
        encoder.write_frame(&frame).map_err(said)?;
    }
    Ok(())
}

fn apng(to: impl Write, size: Extent, ends: &[f64], pixels: &mut Pixels) -> Result<(), String> {
    let said = |error: png::EncodingError| error.to_string();
    let mut encoder = png::Encoder::new(to, size.width as u32, size.height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(ends.len() as u32, 0).map_err(said)?;
    let mut writer = encoder.write_header().map_err(said)?;
    for delay in delays(ends, 1000.0) {
        writer.set_frame_delay(delay, 1000).map_err(said)?;
        writer.write_image_data(pixels.next()?).map_err(said)?;
    }
    writer.finish().map_err(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_does_not_add_up() {
        let ends: Vec<f64> = (1..=30).map(|frame| f64::from(frame) / 30.0).collect();
        let delays: Vec<u16> = delays(&ends, 100.0).collect();
        assert_eq!(delays.iter().map(|&delay| u32::from(delay)).sum::<u32>(), 100);
        assert!(delays.iter().all(|&delay| delay == 3 || delay == 4));
    }
}

//! Animated pictures: GIF and APNG, which need no ffmpeg.

use std::fmt::{self, Debug, Display};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use gif::Repeat;

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

/// The largest number of frames that a PNG can have. It stands in the file until the number is known.
const MOST_FRAMES: u32 = i32::MAX as u32;

/// What follows the last frame: a GIF's trailer, and a PNG's chunk IEND without content.
const GIF_END: &[u8] = b";";
const PNG_END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";

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
        let mut out = Output::at(&self.path)?;
        let strip =
            out.file().try_clone().map_err(said).and_then(|file| Strip::begin(self.format, file, size));
        let strip = strip.map_err(|reason| unwritable(&self.path, reason))?;
        let (path, format) = (self.path.clone(), self.format);
        let clock = Clock { time_base: facts.time_base, rate: format.rate(), origin: None, shown: 0 };
        let (strip, held, ends) = (Some(strip), None, Vec::new());
        Ok(AnimatedReel { path, out, format, size, strip, clock, held, usual: 1, ends })
    }
}

impl Format {
    /// The number of ticks per second that durations are counted in.
    fn rate(self) -> u16 {
        match self {
            Self::Gif => 100,
            Self::Apng => 1000,
        }
    }

    fn end(self) -> &'static [u8] {
        match self {
            Self::Gif => GIF_END,
            Self::Apng => PNG_END,
        }
    }
}

/// An animation being written. Every frame is written once it is known for how long it is shown: when the next one
/// comes. So the file can end after any frame, for example where the disk is full.
#[derive(Debug)]
pub(super) struct AnimatedReel {
    path: PathBuf,
    out: Output,
    format: Format,
    size: Extent,
    /// Empty once a frame could not be written.
    strip: Option<Strip>,
    clock: Clock,
    /// The frame that waits for the next one.
    held: Option<Held>,
    /// For how long the last written frame is shown, in the film's ticks.
    usual: i64,
    /// Where each frame ends in the file.
    ends: Vec<u64>,
}

#[derive(Debug)]
struct Held {
    /// RGBA, one byte per sample.
    pixels: Vec<u8>,
    time: i64,
    /// For how long it is shown, if that is known.
    lasts: Option<i64>,
}

impl AnimatedReel {
    /// Takes the next frame, and writes the one before.
    ///
    /// # Errors
    /// That one cannot be written. From then on, nothing is.
    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), FilmError> {
        self.write_held(Some(frame.time))?;
        self.held = Some(Held { pixels: pixels(&frame.picture), time: frame.time, lasts: frame.lasts });
        Ok(())
    }

    /// Writes the last frame. It is shown for as long as the one before it, unless its duration is known.
    ///
    /// # Errors
    /// Those of [`AnimatedReel::push`].
    pub(super) fn flush(&mut self) -> Result<(), FilmError> {
        self.write_held(None)
    }

    /// Ends the file after the last frame that was written, and gives it its name. Returns the number of frames.
    ///
    /// # Errors
    /// There is none, or the file cannot be ended after any.
    pub(super) fn finish(self) -> Result<usize, FilmError> {
        let Self { out, format, size, strip, mut ends, .. } = self;
        // When it is dropped, it writes an end of its own.
        drop(strip);
        out.fill(|file| {
            let file: &mut File = file.get_mut();
            let mut ended = Err("there is no frame".to_owned());
            // Where there is no room for the end, it may take that of frames.
            while let (Err(_), Some(&end)) = (&ended, ends.last()) {
                ended = close(file, end, format).map_err(said);
                if ended.is_err() {
                    ends.pop();
                }
            }
            ended.and_then(|()| note_frames(file, format, size, ends.len()))
        })?;
        Ok(ends.len())
    }

    /// Writes the frame that waits. It is shown until the next one, or to its own end.
    fn write_held(&mut self, next: Option<i64>) -> Result<(), FilmError> {
        let (Some(held), Some(strip)) = (self.held.take(), &mut self.strip) else { return Ok(()) };
        let Held { mut pixels, time, lasts } = held;
        self.usual = next.map_or(lasts.unwrap_or(self.usual), |next| next - time);
        let delay = self.clock.delay(time, time + self.usual);
        let written = strip.push(&mut pixels, self.size, delay);
        match written.and_then(|()| self.out.file().stream_position().map_err(said)) {
            Ok(end) => self.ends.push(end),
            Err(reason) => {
                self.strip = None;
                return Err(unwritable(&self.path, reason));
            }
        }
        Ok(())
    }
}

fn said(error: impl Display) -> String {
    error.to_string()
}

fn unwritable(path: &Path, reason: String) -> FilmError {
    OutputError::Write { path: path.to_owned(), reason }.into()
}

/// Durations in whole ticks. What rounding loses in one frame is made up for in the next.
#[derive(Debug)]
struct Clock {
    /// The unit of the film's times.
    time_base: TimeBase,
    /// Ticks per second.
    rate: u16,
    /// When the first frame begins.
    origin: Option<i64>,
    /// Ticks since then.
    shown: i64,
}

impl Clock {
    /// For how many ticks the next frame is shown, if it begins and ends at these times.
    fn delay(&mut self, time: i64, end: i64) -> u16 {
        let origin = *self.origin.get_or_insert(time);
        let end = (self.time_base.seconds(end - origin) * f64::from(self.rate)).round() as i64;
        let delay = end - self.shown;
        self.shown = end;
        delay.clamp(0, i64::from(u16::MAX)) as u16
    }
}

/// Encodes frames into a file, one after another.
enum Strip {
    Gif(gif::Encoder<BufWriter<File>>),
    Apng(png::Writer<File>),
}

impl Debug for Strip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gif(_) => "Gif",
            Self::Apng(_) => "Apng",
        })
    }
}

impl Strip {
    fn begin(format: Format, file: File, size: Extent) -> Result<Self, String> {
        match format {
            Format::Gif => {
                let (width, height) = (size.width as u16, size.height as u16);
                let mut encoder =
                    gif::Encoder::new(BufWriter::new(file), width, height, &[]).map_err(said)?;
                encoder.set_repeat(Repeat::Infinite).map_err(said)?;
                Ok(Self::Gif(encoder))
            }
            Format::Apng => Ok(Self::Apng(apng(file, size, MOST_FRAMES)?)),
        }
    }

    /// Writes a frame that is shown for this many ticks.
    fn push(&mut self, pixels: &mut [u8], size: Extent, delay: u16) -> Result<(), String> {
        match self {
            Self::Gif(encoder) => {
                let mut frame =
                    gif::Frame::from_rgba_speed(size.width as u16, size.height as u16, pixels, SPEED);
                frame.delay = delay;
                encoder.write_frame(&frame).map_err(said)?;
                encoder.get_mut().flush().map_err(said)
            }
            Self::Apng(writer) => {
                writer.set_frame_delay(delay, Format::Apng.rate()).map_err(said)?;
                writer.write_image_data(pixels).map_err(said)
            }
        }
    }
}

/// Begins an animated PNG.
fn apng<W: Write>(to: W, size: Extent, frames: u32) -> Result<png::Writer<W>, String> {
    let mut encoder = png::Encoder::new(to, size.width as u32, size.height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(frames, 0).map_err(said)?;
    encoder.write_header().map_err(said)
}

/// Ends a file here.
fn close(file: &mut File, end: u64, format: Format) -> io::Result<()> {
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    file.write_all(format.end())
}

/// Notes at the beginning of the file how many frames it has, if that is where its format says so.
fn note_frames(file: &mut File, format: Format, size: Extent, frames: usize) -> Result<(), String> {
    if format == Format::Gif {
        return Ok(());
    }
    let mut beginning = Vec::new();
    drop(apng(&mut beginning, size, frames as u32)?);
    beginning.truncate(beginning.len() - format.end().len());
    file.rewind().and_then(|()| file.write_all(&beginning)).map_err(said)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_does_not_add_up() {
        let time_base = TimeBase::new(1, 30).expect("a unit");
        let mut clock = Clock { time_base, rate: 100, origin: None, shown: 0 };
        let delays: Vec<u16> = (7..37).map(|frame| clock.delay(frame, frame + 1)).collect();
        assert_eq!(delays.iter().map(|&delay| u32::from(delay)).sum::<u32>(), 100);
        assert!(delays.iter().all(|&delay| delay == 3 || delay == 4));
    }
}

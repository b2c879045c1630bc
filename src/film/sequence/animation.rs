//! Animations: GIF, APNG and WebP, whose frames have times of their own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Delay, Frame, Frames, ImageDecoder, ImageFormat, ImageResult, RgbaImage};

use crate::extent::Extent;
use crate::film::FilmError;
use crate::film::time::TimeBase;
use crate::picture::{Picture, PictureError, check_size, guarded};

/// What times are counted in: no animation is finer.
pub(super) const TICK: TimeBase = TimeBase::MILLISECOND;

/// How long a frame is shown that says it is shown for no time: as browsers do.
const UNSAID: i64 = 100;

/// An animation in a file.
#[derive(Clone, Debug)]
pub(super) struct Animation {
    path: PathBuf,
    format: ImageFormat,
    size: Extent,
}

impl Animation {
    /// The animation in a file, and for how many ticks each frame is shown; `None` if it is a file of another kind.
    ///
    /// # Errors
    /// It holds a single picture, or cannot be read to its end.
    pub(super) fn open(path: &Path) -> Result<Option<(Self, Vec<i64>)>, FilmError> {
        let Some(format) = format_of(path) else { return Ok(None) };
        let single = || FilmError::OnePicture { path: path.to_owned() };
        let mut size = Extent::new(0, 0);
        let mut delays = Vec::new();
        let mut exact = 0.0;
        let mut last = 0;
        let Some(frames) = frames(path, format, &mut size)? else { return Err(single()) };
        let shown = Shown { path, frames, count: 0 };
        for frame in shown {
            let frame = frame?;
            // Rounded so that what is lost at one frame is made good at the next.
            exact += milliseconds(frame.delay());
            let end = exact.round() as i64;
            delays.push(end - last);
            last = end;
        }
        if delays.len() < 2 {
            return Err(single());
        }
        Ok(Some((Self { path: path.to_owned(), format, size }, delays)))
    }

    pub(super) fn size(&self) -> Extent {
        self.size
    }

    /// The frames, one after the other.
    pub(super) fn pictures(
        &self,
    ) -> Result<impl Iterator<Item = Result<Picture, FilmError>> + '_, FilmError> {
        let mut size = self.size;
        let frames = frames(&self.path, self.format, &mut size)?;
        let shown = frames.map(|frames| Shown { path: &self.path, frames, count: 0 });
        Ok(shown.into_iter().flatten().map(|frame| Ok(picture(frame?.buffer()).map_err(Box::new)?)))
    }
}

/// Frames as their decoder gives them. One that panics is the file's error.
struct Shown<'a> {
    path: &'a Path,
    frames: Frames<'static>,
    count: usize,
}

impl Iterator for Shown<'_> {
    type Item = Result<Frame, FilmError>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = guarded(|| self.frames.next());
        let shown = match frame {
            None => Err(damaged(self.path, self.count, PANICKED)),
            Some(frame) => frame?.map_err(|error| damaged(self.path, self.count, &error.to_string())),
        };
        self.count += 1;
        Some(shown)
    }
}

/// What there is to say of a decoder that panicked.
const PANICKED: &str = "its decoder cannot cope with it";

/// The kind of animation that a file may be, by what it begins with.
fn format_of(path: &Path) -> Option<ImageFormat> {
    // A pipe would be waited for, and what is read of it is gone.
    if !path.is_file() {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(64).read_to_end(&mut start).ok()?;
    image::guess_format(&start).ok()
}

/// The frames of a file, and the size of all; `None` if it is no animation.
fn frames(path: &Path, format: ImageFormat, size: &mut Extent) -> Result<Option<Frames<'static>>, FilmError> {
    let file = File::open(path)
        .map_err(|error| FilmError::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
    let opened = guarded(|| {
        open(BufReader::new(file), format, |found| {
            check_size(found)?;
            *size = found;
            Ok(())
        })
    });
    match opened.ok_or_else(|| damaged(path, 0, PANICKED))? {
        Ok(Ok(frames)) => Ok(frames),
        Ok(Err(source)) => Err(FilmError::Size { path: path.to_owned(), source: Box::new(source) }),
        Err(error) => Err(damaged(path, 0, &error.to_string())),
    }
}

/// The decoder's frames, if the size is accepted.
fn open(
    file: impl BufRead + Seek + 'static,
    format: ImageFormat,
    mut accept: impl FnMut(Extent) -> Result<(), PictureError>,
) -> ImageResult<Result<Option<Frames<'static>>, PictureError>> {
    let mut accept = |(width, height): (u32, u32)| accept(Extent::new(height as usize, width as usize));
    Ok(match format {
        ImageFormat::Gif => {
            let decoder = GifDecoder::new(file)?;
            accept(decoder.dimensions()).map(|()| Some(decoder.into_frames()))
        }
        ImageFormat::Png => {
            let decoder = PngDecoder::new(file)?;
            if !decoder.is_apng()? {
                return Ok(Ok(None));
            }
            let size = decoder.dimensions();
            let frames = decoder.apng()?.into_frames();
            accept(size).map(|()| Some(frames))
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(file)?;
            let is_animated = decoder.has_animation();
            accept(decoder.dimensions()).map(|()| is_animated.then(|| decoder.into_frames()))
        }
        _ => Ok(None),
    })
}

fn milliseconds(delay: Delay) -> f64 {
    let (numerator, denominator) = delay.numer_denom_ms();
    match numerator {
        0 => UNSAID as f64,
        _ => f64::from(numerator) / f64::from(denominator.max(1)),
    }
}

fn damaged(path: &Path, frames: usize, reason: &str) -> FilmError {
    FilmError::Damaged { path: path.to_owned(), frames, reason: reason.to_owned() }
}

/// What there is to see; what is clear keeps its alpha.
fn picture(frame: &RgbaImage) -> Result<Picture, PictureError> {
    let size = Extent::new(frame.height() as usize, frame.width() as usize);
    let plane = |channel: usize| frame.pixels().map(move |pixel| f32::from(pixel.0[channel]));
    let rgb = (0..3).flat_map(plane).collect();
    let solid = frame.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let alpha = || frame.pixels().map(|pixel| u16::from(pixel.0[3]) * 257).collect();
    Picture::from_rgb(size, rgb)?.with_alpha((!solid).then(alpha))
}

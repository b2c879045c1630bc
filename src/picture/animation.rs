//! Animated pictures: the frames of GIF, APNG and WebP.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Frame, Frames, ImageDecoder, ImageError, ImageFormat};

use super::{Picture, PictureError, check_size, guarded};
use crate::extent::Extent;

/// A file that may hold an animated picture.
#[derive(Clone, Debug)]
pub(crate) struct AnimationFile {
    path: PathBuf,
    format: ImageFormat,
}

/// Why frames cannot be read.
#[derive(Debug)]
pub(crate) enum AnimationError {
    /// Pictures of this size are not accepted.
    Size(PictureError),
    /// The file is damaged; this is what its decoder says.
    Damaged(String),
}

/// A frame, composited over the frames before it.
pub(crate) struct AnimationFrame(Frame);

impl AnimationFile {
    /// The file, if its first bytes say that its format supports animation.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        // Reading a pipe would block, and would consume its content.
        if !path.is_file() {
            return None;
        }
        let mut start = Vec::new();
        File::open(path).ok()?.take(64).read_to_end(&mut start).ok()?;
        let format = image::guess_format(&start).ok()?;
        Some(Self { path: path.to_owned(), format })
    }

    /// Its frames, one after another; `None` if it is a still picture.
    ///
    /// # Errors
    /// If the size is not accepted, or the file is damaged.
    pub(crate) fn frames(&self) -> Result<Option<AnimationFrames>, AnimationError> {
        let file = File::open(&self.path).map_err(|error| AnimationError::Damaged(error.to_string()))?;
        let opened = guarded(|| open(BufReader::new(file), self.format));
        Ok(opened.unwrap_or_else(|| Err(panicked()))?.map(|(frames, size)| AnimationFrames { frames, size }))
    }
}

/// The frames of a file.
pub(crate) struct AnimationFrames {
    frames: Frames<'static>,
    /// The size of every frame.
    pub(crate) size: Extent,
}

impl Iterator for AnimationFrames {
    type Item = Result<AnimationFrame, AnimationError>;

    fn next(&mut self) -> Option<Self::Item> {
        match guarded(|| self.frames.next()) {
            None => Some(Err(panicked())),
            Some(frame) => Some(frame?.map(AnimationFrame).map_err(AnimationError::from)),
        }
    }
}

impl AnimationFrame {
    /// How many milliseconds it is shown for, according to the file.
    pub(crate) fn milliseconds(&self) -> f64 {
        let (numerator, denominator) = self.0.delay().numer_denom_ms();
        f64::from(numerator) / f64::from(denominator.max(1))
    }

    /// The pixels of the frame; transparent ones keep their alpha.
    pub(crate) fn picture(&self) -> Result<Picture, PictureError> {
        let frame = self.0.buffer();
        let size = Extent::new(frame.height() as usize, frame.width() as usize);
        let plane = |channel: usize| frame.pixels().map(move |pixel| f32::from(pixel.0[channel]));
        let rgb = (0..3).flat_map(plane).collect();
        let alpha = || frame.pixels().map(|pixel| u16::from(pixel.0[3]) * 257).collect();
        Picture::from_rgb(size, rgb)?.with_alpha(self.is_clear().then(alpha))
    }

    /// Whether any pixel is transparent.
    pub(crate) fn is_clear(&self) -> bool {
        self.0.buffer().pixels().any(|pixel| pixel.0[3] < u8::MAX)
    }
}

/// The decoder's frames, if the size is accepted.
fn open(
    file: impl BufRead + Seek + 'static,
    format: ImageFormat,
) -> Result<Option<(Frames<'static>, Extent)>, AnimationError> {
    let accept = |(width, height): (u32, u32)| -> Result<Extent, AnimationError> {
        let size = Extent::new(height as usize, width as usize);
        check_size(size).map_err(AnimationError::Size)?;
        Ok(size)
    };
    match format {
        ImageFormat::Gif => {
            let decoder = GifDecoder::new(file)?;
            let size = accept(decoder.dimensions())?;
            Ok(Some((decoder.into_frames(), size)))
        }
        ImageFormat::Png => {
            let decoder = PngDecoder::new(file)?;
            if !decoder.is_apng()? {
                return Ok(None);
            }
            let size = accept(decoder.dimensions())?;
            Ok(Some((decoder.apng()?.into_frames(), size)))
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(file)?;
            let size = accept(decoder.dimensions())?;
            Ok(decoder.has_animation().then(|| (decoder.into_frames(), size)))
        }
        _ => Ok(None),
    }
}

fn panicked() -> AnimationError {
    AnimationError::Damaged("its decoder cannot cope with it".to_owned())
}

impl From<ImageError> for AnimationError {
    fn from(error: ImageError) -> Self {
        Self::Damaged(error.to_string())
    }
}

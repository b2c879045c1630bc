//! From a file to a picture.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::error::one_line;
use super::format::format_by_extension;
use super::{MAX_PIXELS, Picture, PictureError, check_size};

const CUT_SHORT: &str = "the file ends before the picture does";

impl Picture {
    /// Reads a picture file. The content decides the format, whatever the name (TGA, which has no mark
    /// of its own, needs its extension). It is turned upright where the camera noted an orientation; of
    /// an animation the first frame is taken. 16-bit samples become fractions of 8-bit ones. An alpha
    /// channel that is solid everywhere is dropped.
    ///
    /// # Errors
    /// One of the reading variants of [`PictureError`]: missing, folder, empty, not a picture,
    /// unsupported, damaged, or of a size that is not accepted (told before anything is allocated).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PictureError> {
        let path = path.as_ref();
        let mut file = open_file(path)?;
        let format = sniff(&mut file, path)?;
        // The JPEG decoder fills what is missing with gray and says nothing.
        let complete = format != ImageFormat::Jpeg
            || jpeg_is_complete(&mut file).map_err(|source| read_error(path, source))?;
        if !complete {
            return Err(damaged(path, CUT_SHORT));
        }
        let image = decode(file, format, path)?;
        Ok(Self::from_image(image))
    }

    fn from_image(image: DynamicImage) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        match image {
            DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
                let pixels = image.into_rgba32f();
                // A NaN would spread through the whole network.
                let scale = |sample: f32| match sample.is_nan() {
                    true => 0.0,
                    false => sample.clamp(0.0, 1.0) * 255.0,
                };
                Self::from_pixels(width, height, pixels.pixels().map(|pixel| pixel.0.map(scale)))
            }
            // 8-bit samples pass through 16 bits unharmed: v * 257 / 257.
            _ => {
                let pixels = image.into_rgba16();
                let scale = |sample: u16| f32::from(sample) / 257.0;
                Self::from_pixels(width, height, pixels.pixels().map(|pixel| pixel.0.map(scale)))
            }
        }
    }
}

fn open_file(path: &Path) -> Result<BufReader<File>, PictureError> {
    let read = |source| read_error(path, source);
    // Asked before opening: some systems answer "permission denied" to opening a folder.
    let metadata = fs::metadata(path).map_err(read)?;
    let path = path.to_owned();
    if metadata.is_dir() {
        Err(PictureError::Folder { path })
    } else if metadata.len() == 0 {
        Err(PictureError::Empty { path })
    } else {
        File::open(&path).map(BufReader::new).map_err(|source| read_error(&path, source))
    }
}

fn read_error(path: &Path, source: io::Error) -> PictureError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => PictureError::Missing { path },
        _ => PictureError::Read { path, source },
    }
}

fn damaged(path: &Path, reason: &str) -> PictureError {
    PictureError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

fn sniff(file: &mut BufReader<File>, path: &Path) -> Result<ImageFormat, PictureError> {
    // No extension is given to the reader: a text file named .png would pass for a damaged PNG.
    let reader = ImageReader::new(file).with_guessed_format().map_err(|source| read_error(path, source))?;
    reader
        .format()
        .or_else(|| format_by_extension(path).filter(|&format| format == ImageFormat::Tga))
        .ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })
}

/// Whether a JPEG goes on to its end and has data enough for the size it claims. Rewinds the file.
fn jpeg_is_complete(file: &mut BufReader<File>) -> io::Result<bool> {
    let pixels = match jpeg_pixels(file) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        pixels => pixels?,
    };
    let bytes = file.seek(io::SeekFrom::End(0))?;
    file.rewind()?;
    // Each block of 8x8 pixels takes one Huffman code at the very least, and a code is at least a bit.
    Ok(pixels <= 64 * 8 * bytes)
}

/// Walks a JPEG from marker to marker to its end, for the number of pixels it claims to have.
fn jpeg_pixels(file: &mut BufReader<File>) -> io::Result<u64> {
    let mut pixels = 0;
    loop {
        match next_marker(file)? {
            Marker::Frame { width, height } => pixels = u64::from(width) * u64::from(height),
            Marker::End => return Ok(pixels),
            Marker::Other => {}
        }
    }
}

enum Marker {
    Frame { width: u16, height: u16 },
    End,
    Other,
}

/// Reads past the next marker and its segment.
///
/// Every marker is 0xFF and a code. Segments carry their length; compressed data does not, but has a 0
/// after each 0xFF of its own.
fn next_marker(file: &mut BufReader<File>) -> io::Result<Marker> {
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
    // C0 to CF start a frame, but for the tables C4 and CC and the reserved C8.
    if !matches!(code, 0xC0..=0xCF) || matches!(code, 0xC4 | 0xC8 | 0xCC) {
        file.seek_relative((length - 2).max(0))?;
        return Ok(Marker::Other);
    }
    let [_precision, h1, h0, w1, w0] = read_bytes(file)?;
    file.seek_relative((length - 7).max(0))?;
    Ok(Marker::Frame { width: u16::from_be_bytes([w1, w0]), height: u16::from_be_bytes([h1, h0]) })
}

fn read_bytes<const N: usize>(file: &mut BufReader<File>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn decode(file: BufReader<File>, format: ImageFormat, path: &Path) -> Result<DynamicImage, PictureError> {
    let failed = |error| decode_error(path, error);
    let mut reader = ImageReader::with_format(file, format);
    reader.limits(decoder_limits());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    check_size(width as usize, height as usize)
        .map_err(|source| PictureError::FileSize { path: path.to_owned(), source: Box::new(source) })?;
    // A broken note about the camera is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Room for the largest accepted picture in the widest sample. Sides are left to [`check_size`], whose
/// message has the figures.
fn decoder_limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(16 * MAX_PIXELS as u64);
    limits
}

fn decode_error(path: &Path, error: ImageError) -> PictureError {
    let reason = one_line(&error);
    let at = path.to_owned();
    match error {
        ImageError::Unsupported(_) => PictureError::Unsupported { path: at, reason },
        ImageError::Limits(_) => PictureError::Memory { path: at },
        ImageError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            damaged(path, CUT_SHORT)
        }
        ImageError::IoError(source) => PictureError::Read { path: at, source },
        _ => damaged(path, &reason),
    }
}

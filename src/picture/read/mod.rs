//! From a file to a picture.
//!
//! ```text
//!     sniff ─► png.rs, jpeg.rs, tiff/, exr.rs, or whole.rs for all others ─► decoded.rs ─► a picture
//! ```

mod decoded;
mod exif;
mod exr;
mod failure;
mod frames;
mod guard;
mod jpeg;
mod options;
mod png;
mod rows;
mod tiff;
mod whole;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use image::{ImageFormat, ImageReader};

use super::format::Format;
use super::strangers::{TELLING, stranger};
use super::{MAX_FILE, Picture, PictureError, check_size};
use crate::extent::Extent;
use crate::files::input::{is_stream, keep_stream};
use decoded::Decoded;

pub(super) use failure::{damaged, read_error};
pub(super) use guard::guarded;
pub use options::{ReadOptions, WantedSize};

/// The most memory that notes about a picture (profile, camera) may take.
const MAX_NOTES: u64 = 16 << 20;

impl Picture {
    /// Reads a picture file. The content decides the format, whatever the name (TGA, which has no mark
    /// of its own, needs its extension). It is turned upright where the camera noted an orientation; of
    /// several pictures in a file the first is taken. 16-bit samples become fractions of 8-bit ones, linear
    /// light (OpenEXR, Radiance HDR) becomes sRGB-coded, and what is brighter than white is carried along. An
    /// alpha channel that is solid everywhere is dropped; an RGB colour profile is kept, and one for gray as
    /// an RGB profile of the same curve. What its owner may not expect of it is in [`Picture::remarks`].
    ///
    /// # Errors
    /// One of the reading variants of [`PictureError`]: missing, folder, empty, not a picture,
    /// unsupported, damaged, or of a size that is not accepted (told before anything is allocated).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PictureError> {
        Self::open_as(path, &ReadOptions::default()).map(|(picture, _)| picture)
    }

    /// The same as the options say. The size is that of the picture in the file, upright.
    ///
    /// # Errors
    /// Those of [`Picture::open`], and [`PictureError::NoRoom`].
    pub fn open_as(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(Self, Extent), PictureError> {
        let path = path.as_ref();
        read(open_file(path)?, path, options)
    }

    /// The same of a file's bytes. `name` stands for the path in messages, and its extension for TGA.
    ///
    /// # Errors
    /// Those of [`Picture::open`].
    pub fn decode(bytes: &[u8], name: impl AsRef<Path>) -> Result<Self, PictureError> {
        Self::decode_as(bytes, name, &ReadOptions::default()).map(|(picture, _)| picture)
    }

    /// The same as the options say, of a file's bytes.
    ///
    /// # Errors
    /// Those of [`Picture::open_as`].
    pub fn decode_as(
        bytes: &[u8],
        name: impl AsRef<Path>,
        options: &ReadOptions,
    ) -> Result<(Self, Extent), PictureError> {
        let name = name.as_ref();
        if bytes.is_empty() {
            return Err(PictureError::Empty { path: name.to_owned() });
        }
        read(Cursor::new(bytes), name, options)
    }
}

fn read(
    file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<(Picture, Extent), PictureError> {
    guarded(|| decoded(file, path, options)?.into_picture(options))
        .unwrap_or_else(|| Err(PictureError::BrokenDecoder { path: path.to_owned() }))
}

fn decoded(
    mut file: impl BufRead + Seek,
    path: &Path,
    options: &ReadOptions,
) -> Result<Decoded, PictureError> {
    match sniff(&mut file, path)? {
        ImageFormat::Png => png::read(file, path, options),
        ImageFormat::Tiff => tiff::read(file, path, options),
        ImageFormat::Jpeg => jpeg::read(file, path, options),
        ImageFormat::OpenExr => exr::read(file, path, options),
        format => whole::read(file, format, path, options),
    }
}

pub(super) fn open_file(path: &Path) -> Result<BufReader<File>, PictureError> {
    let read = |source| read_error(path, source);
    // Asked before opening: some systems answer "permission denied" to opening a folder.
    let metadata = fs::metadata(path).map_err(read)?;
    let path = path.to_owned();
    if metadata.is_dir() {
        Err(PictureError::Folder { path })
    } else if is_stream(&path) {
        kept(&path)
    } else if metadata.len() == 0 {
        Err(PictureError::Empty { path })
    } else {
        File::open(&path).map(BufReader::new).map_err(|source| read_error(&path, source))
    }
}

/// The content of a pipe, kept in a file because a decoder needs to seek.
fn kept(path: &Path) -> Result<BufReader<File>, PictureError> {
    let mut file =
        keep_stream(path, MAX_FILE).map(BufReader::new).map_err(|source| read_error(path, source))?;
    match file.fill_buf() {
        Ok([]) => Err(PictureError::Empty { path: path.to_owned() }),
        Ok(_) => Ok(file),
        Err(source) => Err(read_error(path, source)),
    }
}

/// What a file is by its first bytes; rewinds it.
pub(super) fn sniff(file: &mut (impl BufRead + Seek), path: &Path) -> Result<ImageFormat, PictureError> {
    let unread = |source| read_error(path, source);
    let mut start = Vec::new();
    file.by_ref().take(TELLING as u64).read_to_end(&mut start).map_err(unread)?;
    file.rewind().map_err(unread)?;
    if let Some(what) = stranger(&start) {
        return Err(PictureError::Stranger { path: path.to_owned(), what });
    }
    // BigTIFF, which `image` does not know by its mark.
    if start.starts_with(b"II+\0") || start.starts_with(b"MM\0+") {
        return Ok(ImageFormat::Tiff);
    }
    // The reader is not given an extension: otherwise a text file named .png would pass for a damaged PNG.
    let reader = ImageReader::new(file).with_guessed_format().map_err(unread)?;
    reader
        .format()
        .or_else(|| Format::of_path(path).filter(|&format| format == Format::Tga).map(Format::image))
        .ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })
}

fn accept_size(path: &Path, size: Extent) -> Result<(), PictureError> {
    check_size(size)
        .map_err(|source| PictureError::FileSize { path: path.to_owned(), source: Box::new(source) })
}

//! From a picture to a file.

use std::io::Write;
use std::path::Path;

use super::format::{Depth, Format, listed};
use super::note::{beside, complaint, forget_beside, is_anothers};
use super::{Picture, PictureError};
use crate::extent::Extent;
use crate::files::output::Output;

/// The quality of a JPEG unless another is asked for.
const JPEG_QUALITY: u8 = 95;

/// How a picture is saved. By default, this depends on the name and on the picture itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct SaveOptions<'a> {
    /// The format; by default it is that of the extension.
    pub format: Option<Format>,
    /// Bits per sample; by default those of the picture's own file, or the nearest that the format has (see
    /// [`Picture::depth`]).
    pub depth: Option<Depth>,
    /// Quality of a JPEG, 1 to 100; 95 by default. All other formats are written without loss.
    pub quality: Option<u8>,
    /// A text (JSON) that the picture carries: inside PNG, JPEG, WebP, TIFF and OpenEXR, otherwise in a file
    /// beside it, whose name is the picture's with `.json` added. [`super::read_recipe`] reads it back.
    pub recipe: Option<&'a str>,
}

impl SaveOptions<'_> {
    /// Checks, before long work, whether a picture could be saved in this way under this name: format, depth and
    /// quality fit together, there is no folder of that name, and a file can be created in its folder (one is
    /// created, and removed again).
    ///
    /// # Errors
    /// One of the saving variants of [`PictureError`].
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        self.prepare(path.as_ref()).map(drop)
    }

    /// Checks, before long work, whether a picture of this size could be saved in this way under this name.
    ///
    /// # Errors
    /// Those of [`SaveOptions::format_for`], and [`PictureError::LargerThanFormat`] if a side is longer than the
    /// format allows (16384 for WebP).
    pub fn check_size(&self, path: impl AsRef<Path>, size: Extent) -> Result<(), PictureError> {
        let path = path.as_ref();
        let limit = self.format_for(path)?.longest_side();
        if size.longest() <= limit {
            return Ok(());
        }
        Err(PictureError::LargerThanFormat { path: path.to_owned(), size, limit })
    }

    /// The format for this name, if everything asked for fits it.
    ///
    /// # Errors
    /// [`PictureError::Extension`] and [`PictureError::Unsuitable`].
    pub fn format_for(&self, path: impl AsRef<Path>) -> Result<Format, PictureError> {
        let path = path.as_ref();
        let format = match (self.format, Format::of_path(path)) {
            (None, None) => return Err(PictureError::Extension { path: path.to_owned() }),
            (Some(asked), Some(named)) if asked != named => {
                return Err(unsuitable(path, format!("its name says {named}, but {asked} is asked for")));
            }
            (Some(format), _) | (None, Some(format)) => format,
        };
        match self.complaint(format) {
            Some(reason) => Err(unsuitable(path, reason)),
            None => Ok(format),
        }
    }

    /// What does not fit this format.
    fn complaint(&self, format: Format) -> Option<String> {
        let depths = format.depths();
        if let Some(depth) = self.depth.filter(|depth| !depths.contains(depth)) {
            return Some(format!("{format} has no {depth} bits a sample; accepted: {}", listed(depths)));
        }
        match self.quality {
            Some(_) if format != Format::Jpeg => {
                return Some(format!("{format} is written without loss; only jpg takes a quality"));
            }
            Some(quality) if !(1..=100).contains(&quality) => {
                return Some(format!("{quality} is not a quality; accepted: 1 to 100"));
            }
            _ => {}
        }
        self.recipe.and_then(complaint)
    }

    pub(super) fn depth_of(&self, picture: &Picture, format: Format) -> Depth {
        self.depth.unwrap_or_else(|| format.nearest(picture.depth))
    }

    pub(super) fn quality(&self) -> u8 {
        self.quality.unwrap_or(JPEG_QUALITY)
    }

    /// Everything about saving that can be known before there are pixels.
    fn prepare(&self, path: &Path) -> Result<Prepared, PictureError> {
        // For a folder named `dream`, the error is that it is a folder, not that its name has no extension.
        let output = Output::at(path)?;
        let format = self.format_for(path)?;
        let needs_file = self.recipe.is_some() && !format.holds_text();
        if needs_file && is_anothers(&beside(path)) {
            let beside = beside(path);
            let reason = format!(
                "its recipe would overwrite '{}', which is not a recipe; move that file first",
                beside.display()
            );
            return Err(unsuitable(path, reason));
        }
        let recipe = needs_file.then(|| Output::at(&beside(path))).transpose()?;
        Ok(Prepared { format, output, recipe })
    }
}

/// Where a picture goes, and where its recipe goes if that is elsewhere.
struct Prepared {
    format: Format,
    output: Output,
    recipe: Option<Output>,
}

fn unsuitable(path: &Path, reason: String) -> PictureError {
    PictureError::Unsuitable { path: path.to_owned(), reason }
}

impl Picture {
    /// Saves in the format that the extension names, as [`Picture::save_as`] does by default.
    ///
    /// # Errors
    /// Those of [`Picture::save_as`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        self.save_as(path, &SaveOptions::default())
    }

    /// Saves as the options say. Colours are rounded and clamped by [`to_byte`], or in the same way to 16 bits;
    /// float formats get them as linear light with the picture's own excess added. WebP is lossless, GIF has 256
    /// colours. Alpha is written if the format has it, and left out in JPEG, PPM and HDR; a colour profile is
    /// written in PNG, JPEG, WebP and TIFF. The file appears completely or not at all: it is written under a
    /// temporary name in the same folder and then renamed, replacing what was there. A recipe of puppyslug's that
    /// an earlier picture has left beside it is replaced by this one's, or removed.
    ///
    /// # Errors
    /// Those of [`SaveOptions::check`] and [`SaveOptions::check_size`], and what can still go wrong after them,
    /// such as a full disk.
    pub fn save_as(&self, path: impl AsRef<Path>, options: &SaveOptions<'_>) -> Result<(), PictureError> {
        let path = path.as_ref();
        let Prepared { format, output, recipe } = options.prepare(path)?;
        options.check_size(path, self.extent)?;
        output.fill(|writer| self.write_to(writer, format, options))?;
        let (Some(output), Some(text)) = (recipe, options.recipe) else { return forget_beside(path) };
        output.fill(|writer| writer.write_all(text.as_bytes()).map_err(|error| error.to_string()))?;
        Ok(())
    }
}

/// The only rounding rule: the nearest integer, halves away from zero, clamped to 0..=255. NaN becomes 0.
pub fn to_byte(sample: f32) -> u8 {
    // The cast saturates.
    sample.round() as u8
}

/// The same rule for 16 bits: 255 becomes 65535.
pub fn to_word(sample: f32) -> u16 {
    (sample * 257.0).round() as u16
}

//! The recipe that a picture carries: a text (JSON) inside the file if the format has a place for it, and
//! otherwise in a file beside it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, Cursor, Seek};
use std::path::{Path, PathBuf};

use image::ImageFormat;
use image_webp::WebPDecoder;
use serde_json::Value;
use tiff::tags::Tag;

use super::error::one_line;
use super::mark::{ELEMENT, KEYWORD, MARK, MAX_RECIPE};
use super::read::{damaged, guarded, open_file, read_error, sniff};
use super::{PictureError, jpeg, openexr};
use crate::files::input::read_whole;
use crate::files::output::OutputError;

/// Returns the recipe that a picture was saved with (see [`super::SaveOptions`]): from the file, or from the file
/// of the same name with `.json` added. `None` if there is none; what other programs wrote into the file is not
/// mistaken for one.
///
/// # Errors
/// One of the reading variants of [`PictureError`]. The pixels are not read: a truncated picture may still have
/// its recipe.
pub fn read_recipe(path: impl AsRef<Path>) -> Result<Option<String>, PictureError> {
    let path = path.as_ref();
    recipe_of(open_file(path)?, path)
}

/// The same for the bytes of a file. `name` stands for the path in messages, and a recipe file beside it counts.
///
/// # Errors
/// Those of [`read_recipe`].
pub fn read_recipe_in(bytes: &[u8], name: impl AsRef<Path>) -> Result<Option<String>, PictureError> {
    recipe_of(Cursor::new(bytes), name.as_ref())
}

fn recipe_of(mut file: impl BufRead + Seek, path: &Path) -> Result<Option<String>, PictureError> {
    let format = sniff(&mut file, path)?;
    let found =
        guarded(|| inside(file, format)).unwrap_or_else(|| Err("its decoder crashes on it".to_owned()));
    let Some(recipe) = found.map_err(|reason| damaged(path, &reason))? else {
        return read_beside(path);
    };
    let text = |bytes| String::from_utf8(bytes).map_err(|_| damaged(path, "its recipe is not UTF-8 text"));
    text(recipe).map(Some)
}

/// The path of the recipe for a picture that cannot hold one.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".json");
    PathBuf::from(name)
}

fn read_beside(path: &Path) -> Result<Option<String>, PictureError> {
    let path = beside(path);
    match read_whole(&path, MAX_RECIPE as u64) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(damaged(&path, "it is not UTF-8 text")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(read_error(&path, source)),
    }
}

/// Removes the recipe that an earlier picture of the same name has left beside it, since it would be taken for
/// this picture's. A file of that name that is not evidently a recipe belongs to someone else, and stays.
pub(super) fn forget_beside(path: &Path) -> Result<(), PictureError> {
    let path = beside(path);
    if !path.exists() || is_anothers(&path) {
        return Ok(());
    }
    fs::remove_file(&path).map_err(|error| {
        let reason = format!("the recipe of an earlier picture cannot be removed ({})", error.kind());
        OutputError::Write { path, reason }.into()
    })
}

/// Whether there is a file that is not evidently a recipe.
pub(super) fn is_anothers(path: &Path) -> bool {
    let is_recipe = |bytes: Vec<u8>| {
        serde_json::from_slice::<Value>(&bytes).is_ok_and(|json| json.get(KEYWORD).is_some())
    };
    path.exists() && !read_whole(path, MAX_RECIPE as u64).is_ok_and(is_recipe)
}

/// The recipe in the file, or what is wrong with the file.
fn inside(mut file: impl BufRead + Seek, format: ImageFormat) -> Result<Option<Vec<u8>>, String> {
    match format {
        ImageFormat::Png => in_png(file).map_err(|error| one_line(&error)),
        ImageFormat::Jpeg => jpeg::recipe(&mut file).map_err(|error| one_line(&error)),
        ImageFormat::Tiff => in_tiff(file).map_err(|error| one_line(&error)),
        ImageFormat::WebP => in_webp(file).map_err(|error| one_line(&error)),
        ImageFormat::OpenExr => openexr::recipe(&mut file).map_err(|error| one_line(&error)),
        _ => Ok(None),
    }
}

/// Looks before the pixels, where it is written, and then after them, where other programs may put it.
fn in_png(file: impl BufRead + Seek) -> Result<Option<Vec<u8>>, png::DecodingError> {
    let decoder = png::Decoder::new_with_limits(file, png::Limits { bytes: 2 * MAX_RECIPE });
    let mut reader = decoder.read_info()?;
    if let Some(recipe) = of_info(reader.info())? {
        return Ok(Some(recipe));
    }
    reader.finish()?;
    of_info(reader.info())
}

fn of_info(info: &png::Info<'_>) -> Result<Option<Vec<u8>>, png::DecodingError> {
    let Some(chunk) = info.utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD) else { return Ok(None) };
    let mut chunk = chunk.clone();
    chunk.decompress_text_with_limit(MAX_RECIPE)?;
    chunk.get_text().map(|text| Some(text.into_bytes()))
}

fn in_tiff(file: impl BufRead + Seek) -> Result<Option<Vec<u8>>, tiff::TiffError> {
    let mut limits = tiff::decoder::Limits::default();
    limits.ifd_value_size = MAX_RECIPE;
    let mut decoder = tiff::decoder::Decoder::new(file)?.with_limits(limits);
    // A description of another kind belongs to another program.
    let text = decoder.find_tag(Tag::ImageDescription)?.and_then(|value| value.into_string().ok());
    Ok(text.and_then(|text| text.strip_prefix(MARK).map(|recipe| recipe.as_bytes().to_vec())))
}

fn in_webp(file: impl BufRead + Seek) -> Result<Option<Vec<u8>>, image_webp::DecodingError> {
    let mut decoder = WebPDecoder::new(file)?;
    decoder.set_memory_limit(2 * MAX_RECIPE);
    Ok(decoder.xmp_metadata()?.and_then(|packet| from_xmp(&packet)))
}

/// An XMP packet with the recipe in it.
pub(super) fn to_xmp(recipe: &str) -> Vec<u8> {
    let [open, close] = ELEMENT;
    let escaped = recipe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:puppyslug=\"urn:puppyslug\">\
         {open}{escaped}{close}</rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    packet.into_bytes()
}

fn from_xmp(packet: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(packet);
    let [open, close] = ELEMENT;
    let (_, rest) = text.split_once(open)?;
    let (escaped, _) = rest.split_once(close)?;
    // Another program may have escaped quotes too. The ampersand comes last, because the other entities begin
    // with it.
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let plain = named.iter().fold(escaped.to_owned(), |text, (name, sign)| text.replace(name, sign));
    Some(plain.into_bytes())
}

/// What is wrong with a recipe, if anything: every format must be able to return it unchanged.
pub(super) fn complaint(recipe: &str) -> Option<String> {
    if recipe.len() > MAX_RECIPE {
        return Some(format!("its recipe has {} bytes; at most {MAX_RECIPE} are accepted", recipe.len()));
    }
    let control = recipe.chars().find(|char| char.is_control() && !matches!(char, '\n' | '\t' | '\r'))?;
    Some(format!("its recipe holds the control character {control:?}, which JSON writes as an escape"))
}

//! Pictures in and out of the program: files, or stdin and stdout where a path is `-`.

use std::fmt;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, print, say};
use crate::dream::recipe::PictureMark;
use crate::files::digest::{sha256, sha256_of_file};
use crate::picture::Picture;
use crate::picture::{Depth, Format, MAX_FILE, PictureError, SaveOptions};

/// How the result is written.
#[derive(Args)]
pub(super) struct OutputArguments {
    /// Format of the result; the ending of FILE decides without it, and png on stdout
    #[arg(long, value_name = "FORMAT", help_heading = "Output file")]
    format: Option<Format>,

    /// Bits a sample, 8 or 16 (png, tif, ppm), 16 or 32 (exr) [default: as the input]
    #[arg(long, value_name = "BITS", help_heading = "Output file", allow_negative_numbers = true)]
    depth: Option<Depth>,

    /// How good a jpg is, 1 to 100 [default: 95]
    #[arg(long, value_name = "N", value_parser = parse_quality, help_heading = "Output file",
          allow_negative_numbers = true)]
    quality: Option<u8>,
}

impl OutputArguments {
    /// What to do with a picture that carries this recipe.
    pub(super) fn options<'a>(&self, recipe: Option<&'a str>) -> SaveOptions<'a> {
        SaveOptions { format: self.format, depth: self.depth, quality: self.quality, recipe }
    }

    /// The ending of a name that nobody gave.
    pub(super) fn extension(&self) -> &'static str {
        self.format.unwrap_or(Format::Png).extension()
    }
}

fn parse_quality(text: &str) -> Result<u8, String> {
    let quality = text.parse().ok().filter(|quality| (1..=100).contains(quality));
    quality.ok_or_else(|| "a whole number from 1 to 100 is needed".to_owned())
}

/// Whether a path stands for stdin or stdout. A file of that name is `./-`.
pub(super) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a picture, from stdin if the path is `-`, and says how a recipe names it.
pub(super) fn open_picture(path: &Path) -> Result<(Picture, PictureMark), Failure> {
    let (picture, sha256) = if is_stream(path) {
        let bytes = read_stdin()?;
        (Picture::decode(&bytes, "stdin")?, sha256(&bytes))
    } else {
        let unread = |source| PictureError::Read { path: path.to_owned(), source };
        (Picture::open(path)?, sha256_of_file(path).map_err(unread)?)
    };
    if picture.not_finite() > 0 {
        let (name, count) = (path.display(), picture.not_finite());
        say(format_args!(
            "'{name}': {count} samples are not finite; NaN is taken as 0, what is infinite as very bright"
        ));
    }
    let (width, height) = (picture.width(), picture.height());
    Ok((picture, PictureMark { sha256, width, height }))
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::usage(
            "the picture '-' is read from stdin, which is a terminal; pipe a file in",
        ));
    }
    let mut bytes = Vec::new();
    stdin
        .lock()
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure { message: format!("cannot read stdin: {error}"), code: 1 })?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(PictureError::Memory { path: "stdin".into() }.into());
    }
    Ok(bytes)
}

/// Where a picture goes.
pub(super) enum Destination {
    File(PathBuf),
    Stdout,
}

impl Destination {
    /// What a path given by the user stands for. A picture is nothing to print on a terminal.
    pub(super) fn at(path: PathBuf) -> Result<Self, Failure> {
        if !is_stream(&path) {
            return Ok(Self::File(path));
        }
        if io::stdout().is_terminal() {
            return Err(Failure::usage(
                "the output '-' is stdout, which is a terminal; redirect it to a file or a pipe",
            ));
        }
        Ok(Self::Stdout)
    }

    /// The format that a picture has there.
    pub(super) fn format(&self, options: &SaveOptions<'_>) -> Result<Format, Failure> {
        Ok(match self {
            Self::File(path) => options.format_for(path)?,
            Self::Stdout => on_stdout(options).format_for(STDOUT)?,
        })
    }

    /// The file, if it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdout => None,
        }
    }

    /// Says, before long work, whether a picture can go there so.
    pub(super) fn check(&self, options: &SaveOptions<'_>) -> Result<(), Failure> {
        match self {
            Self::File(path) => options.check(path)?,
            Self::Stdout => drop(on_stdout(options).format_for(STDOUT)?),
        }
        Ok(())
    }

    /// Says, before long work, whether a picture of this size can go there.
    pub(super) fn check_size(
        &self,
        options: &SaveOptions<'_>,
        width: usize,
        height: usize,
    ) -> Result<(), Failure> {
        match self {
            Self::File(path) => options.check_size(path, width, height)?,
            Self::Stdout => on_stdout(options).check_size(STDOUT, width, height)?,
        }
        Ok(())
    }

    /// Puts the picture there.
    pub(super) fn save(&self, picture: &Picture, options: &SaveOptions<'_>) -> Result<(), Failure> {
        match self {
            Self::File(path) => Ok(picture.save_as(path, options)?),
            Self::Stdout => print(picture.encode(STDOUT, &on_stdout(options))?),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Stdout => formatter.write_str(STDOUT),
        }
    }
}

/// What messages call it.
const STDOUT: &str = "stdout";

/// There is no ending that could decide.
fn on_stdout<'a>(options: &SaveOptions<'a>) -> SaveOptions<'a> {
    SaveOptions { format: options.format.or(Some(Format::Png)), ..*options }
}

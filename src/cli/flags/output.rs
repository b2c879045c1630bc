//! Input and output of pictures: files, or stdin and stdout if the path is `-`.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::terminal::say;
use crate::dream::recipe::FileMark;
use crate::files::output::OutputError;
use crate::picture::{Depth, Format, MAX_FILE, Picture, PictureError, ReadOptions, SaveOptions};
use crate::studio::{Destination, Opened};

/// How the result is written.
#[derive(Args)]
pub(crate) struct OutputArguments {
    /// Format of the result [default: by the ending of FILE, or png on stdout]
    #[arg(long, value_name = "FORMAT", help_heading = "Output file")]
    format: Option<Format>,

    /// Bits per sample: 8 or 16 (png, tif, ppm), 16 or 32 (exr) [default: as the input]
    #[arg(long, value_name = "BITS", help_heading = "Output file", allow_negative_numbers = true)]
    depth: Option<Depth>,

    /// Quality of a jpg, 1 to 100 [default: 95]
    #[arg(long, value_name = "N", value_parser = parse_quality, help_heading = "Output file",
          allow_negative_numbers = true)]
    quality: Option<u8>,
}

impl OutputArguments {
    /// How a picture is encoded for this destination.
    pub(crate) fn mark(&self, to: &Destination) -> Result<FileMark, PictureError> {
        let Self { format, depth, quality } = *self;
        let options = SaveOptions { format, depth, quality, recipe: Some("") };
        let format = match to {
            // If `dream` is an existing folder, report that, rather than a file name without an extension.
            Destination::File(path) if path.is_dir() => {
                return Err(OutputError::Folder { path: path.clone() }.into());
            }
            Destination::File(path) => options.format_for(path)?,
            Destination::Bytes { name } => {
                SaveOptions { format: format.or(Some(Format::Png)), ..options }.format_for(name)?
            }
            Destination::Nowhere => format.unwrap_or(Format::Png),
        };
        Ok(FileMark { format, depth, quality })
    }

    /// The extension for a default file name.
    pub(crate) fn extension(&self) -> &'static str {
        self.format.unwrap_or(Format::Png).extension()
    }
}

fn parse_quality(text: &str) -> Result<u8, String> {
    let quality = text.parse().ok().filter(|quality| (1..=100).contains(quality));
    quality.ok_or_else(|| "a whole number from 1 to 100 is needed".to_owned())
}

/// Whether a path stands for stdin or stdout. A file of that name is `./-`.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a picture, from stdin if the path is `-`.
pub(crate) fn open_picture(path: &Path, options: &ReadOptions) -> Result<Opened, Failure> {
    let opened = match is_stream(path) {
        true => Opened::bytes(&read_stdin()?, "stdin", options)?,
        false => Opened::file(path, options)?,
    };
    mind(&opened.path, &opened.picture);
    Ok(opened)
}

/// Reports anything about the picture that its owner may not expect.
pub(crate) fn mind(path: &Path, picture: &Picture) {
    let name = path.display();
    picture.remarks().iter().for_each(|remark| say(format_args!("'{name}': {remark}")));
}

/// Reports what the picture has that its dream's file format cannot hold.
pub(crate) fn mind_loss(Opened { path, picture, .. }: &Opened, format: Format) {
    if let Some(lost) = picture.left_behind(format) {
        say(format_args!("'{}': its {lost} is lost: {format} has no place for it", path.display()));
    }
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::usage(
            "the picture '-' is read from stdin, which is a terminal; pipe a file in",
        ));
    }
    let mut bytes = Vec::new();
    let unread = |error| Failure::because(format_args!("cannot read stdin: {error}"));
    stdin.lock().take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(PictureError::Memory { path: "stdin".into() }.into());
    }
    Ok(bytes)
}

/// The destination that a path given by the user means. Refuses to print a picture on a terminal.
pub(crate) fn destination(path: PathBuf) -> Result<Destination, Failure> {
    if !is_stream(&path) {
        return Ok(Destination::File(path));
    }
    if io::stdout().is_terminal() {
        return Err(Failure::usage(
            "the output '-' is stdout, which is a terminal; redirect it to a file or a pipe",
        ));
    }
    Ok(Destination::Bytes { name: "stdout".to_owned() })
}

/// Appends to a file name, whatever bytes that contains.
pub(crate) fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(ending);
    name
}

//! A file that appears whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Why a file cannot be written. What stood there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A folder stands where the file would go.
    #[error("cannot write '{}': it is a folder; name a file in it", .path.display())]
    Folder {
        /// The path as given.
        path: PathBuf,
    },
    /// The folder to write in is not there.
    #[error("cannot write '{}': there is no folder '{}'; create it first", .path.display(), .folder.display())]
    NoFolder {
        /// The path as given.
        path: PathBuf,
        /// The folder it names.
        folder: PathBuf,
    },
    /// The system does not let the file be written, or what goes into it cannot be made.
    #[error("cannot write '{}': {reason}", .path.display())]
    Write {
        /// The path as given.
        path: PathBuf,
        /// What the system or the encoder said.
        reason: String,
    },
}

/// A place for a file: a temporary one in the same folder, gone again unless it is filled.
pub(crate) struct Output {
    path: PathBuf,
    file: NamedTempFile,
}

impl Output {
    /// Finds out whether `path` can be written, by making the temporary file beside it.
    pub(crate) fn at(path: &Path) -> Result<Self, OutputError> {
        let path = path.to_owned();
        if path.is_dir() {
            return Err(OutputError::Folder { path });
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        if !folder.is_dir() {
            return Err(OutputError::NoFolder { path, folder });
        }
        match temporary_in(&folder) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => {
                // The kind only: the full text names the temporary file, which means nothing to the user.
                let reason = format!("folder '{}' takes no new file ({})", folder.display(), error.kind());
                Err(OutputError::Write { path, reason })
            }
        }
    }

    /// Lets `write` fill the file and gives it its name, replacing what was there. Returns the name.
    pub(crate) fn fill(
        self,
        write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> Result<(), String>,
    ) -> Result<PathBuf, OutputError> {
        let Self { path, file } = self;
        let mut writer = BufWriter::new(file);
        let whole = write(&mut writer)
            .and_then(|()| writer.flush().map_err(|error| error.to_string()))
            .and_then(|()| writer.into_inner().map_err(|error| error.error().to_string()))
            .and_then(|file| file.persist(&path).map_err(|error| error.error.to_string()));
        match whole {
            Ok(_) => Ok(path),
            Err(reason) => Err(OutputError::Write { path, reason }),
        }
    }
}

fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".puppyslug-");
    // Temporary files are private by default, but this one becomes the result: let the umask decide.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

//! The folder in which dreams are stored: private to this user, and used by one server at a time.
//!
//! ```text
//!     dreams/lock
//!     dreams/pictures/SHA256              a picture or a film as it was sent; SHA256.jpg is what the page shows
//!     of it
//!     dreams/jobs/ID/job.json             the record: what was ordered, and its state
//!     dreams/jobs/ID/checkpoint.safetensors     written after each octave, to continue from
//!     dreams/jobs/ID/dream.safetensors    the result; view.jpg and thumbnail.jpg are what the page shows of it
//!     dreams/jobs/ID/dream.mp4            the result for a film; until it is complete, beside the folder of its
//!     segments
//! ```
//!
//! Every file appears whole or not at all, so the next server can read what a killed one left.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use super::ServeError;
use super::id::Id;
use crate::files::output::{Output, OutputError, TEMPORARY, temporary};

/// How many bytes of pictures that no job needs are kept, before the oldest are removed.
const LOOSE: u64 = 512 << 20;

/// The folder, locked until this is dropped.
#[derive(Debug)]
pub(super) struct Shelf {
    root: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Creates the folder if need be, and locks it.
    pub(super) fn take(root: &Path) -> Result<Self, ServeError> {
        let fault = |source| ServeError::Folder { folder: root.to_owned(), source };
        for folder in [root, &root.join("pictures"), &root.join("jobs")] {
            make_private(folder).map_err(fault)?;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))
            .map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {
                let shelf = Self { root: root.to_owned(), _lock: lock };
                shelf.sweep();
                Ok(shelf)
            }
            Err(fs::TryLockError::WouldBlock) => Err(ServeError::Taken { folder: root.to_owned() }),
            Err(fs::TryLockError::Error(source)) => Err(fault(source)),
        }
    }

    /// Removes the files that a killed server left half-written.
    fn sweep(&self) {
        let jobs = self.jobs();
        for folder in jobs.iter().map(|id| self.folder(id)).chain([self.root.join("pictures")]) {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries.filter(|entry| is_temporary(&entry.file_name())) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The path of the picture with this hash, which need not exist.
    pub(super) fn picture(&self, sha256: &str) -> PathBuf {
        self.root.join("pictures").join(sha256)
    }

    /// The path of the JPEG that the page shows of it.
    pub(super) fn picture_view(&self, sha256: &str) -> PathBuf {
        self.root.join("pictures").join(format!("{sha256}.jpg"))
    }

    /// The path of a file of a job.
    pub(super) fn of_job(&self, id: &Id, name: &str) -> PathBuf {
        self.folder(id).join(name)
    }

    fn folder(&self, id: &Id) -> PathBuf {
        self.root.join("jobs").join(id.as_str())
    }

    /// Creates a job's folder.
    pub(super) fn make_job(&self, id: &Id) -> io::Result<()> {
        make_private(&self.folder(id))
    }

    /// Removes a job with all its files, the record first, so that a half-removed job no longer counts.
    pub(super) fn remove_job(&self, id: &Id) {
        let _ = fs::remove_file(self.of_job(id, "job.json"));
        let _ = fs::remove_dir_all(self.folder(id));
    }

    /// A temporary file for an upload, deleted unless it is given a name.
    pub(super) fn temporary(&self) -> Result<NamedTempFile, OutputError> {
        let folder = self.root.join("pictures");
        temporary(&folder, &folder.join("film"))
    }

    /// How many bytes a job takes on the disk.
    pub(super) fn bytes_of(&self, id: &Id) -> u64 {
        let entries = fs::read_dir(self.folder(id)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum()
    }

    /// The ids of all jobs that have a folder.
    pub(super) fn jobs(&self) -> Vec<Id> {
        let entries = fs::read_dir(self.root.join("jobs")).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }

    /// Removes pictures that nothing needs, oldest first, until they take at most [`LOOSE`] bytes.
    pub(super) fn tidy(&self, needed: impl Fn(&str) -> bool) {
        let entries = fs::read_dir(self.root.join("pictures")).into_iter().flatten().flatten();
        let mut loose: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter(|entry| !is_temporary(&entry.file_name()))
            .filter(|entry| {
                entry.file_name().to_str().is_some_and(|name| !needed(name.trim_end_matches(".jpg")))
            })
            .filter_map(|entry| {
                let about = entry.metadata().ok()?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
            .collect();
        loose.sort();
        let mut bytes: u64 = loose.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, size, path) in loose {
            if bytes <= LOOSE {
                break;
            }
            let _ = fs::remove_file(path);
            bytes -= size;
        }
    }
}

/// Whether a file is still being written, under a temporary name.
fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(TEMPORARY))
}

/// Writes a file, whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    Output::at(path)?.fill(|file| file.write_all(bytes).map_err(|error| error.to_string())).map(drop)
}

/// Creates a folder that only this user may access.
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

//! A file that appears completely or not at all.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::reserved::objection;
use crate::remedy::Fault;

/// The prefix of the names of temporary files that are later renamed.
pub(crate) const TEMPORARY: &str = ".puppyslug-";

/// Why a file cannot be written. A file that was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A folder stands where the file would go.
    #[error("cannot write '{}': it is a folder; name a file in it", .path.display())]
    Folder {
        /// The path as given.
        path: PathBuf,
    },
    /// The folder to write in is not there.
    #[error("cannot write '{}': there is no folder '{}'; make it first, or name another", .path.display(), .folder.display())]
    NoFolder {
        /// The path as given.
        path: PathBuf,
        /// The folder it names.
        folder: PathBuf,
    },
    /// The system does not allow writing the file, or its content cannot be produced.
    #[error("cannot write '{}': {reason}", .path.display())]
    Write {
        /// The path as given.
        path: PathBuf,
        /// What the system or the encoder said.
        reason: String,
    },
}

impl Fault for OutputError {
    fn is_usage(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }
}

/// A place for a file: a temporary file in the same folder, which is removed again unless it is filled.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    /// Where it goes; if `path` is a link, this is its target.
    target: PathBuf,
    file: NamedTempFile,
    /// Whether the target is a pipe or a device, which is written to and not replaced.
    is_special: bool,
}

impl Output {
    /// Finds out whether `path` can be written, by making the temporary file beside it.
    pub(crate) fn at(path: &Path) -> Result<Self, OutputError> {
        Self::made_in(None, path)
    }

    /// The same, with the temporary file in another folder on the same disk: an early end leaves nothing beside
    /// `path`.
    pub(crate) fn by_way_of(folder: &Path, path: &Path) -> Result<Self, OutputError> {
        Self::made_in(Some(folder), path)
    }

    fn made_in(elsewhere: Option<&Path>, path: &Path) -> Result<Self, OutputError> {
        let path = path.to_owned();
        let name = path.file_name().and_then(OsStr::to_str).filter(|_| cfg!(windows));
        if let Some(why) = name.and_then(objection) {
            let reason = format!("the system accepts no file of that name ({why})");
            return Err(OutputError::Write { path, reason });
        }
        let there = fs::metadata(&path).ok();
        if there.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(OutputError::Folder { path });
        }
        let is_special = there.as_ref().is_some_and(|there| !there.is_file());
        let target = if is_special { path.clone() } else { behind_links(&path) };
        let folder = match target.parent() {
            _ if is_special => std::env::temp_dir(),
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        if !folder.is_dir() {
            return Err(OutputError::NoFolder { path, folder });
        }
        if !is_special && let Err(error) = try_name(&target) {
            let reason = format!("the system accepts no file of that name ({error})");
            return Err(OutputError::Write { path, reason });
        }
        let permissions = there.filter(|_| !is_special).map(|there| there.permissions());
        let folder = elsewhere.filter(|_| !is_special).unwrap_or(&folder);
        match temporary_in(folder, permissions) {
            Ok(file) => Ok(Self { path, target, file, is_special }),
            Err(error) => Err(untaken(path, folder, &error)),
        }
    }

    /// The temporary file, for content that comes bit by bit.
    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Lets another program fill the file by its name, and then renames it as [`Output::fill`] does.
    pub(crate) fn fill_path(
        self,
        write: impl FnOnce(&Path) -> Result<(), String>,
    ) -> Result<PathBuf, OutputError> {
        let there = self.file.path().to_owned();
        self.fill(|_| write(&there))
    }

    /// Lets `write` fill the file and gives it its name, replacing what was there. Returns the name.
    pub(crate) fn fill(
        self,
        write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), String>,
    ) -> Result<PathBuf, OutputError> {
        let Self { path, target, mut file, is_special } = self;
        let said = |error: io::Error| error.to_string();
        // Not the file with its name, which would stand in all errors.
        let mut writer = BufWriter::new(file.as_file_mut());
        let written = write(&mut writer).and_then(|()| writer.flush().map_err(said));
        drop(writer);
        let placed = written.and_then(|()| {
            let placed = if is_special { pour(file, &target) } else { place(file, &target) };
            placed.map_err(said)
        });
        match placed {
            Ok(()) => Ok(path),
            Err(reason) => Err(OutputError::Write { path, reason }),
        }
    }
}

/// Only the kind of the system's error: the full text names the temporary file, which means nothing to the user.
fn untaken(path: PathBuf, folder: &Path, error: &io::Error) -> OutputError {
    let reason = format!("folder '{}' accepts no new file ({})", folder.display(), error.kind());
    OutputError::Write { path, reason }
}

/// Copies the content of a file into a pipe or a device.
fn pour(mut file: NamedTempFile, target: &Path) -> io::Result<()> {
    file.rewind()?;
    let mut special = File::options().write(true).open(target)?;
    io::copy(&mut file, &mut special)?;
    Ok(())
}

/// Finds out whether a file may have such a name: whether it can be looked for, and whether one can be made whose name has
/// the same signs but for the last. Should another program put the real one there meanwhile, it is not touched.
fn try_name(target: &Path) -> io::Result<()> {
    if let Err(error) = target.symlink_metadata()
        && is_about_the_name(&error)
    {
        return Err(error);
    }
    let Some(name) = target.file_name().and_then(OsStr::to_str) else { return Ok(()) };
    let last = name.char_indices().next_back().map_or(0, |(at, _)| at);
    let probe = target.with_file_name(format!("{}~", &name[..last]));
    match File::options().write(true).create_new(true).open(&probe) {
        Ok(_) => fs::remove_file(&probe),
        Err(error) if is_about_the_name(&error) => Err(error),
        // Any other problem will show when the folder is used.
        Err(_) => Ok(()),
    }
}

fn is_about_the_name(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput)
}

/// The file that a path means: a link stays, and its target is replaced or created.
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match path.read_link() {
        Ok(leads_to) => path.parent().unwrap_or(Path::new("")).join(leads_to),
        Err(_) => path.to_owned(),
    }
}

/// A new file in a folder, which is removed again unless it is given a name.
pub(crate) fn temporary(folder: &Path, path: &Path) -> Result<NamedTempFile, OutputError> {
    temporary_in(folder, None).map_err(|error| untaken(path.to_owned(), folder, &error))
}

/// Gives a file its name once its content is on the disk; otherwise a power cut might leave a name without
/// content.
pub(crate) fn place(file: NamedTempFile, target: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}

/// A new file, with the permissions of the one that it replaces.
fn temporary_in(folder: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // Temporary files are private by default, but this one becomes the result: let the umask decide.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(permissions) = permissions.filter(|it| !it.readonly()) {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn fill(path: &Path, text: &str) {
        let output = Output::at(path).expect("a place for it");
        output.fill(|file| file.write_all(text.as_bytes()).map_err(|error| error.to_string())).expect("room");
    }

    #[test]
    fn links_stay_and_lead_to_the_new_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "old").expect("written");
        symlink("file", at("link")).expect("a link");
        symlink("nowhere yet", at("loose")).expect("a link");
        fill(&at("link"), "new");
        fill(&at("loose"), "first");
        assert!(at("link").is_symlink() && at("loose").is_symlink());
        assert_eq!(fs::read_to_string(at("file")).expect("it is there"), "new");
        assert_eq!(fs::read_to_string(at("nowhere yet")).expect("it is there now"), "first");
    }

    #[test]
    fn a_pipe_is_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
            .expect("a pipe");
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).expect("what was written")
        });
        fill(&pipe, "through the pipe");
        assert_eq!(reader.join().expect("read"), "through the pipe");
        assert!(!fs::metadata(&pipe).expect("it is there").is_file());
    }

    #[test]
    fn who_may_read_a_file_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("private");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mine");
        fill(&path, "new");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!((mode & 0o777, fs::read_to_string(&path).expect("text").as_str()), (0o600, "new"));
    }
}

//! A folder that receives a picture for each frame.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::FilmError;
use super::frame::Frame;
use crate::files::output::OutputError;
use crate::picture::{Format, SaveOptions};

/// The pattern for the pictures' names if only the folder is given.
const USUAL: &str = "%06d.png";

/// A folder, and the names of the pictures in it.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The parts of a name before and after its number.
    before: String,
    behind: String,
    /// The smallest number of digits.
    width: usize,
}

impl Folder {
    /// The folder that a path stands for: an existing one, one whose name ends with a slash, or one followed by a
    /// pattern for the pictures' names; `None` if the path is that of a file.
    ///
    /// # Errors
    /// Pictures of that name cannot be written.
    pub(super) fn of_path(path: &Path) -> Result<Option<Self>, FilmError> {
        let (folder, name) = match path.file_name().and_then(|name| name.to_str()) {
            _ if Self::is_named(path) => (path, USUAL),
            Some(name) => (path.parent().unwrap_or(Path::new("")), name),
            None => return Ok(None),
        };
        let Some((before, width, behind)) = numbered(name) else { return Ok(None) };
        let path = if folder == Path::new("") { PathBuf::from(".") } else { folder.to_owned() };
        let folder = Self { path, before: before.to_owned(), behind: behind.to_owned(), width };
        SaveOptions::default().format_for(folder.picture(1)).map_err(Box::new)?;
        Ok(Some(folder))
    }

    /// Whether a path names a folder itself, without a pattern.
    pub(super) fn is_named(path: &Path) -> bool {
        path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
    }

    /// The path of a frame, counted from 1.
    fn picture(&self, number: usize) -> PathBuf {
        let Self { path, before, behind, width } = self;
        path.join(format!("{before}{number:0width$}{behind}"))
    }

    /// Whether pictures of this format can be transparent.
    pub(super) fn keeps_alpha(&self) -> bool {
        Format::of_path(self.picture(1)).is_some_and(Format::keeps_alpha)
    }

    /// The same pictures in another folder.
    pub(super) fn on_trial(&self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// Checks, before any long work, whether pictures can be written there.
    pub(super) fn check(&self) -> Result<(), FilmError> {
        let first = self.picture(1);
        if first.exists() {
            // If the new film were shorter than the old one, the old one's frames would follow it.
            return Err(FilmError::Occupied { path: self.path.clone(), picture: first });
        }
        if self.path.is_dir() {
            return Ok(SaveOptions::default().check(first).map_err(Box::new)?);
        }
        match self.path.parent() {
            Some(parent) if parent != Path::new("") && !parent.is_dir() => {
                Err(OutputError::NoFolder { path: self.path.clone(), folder: parent.to_owned() }.into())
            }
            _ => Ok(()),
        }
    }

    /// Creates the folder, if it does not exist.
    pub(super) fn begin(&self) -> Result<FolderReel, FilmError> {
        match fs::create_dir(&self.path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                let reason = error.to_string();
                Err(OutputError::Write { path: self.path.clone(), reason }.into())
            }
            _ => Ok(FolderReel { folder: self.clone(), frames: 0 }),
        }
    }
}

/// Splits `NAME%05d.END` into the part before the number, the number of digits, and the part after it.
fn numbered(name: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = name.split_once('%')?;
    let (digits, behind) = rest.split_once('d')?;
    let width = if digits.is_empty() { 1 } else { digits.parse().ok()? };
    (width <= 20).then_some((before, width, behind))
}

/// Writes frames to a folder.
#[derive(Debug)]
pub(super) struct FolderReel {
    folder: Folder,
    frames: usize,
}

impl FolderReel {
    /// Saves the next frame.
    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), FilmError> {
        self.frames += 1;
        Ok(frame.picture.save(self.folder.picture(self.frames)).map_err(Box::new)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str) -> Option<PathBuf> {
        Folder::of_path(Path::new(path)).expect("a format").map(|folder| folder.picture(7))
    }

    #[test]
    fn a_folder_is_told_by_its_name() {
        assert_eq!(folder("dream/"), Some("dream/000007.png".into()));
        assert_eq!(folder("dream/a%03d_b.jpg"), Some("dream/a007_b.jpg".into()));
        assert_eq!(folder("%d.tif"), Some("./7.tif".into()));
        assert_eq!(folder("."), Some("./000007.png".into()));
        for file in ["dream.png", "100%.png", "%xd.png"] {
            assert_eq!(folder(file), None, "{file}");
        }
        assert!(Folder::of_path(Path::new("dream/%05d.txt")).is_err());
    }
}

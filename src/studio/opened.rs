//! Pictures that were read, with the marks by which recipes know their files again.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{InputRole, JobError};
use crate::dream::recipe::PictureMark;
use crate::files::digest::{sha256, sha256_of_file};
use crate::files::input::{is_stream, keep_stream};
use crate::picture::{MAX_FILE, Picture, PictureError};

/// A picture, and how a recipe names it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where it came from, for messages.
    pub path: PathBuf,
    /// The picture.
    pub picture: Picture,
    /// Its mark.
    pub mark: PictureMark,
}

impl Opened {
    /// Opens a file.
    ///
    /// # Errors
    /// Those of [`Picture::open`].
    pub fn file(path: &Path) -> Result<Self, PictureError> {
        let unread = |source| PictureError::Read { path: path.to_owned(), source };
        if let Some(bytes) = stream(path)? {
            return Self::bytes(&bytes, path);
        }
        let picture = Picture::open(path)?;
        Ok(Self::marked(path, picture, sha256_of_file(path).map_err(unread)?))
    }

    /// Decodes bytes that came from elsewhere; `name` is what messages call them.
    ///
    /// # Errors
    /// Those of [`Picture::decode`].
    pub fn bytes(bytes: &[u8], name: impl AsRef<Path>) -> Result<Self, PictureError> {
        let name = name.as_ref();
        Ok(Self::marked(name, Picture::decode(bytes, name)?, sha256(bytes)))
    }

    fn marked(path: &Path, picture: Picture, sha256: String) -> Self {
        let mark = PictureMark { sha256, width: picture.width(), height: picture.height() };
        Self { path: path.to_owned(), picture, mark }
    }
}

/// What comes out of a pipe or a device, which can be read only once, if the path leads to one.
pub(super) fn stream(path: &Path) -> Result<Option<Vec<u8>>, PictureError> {
    if !is_stream(path) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = keep_stream(path, MAX_FILE).and_then(|mut kept| kept.read_to_end(&mut bytes));
    read.map(|_| Some(bytes)).map_err(|source| PictureError::Read { path: path.to_owned(), source })
}

/// The picture that a recipe names, if it is the one given.
pub(super) fn same_picture(
    role: InputRole,
    dreamed: &Path,
    mark: &PictureMark,
    given: Option<Opened>,
) -> Result<Picture, JobError> {
    let (dreamed, mark) = (dreamed.to_owned(), mark.clone());
    match given {
        None => Err(JobError::PictureNeeded { role, dreamed, mark }),
        Some(given) if given.mark == mark => Ok(given.picture),
        Some(Opened { path, .. }) => Err(JobError::OtherPicture { role, dreamed, mark, path }),
    }
}

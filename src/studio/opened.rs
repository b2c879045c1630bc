//! Pictures that were read, with the marks by which recipes know their files again.

use std::path::{Path, PathBuf};

use super::{InputRole, JobError};
use crate::dream::recipe::PictureMark;
use crate::files::digest::{sha256, sha256_of_file};
use crate::picture::{Picture, PictureError};

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
        let picture = Picture::open(path)?;
        Ok(Self::marked(path, picture, sha256_of_file(path).map_err(unread)?))
    }

    /// Decodes bytes that came from elsewhere; `name` is what messages call them.
    ///
    /// # Errors
    /// Those of [`Picture::decode`].
    pub fn bytes(bytes: &[u8], name: &str) -> Result<Self, PictureError> {
        Ok(Self::marked(Path::new(name), Picture::decode(bytes, name)?, sha256(bytes)))
    }

    fn marked(path: &Path, picture: Picture, sha256: String) -> Self {
        let mark = PictureMark { sha256, width: picture.width(), height: picture.height() };
        Self { path: path.to_owned(), picture, mark }
    }
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

//! Pictures that have been read, and the marks by which recipes identify their files.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{InputRole, JobError};
use crate::device::host;
use crate::dream::recipe::PictureMark;
use crate::extent::Extent;
use crate::files::digest::{sha256, sha256_of_file};
use crate::files::input::{is_stream, keep_stream};
use crate::picture::{MAX_FILE, Picture, PictureError, ReadOptions, WantedSize};

/// A picture, and how a recipe identifies it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its path, for messages.
    pub path: PathBuf,
    /// The picture, in the requested size.
    pub picture: Picture,
    /// How a recipe identifies it.
    pub mark: PictureMark,
}

impl Opened {
    /// Opens a file. The mark describes the picture in the file, whatever size it is read in.
    ///
    /// # Errors
    /// Those of [`Picture::open_as`].
    pub fn file(path: &Path, options: &ReadOptions) -> Result<Self, PictureError> {
        let unread = |source| PictureError::Read { path: path.to_owned(), source };
        if let Some(bytes) = stream(path)? {
            return Self::bytes(&bytes, path, options);
        }
        let opened = Picture::open_as(path, options)?;
        Ok(Self::marked(path, opened, sha256_of_file(path).map_err(unread)?))
    }

    /// Decodes bytes from another source; `name` is their name in messages.
    ///
    /// # Errors
    /// Those of [`Picture::decode_as`].
    pub fn bytes(bytes: &[u8], name: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, PictureError> {
        let name = name.as_ref();
        Ok(Self::marked(name, Picture::decode_as(bytes, name, options)?, sha256(bytes)))
    }

    /// The size of the picture in its file.
    pub fn size(&self) -> Extent {
        Extent::new(self.mark.height, self.mark.width)
    }

    fn marked(path: &Path, (picture, size): (Picture, Extent), sha256: String) -> Self {
        let mark = PictureMark { sha256, width: size.width, height: size.height };
        Self { path: path.to_owned(), picture, mark }
    }
}

/// The content of a pipe or a device, which can be read only once, if the path leads to one.
pub(super) fn stream(path: &Path) -> Result<Option<Vec<u8>>, PictureError> {
    if !is_stream(path) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = keep_stream(path, MAX_FILE).and_then(|mut kept| kept.read_to_end(&mut bytes));
    read.map(|_| Some(bytes)).map_err(|source| PictureError::Read { path: path.to_owned(), source })
}

/// The options for reading a picture into this computer's memory. The limit is a dream's memory limit, if there is
/// one, or the memory that is free now, if that is known and less.
pub fn read_options(size: WantedSize, memory_limit: Option<u64>) -> ReadOptions {
    let free = host().ok().and_then(|host| host.room());
    ReadOptions { size, memory: free.into_iter().chain(memory_limit).min() }
}

/// The picture that a recipe refers to, if the given one is the same.
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

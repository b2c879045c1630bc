//! Pictures that were read, with the marks by which recipes know their files again.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{InputRole, JobError};
use crate::device::host;
use crate::dream::recipe::PictureMark;
use crate::extent::Extent;
use crate::files::digest::{sha256, sha256_of_file};
use crate::files::input::{is_stream, keep_stream};
use crate::picture::{MAX_FILE, Picture, PictureError, ReadOptions, WantedSize};

/// A picture, and how a recipe names it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where it came from, for messages.
    pub path: PathBuf,
    /// The picture, in the size that was asked for.
    pub picture: Picture,
    /// Its mark.
    pub mark: PictureMark,
}

impl Opened {
    /// Opens a file. The mark is that of the picture as it lies there, whatever size it is read in.
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

    /// Decodes bytes that came from elsewhere; `name` is what messages call them.
    ///
    /// # Errors
    /// Those of [`Picture::decode_as`].
    pub fn bytes(bytes: &[u8], name: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, PictureError> {
        let name = name.as_ref();
        Ok(Self::marked(name, Picture::decode_as(bytes, name, options)?, sha256(bytes)))
    }

    /// The size of the picture where it lies.
    pub fn size(&self) -> Extent {
        Extent::new(self.mark.height, self.mark.width)
    }

    fn marked(path: &Path, (picture, size): (Picture, Extent), sha256: String) -> Self {
        let mark = PictureMark { sha256, width: size.width, height: size.height };
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

/// How a picture is read into the memory of this computer, of which a dream may have a limit; as much of it as
/// is free now, where that is known.
pub fn read_options(size: WantedSize, memory_limit: Option<u64>) -> ReadOptions {
    let free = host().ok().and_then(|host| host.room());
    ReadOptions { size, memory: free.into_iter().chain(memory_limit).min() }
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

//! Where a film goes, and how it is written.

use std::path::{Path, PathBuf};

use super::FilmError;
use super::animated::Animated;
use super::codec::{Codec, Encoding};
use super::container::Container;
use super::file_target::FileTarget;
use super::folder::Folder;

/// A place for a film.
#[derive(Clone, Debug)]
pub struct Target {
    path: PathBuf,
    pub(super) kind: Kind,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A file that ffmpeg writes.
    File(FileTarget),
    /// A folder that gets a picture for each frame.
    Folder(Folder),
    /// A picture that moves.
    Animated(Animated),
}

impl Target {
    /// A place whose name says what it is: a film by its ending, with this codec or the usual one, and with the sound or
    /// without; a GIF or an animated PNG; or a folder, which is there, or ends with a slash, or has a name with a place
    /// for numbers behind it (`dream/%05d.png`).
    ///
    /// # Errors
    /// The name says no format, or one that does not go with the rest.
    pub fn new(path: PathBuf, codec: Option<Codec>, crf: Option<u8>, sound: bool) -> Result<Self, FilmError> {
        let container = Container::of_path(&path).filter(|_| !Folder::is_named(&path));
        let kind = if let Some(container) = container {
            Kind::File(FileTarget::new(path.clone(), container, (codec, crf), sound)?)
        } else if let Some(folder) = Folder::of_path(&path)? {
            Kind::Folder(folder)
        } else if let Some(animated) = Animated::of_path(&path) {
            Kind::Animated(animated)
        } else {
            return Err(FilmError::Ending { path });
        };
        match kind {
            Kind::Folder(_) | Kind::Animated(_) if codec.is_some() || crf.is_some() => {
                Err(FilmError::NoCodec { path })
            }
            kind => Ok(Self { path, kind }),
        }
    }

    /// Where it goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the pictures are encoded, and whether the sound comes along, if it is a file of ffmpeg's.
    pub fn encoding(&self) -> Option<(Encoding, bool)> {
        match &self.kind {
            Kind::File(file) => Some((file.encoding, file.sound)),
            Kind::Folder(_) | Kind::Animated(_) => None,
        }
    }

    /// The folder in which a film's parts lie until it is whole, if it has any.
    pub fn part(&self) -> Option<PathBuf> {
        match &self.kind {
            Kind::File(file) => Some(file.part()),
            Kind::Folder(_) | Kind::Animated(_) => None,
        }
    }

    /// The same film in another folder, and without sound: to try it out.
    pub fn on_trial(&self, folder: &Path) -> Self {
        let path = folder.join(self.path.file_name().unwrap_or_default());
        let kind = match &self.kind {
            Kind::File(file) => Kind::File(file.on_trial(path.clone())),
            Kind::Folder(pictures) => Kind::Folder(pictures.on_trial(folder)),
            Kind::Animated(animated) => Kind::Animated(animated.on_trial(path.clone())),
        };
        Self { path, kind }
    }

    /// Says, before long work, whether a film can be written there.
    ///
    /// # Errors
    /// Nothing can be made there, or ffmpeg lacks the encoder.
    pub fn check(&self) -> Result<(), FilmError> {
        match &self.kind {
            Kind::File(file) => file.check(),
            Kind::Folder(folder) => folder.check(),
            Kind::Animated(animated) => animated.check(),
        }
    }
}

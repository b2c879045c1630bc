//! Where a film goes, and how it is written.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::FilmError;
use super::animated::Animated;
use super::codec::{Codec, Encoding};
use super::colour::Colour;
use super::container::Container;
use super::file_target::FileTarget;
use super::folder::Folder;
use super::outlet::Outlet;

/// A place for a film.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it goes, if that has a name.
    path: Option<PathBuf>,
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
    /// Another program that reads it from a pipe.
    Piped(Outlet),
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
            kind => Ok(Self { path: Some(path), kind }),
        }
    }

    /// A pipe, into which the frames go one by one, as NUT with raw pictures in RGB. It takes one film.
    pub fn piped(to: Box<dyn Write + Send>) -> Self {
        Self { path: None, kind: Kind::Piped(Outlet::new(to)) }
    }

    /// Where it goes; `None` for a pipe.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What of such pictures has no place there, for people.
    pub(super) fn losses(&self, colour: &Colour) -> Vec<String> {
        let encoding = self.encoding().map(|(encoding, _)| encoding);
        let keeps_alpha = match &self.kind {
            Kind::File(file) => file.encoding.keeps_alpha(),
            Kind::Folder(folder) => folder.keeps_alpha(),
            Kind::Animated(_) | Kind::Piped(_) => true,
        };
        let alpha = colour.alpha && !keeps_alpha;
        let is_lost = colour.mastering.is_known() && !encoding.is_some_and(Encoding::keeps_mastering);
        let light = match colour.hdr() {
            Some(name) if !encoding.is_some_and(Encoding::keeps_notes) => {
                Some(format!("there is no place to note that its light is {name}"))
            }
            Some(_) if is_lost => {
                Some("there is no place to note its mastering display and peak brightness".to_owned())
            }
            _ => None,
        };
        alpha.then(|| "its transparency is lost".to_owned()).into_iter().chain(light).collect()
    }

    /// How the pictures are encoded, and whether the sound comes along, if it is a file of ffmpeg's.
    pub fn encoding(&self) -> Option<(Encoding, bool)> {
        match &self.kind {
            Kind::File(file) => Some((file.encoding, file.sound)),
            Kind::Folder(_) | Kind::Animated(_) | Kind::Piped(_) => None,
        }
    }

    /// The folder in which a film's parts lie until it is whole, if it has any.
    pub fn part(&self) -> Option<PathBuf> {
        match &self.kind {
            Kind::File(file) => Some(file.part()),
            Kind::Folder(_) | Kind::Animated(_) | Kind::Piped(_) => None,
        }
    }

    /// The same film in another folder, and without sound: to try it out.
    pub fn on_trial(&self, folder: &Path) -> Self {
        let path = self.path.as_ref().map(|path| folder.join(path.file_name().unwrap_or_default()));
        let place = || path.clone().unwrap_or_default();
        let kind = match &self.kind {
            Kind::File(file) => Kind::File(file.on_trial(place())),
            Kind::Folder(pictures) => Kind::Folder(pictures.on_trial(folder)),
            Kind::Animated(animated) => Kind::Animated(animated.on_trial(place())),
            Kind::Piped(_) => Kind::Piped(Outlet::on_trial()),
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
            Kind::Piped(_) => Ok(()),
        }
    }
}

//! Where a film is written, and how.

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

/// A destination for a film.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its path, if it has one.
    path: Option<PathBuf>,
    pub(super) kind: Kind,
}

/// The kind of destination.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A file that ffmpeg writes.
    File(FileTarget),
    /// A folder that receives a picture for each frame.
    Folder(Folder),
    /// An animated picture.
    Animated(Animated),
    /// Another program that reads it from a pipe.
    Piped(Outlet),
}

impl Target {
    /// A destination that is determined by its name: a film, by its extension, with this codec or the default one,
    /// and with or without the sound; a GIF or an animated PNG; or a folder, which exists, or ends with a slash,
    /// or is followed by a pattern for numbered names (`dream/%05d.png`).
    ///
    /// # Errors
    /// The name does not determine a format, or determines one that does not fit the other options.
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

    /// A pipe that receives the frames one by one, as NUT with raw RGB pictures. It accepts one film.
    pub fn piped(to: Box<dyn Write + Send>) -> Self {
        Self { path: None, kind: Kind::Piped(Outlet::new(to)) }
    }

    /// Its path; `None` for a pipe.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Remarks for people on what the target cannot keep of such pictures.
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

    /// How the pictures are encoded, and whether the sound is included, if ffmpeg writes a file.
    pub fn encoding(&self) -> Option<(Encoding, bool)> {
        match &self.kind {
            Kind::File(file) => Some((file.encoding, file.sound)),
            Kind::Folder(_) | Kind::Animated(_) | Kind::Piped(_) => None,
        }
    }

    /// The folder that holds a film's parts until it is complete, if it has one.
    pub fn part(&self) -> Option<PathBuf> {
        match &self.kind {
            Kind::File(file) => Some(file.part()),
            Kind::Folder(_) | Kind::Animated(_) | Kind::Piped(_) => None,
        }
    }

    /// The same target in a different folder and without sound, for a trial.
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

    /// Checks, before any long work, whether a film can be written there.
    ///
    /// # Errors
    /// Nothing can be created there, or ffmpeg lacks the encoder.
    pub fn check(&self) -> Result<(), FilmError> {
        match &self.kind {
            Kind::File(file) => file.check(),
            Kind::Folder(folder) => folder.check(),
            Kind::Animated(animated) => animated.check(),
            Kind::Piped(_) => Ok(()),
        }
    }
}

//! Where a film goes, and how it is written.

use std::path::{Path, PathBuf};

use super::FilmError;
use super::codec::{Codec, Encoding};
use super::companion::{Companion, Way};
use super::container::Container;
use super::probe::Source;
use super::programs::Programs;
use crate::files::output::Output;

/// A file that a film is written into.
#[derive(Clone, Debug)]
pub struct Target {
    pub(super) path: PathBuf,
    pub(super) container: Container,
    pub(super) encoding: Encoding,
    /// Whether the sound comes along.
    sound: bool,
}

impl Target {
    /// A file whose name says what it is, with this codec or the usual one, and with the sound or without.
    ///
    /// # Errors
    /// The name says no format, or one that does not go with the rest.
    pub fn new(path: PathBuf, codec: Option<Codec>, crf: Option<u8>, sound: bool) -> Result<Self, FilmError> {
        let Some(container) = Container::of_path(&path) else { return Err(FilmError::Ending { path }) };
        let encoding = Encoding::new(container, codec, crf)?;
        Ok(Self { path, container, encoding, sound })
    }

    /// Where it goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says, before long work, whether a film can be written there.
    ///
    /// # Errors
    /// No file can be made there, or ffmpeg lacks the encoder.
    pub fn check(&self, programs: &Programs) -> Result<(), FilmError> {
        drop(Output::at(&self.path)?);
        let (encoder, purpose) = self.encoding.encoder();
        programs.check_part("encoder", encoder, purpose)
    }

    /// Finds out what becomes of all that is in a film beside the pictures.
    pub(super) fn settle(
        &self,
        programs: &Programs,
        source: &Source,
        out: &Output,
    ) -> Result<Vec<(Companion, Way)>, FilmError> {
        let trial = out.beside()?;
        let settle = |companion: &Companion| match self.sound || !companion.is_sound() {
            false => Ok((companion.clone(), Way::LeftOut)),
            true => companion
                .settle(programs, &source.path, self.container, trial.path())
                .map(|way| (companion.clone(), way)),
        };
        source.companions.iter().map(settle).collect()
    }

    /// What there is to say of what becomes of them.
    pub(super) fn remarks(&self, settled: &[(Companion, Way)]) -> Vec<String> {
        let wanted = settled.iter().filter(|(companion, _)| self.sound || !companion.is_sound());
        wanted.filter_map(|(companion, way)| companion.remark(*way)).collect()
    }
}

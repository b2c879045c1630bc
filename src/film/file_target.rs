//! A file that ffmpeg writes a film to.

use std::path::{Path, PathBuf};

use super::FilmError;
use super::codec::{Codec, Encoding};
use super::colour::Colour;
use super::companion::{Companion, Way};
use super::container::Container;
use super::probe::Footage;
use super::programs::Programs;
use super::segment::part_of;
use crate::files::output::{Output, temporary};

/// A file that a film is written to.
#[derive(Clone, Debug)]
pub(super) struct FileTarget {
    /// The programs that write it.
    pub(super) programs: Programs,
    pub(super) path: PathBuf,
    pub(super) container: Container,
    pub(super) encoding: Encoding,
    /// Whether the sound is included.
    pub(super) sound: bool,
}

impl FileTarget {
    /// A file of this format, with this codec or the default one, and with or without the sound.
    ///
    /// # Errors
    /// The options do not fit together, or there is no ffmpeg.
    pub(super) fn new(
        path: PathBuf,
        container: Container,
        (codec, crf): (Option<Codec>, Option<u8>),
        sound: bool,
    ) -> Result<Self, FilmError> {
        let encoding = Encoding::new(container, codec, crf)?;
        Ok(Self { programs: Programs::find()?, path, container, encoding, sound })
    }

    /// The same target at a different path and without sound.
    pub(super) fn on_trial(&self, path: PathBuf) -> Self {
        Self { path, sound: false, ..self.clone() }
    }

    /// Checks, before any long work, whether a film can be written there.
    ///
    /// # Errors
    /// No file can be created there, or ffmpeg lacks the encoder.
    pub(super) fn check(&self) -> Result<(), FilmError> {
        drop(Output::at(&self.path)?);
        let (encoder, purpose) = self.encoding.encoder();
        self.programs.check_part("encoder", encoder, purpose)
    }

    /// The folder next to it, on the same disk, that holds its parts until it is complete.
    pub(super) fn part(&self) -> PathBuf {
        part_of(&self.path)
    }

    /// Determines what is done with all of a film's other streams, by trying it in this folder.
    pub(super) fn settle(
        &self,
        footage: &Footage,
        folder: &Path,
    ) -> Result<Vec<(Companion, Way)>, FilmError> {
        let trial = temporary(folder, &self.path)?;
        let settle = |companion: &Companion| match self.sound || !companion.is_sound() {
            false => Ok((companion.clone(), Way::LeftOut)),
            true => companion
                .settle(&self.programs, &footage.path, self.container, trial.path())
                .map(|way| (companion.clone(), way)),
        };
        footage.companions.iter().map(settle).collect()
    }

    /// The colours as this encoding can represent them.
    pub(super) fn fitting(&self, colour: &Colour) -> Colour {
        let mut fitting = colour.clone();
        fitting.alpha &= self.encoding.keeps_alpha();
        fitting
    }

    /// Remarks on what is done with the other streams.
    pub(super) fn remarks(&self, settled: &[(Companion, Way)]) -> Vec<String> {
        let wanted = settled.iter().filter(|(companion, _)| self.sound || !companion.is_sound());
        wanted.filter_map(|(companion, way)| companion.remark(*way)).collect()
    }
}

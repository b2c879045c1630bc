//! The output of a dream: the file or the bytes that it ends as, and what is saved while it is dreamed.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{JobError, Wish};
use crate::dream::per_octave::MOST_OCTAVES;
use crate::dream::recipe::FileMark;
use crate::extent::Extent;
use crate::picture::{Format, Picture, PictureError, SaveOptions, beside};

/// Where a picture goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To a file.
    File(PathBuf),
    /// To the caller, encoded.
    Bytes {
        /// Its name in messages.
        name: String,
    },
    /// To the caller, as a picture only.
    Nowhere,
}

/// When the unfinished picture is shown.
#[derive(Clone, Debug, Default)]
pub enum Previews {
    /// Never.
    #[default]
    Never,
    /// After every octave.
    Octaves,
    /// About every this many iterations of an octave. The dream does not wait for the preview.
    Iterations(usize),
    /// Soon after each wish. The dream does not wait for the preview.
    Wished(Wish),
}

/// What is done with a dream.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Where it goes.
    pub to: Destination,
    /// How it is encoded.
    pub file: FileMark,
    /// A folder that is created for the file.
    pub folder: Option<PathBuf>,
    /// Whether an unfinished dream is delivered if it is cancelled.
    pub part: bool,
    /// A checkpoint to resume from, rewritten after every octave.
    pub checkpoint: Option<PathBuf>,
    /// A folder that is created for the pictures after every octave.
    pub steps: Option<PathBuf>,
    /// When the unfinished picture is shown, as an event.
    pub previews: Previews,
    /// Files that are read for the dream, which none of its files may replace.
    pub reads: Vec<PathBuf>,
}

impl Delivery {
    /// Delivers only the picture, to the caller.
    pub fn nowhere() -> Self {
        Self::to(Destination::Nowhere, FileMark { format: Format::Png, depth: None, quality: None })
    }

    /// Delivers a picture to this destination in this encoding, with nothing saved along the way.
    pub fn to(to: Destination, file: FileMark) -> Self {
        let (folder, checkpoint, steps) = (None, None, None);
        Self {
            to,
            file,
            folder,
            part: false,
            checkpoint,
            steps,
            previews: Previews::Never,
            reads: Vec::new(),
        }
    }

    /// Checks, before any long work, whether a picture can be delivered in this way, and that no input would be
    /// replaced.
    ///
    /// # Errors
    /// Those of [`SaveOptions::check`], and [`JobError::Overwrites`].
    pub fn check(&self) -> Result<(), JobError> {
        let options = save_options(&self.file, Some(""));
        match &self.to {
            Destination::File(path) if self.folder.is_none() => options.check(path)?,
            Destination::File(path) => drop(options.format_for(path)?),
            Destination::Bytes { name } => drop(options.format_for(name)?),
            Destination::Nowhere => {}
        }
        self.written().try_for_each(|file| keep_inputs(&self.reads, &file))?;
        self.to.file().map_or(Ok(()), |file| keep_inputs(&self.checkpoint, file))
    }

    /// Checks, before any long work, whether a picture of this size can be delivered.
    pub(super) fn check_size(&self, size: Extent) -> Result<(), PictureError> {
        let options = save_options(&self.file, None);
        match &self.to {
            Destination::File(path) => options.check_size(path, size),
            Destination::Bytes { name } => options.check_size(name, size),
            Destination::Nowhere => Ok(()),
        }
    }

    /// Every file that may be written.
    fn written(&self) -> impl Iterator<Item = PathBuf> {
        let out = self.to.file().into_iter().flat_map(|file| [file.to_owned(), beside(file)]);
        let steps = self.steps.iter().flat_map(|folder| (1..=MOST_OCTAVES).map(|done| step_in(folder, done)));
        out.chain(self.checkpoint.clone()).chain(steps)
    }

    /// Creates the folders, and checks whether the picture can be delivered.
    pub(super) fn prepare(&self) -> Result<(), JobError> {
        self.folder.iter().chain(&self.steps).try_for_each(|folder| {
            let unmade = |source| JobError::Folder { folder: folder.clone(), source };
            std::fs::create_dir_all(folder).map_err(unmade)
        })?;
        // A file in a folder that did not exist could not be checked before.
        match (&self.to, &self.folder) {
            (Destination::File(path), Some(_)) => Ok(save_options(&self.file, Some("")).check(path)?),
            _ => Ok(()),
        }
    }

    /// Delivers a picture with its recipe. Returns the bytes, if they are wanted.
    pub(super) fn deliver(&self, picture: &Picture, recipe: &str) -> Result<Option<Vec<u8>>, PictureError> {
        let options = save_options(&self.file, Some(recipe));
        match &self.to {
            Destination::File(path) => picture.save_as(path, &options).map(|()| None),
            Destination::Bytes { name } => picture.encode(name, &options).map(Some),
            Destination::Nowhere => Ok(None),
        }
    }
}

impl Destination {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Bytes { .. } | Self::Nowhere => None,
        }
    }

    /// The absolute path of the file, or `-`, for a checkpoint.
    pub(super) fn absolute(&self) -> Result<PathBuf, JobError> {
        let Self::File(path) = self else { return Ok(PathBuf::from("-")) };
        std::path::absolute(path).map_err(|source| JobError::Place { path: path.clone(), source })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Bytes { name } => formatter.write_str(name),
            Self::Nowhere => formatter.write_str("no file"),
        }
    }
}

/// Rejects an output that is also one of the inputs, by whatever path: the input would be lost.
///
/// # Errors
/// [`JobError::Overwrites`].
pub fn keep_inputs<'a>(inputs: impl IntoIterator<Item = &'a PathBuf>, output: &Path) -> Result<(), JobError> {
    let Ok(existing) = output.canonicalize() else { return Ok(()) };
    let is_output = |input: &&PathBuf| input.canonicalize().is_ok_and(|path| path == existing);
    match inputs.into_iter().find(is_output) {
        None => Ok(()),
        Some(input) => Err(JobError::Overwrites { output: output.to_owned(), input: input.clone() }),
    }
}

/// The path of the picture after this many octaves.
pub(super) fn step_in(folder: &Path, done: usize) -> PathBuf {
    folder.join(format!("octave-{done:02}.png"))
}

/// The options for encoding a file, with the recipe in it.
pub(super) fn save_options<'a>(file: &FileMark, recipe: Option<&'a str>) -> SaveOptions<'a> {
    SaveOptions { format: Some(file.format), depth: file.depth, quality: file.quality, recipe }
}

/// The same encoding for another destination, whose extension may require a different format.
pub fn file_under(file: &FileMark, to: &Destination) -> FileMark {
    match to.file().and_then(Format::of_path) {
        Some(format) if format != file.format => FileMark { format, depth: None, quality: None },
        _ => file.clone(),
    }
}

//! What is saved next to a film while it is dreamed, so that it can be continued after any interruption.
//!
//! In the folder `OUT.part`:
//! * `film.json`: the film's recipe as far as it is dreamed, and the paths of the files that it is dreamed from;
//! * `000001.mp4` and so on: the finished segments, with pictures only;
//! * `000001.safetensors`: what is carried from that segment into the next, if a shot continues there: `last`, its
//!   last frame of the source (RGB 0 to 255), and what [`Kept`] holds;
//! * `lock`, which is held by the program working there.
//!
//! Each file is first written under a temporary name, and `film.json` is written last. Files that it does not name
//! are ignored.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};

use crate::carry::Kept;
use crate::dream::recipe::{FilmMark, Recipe};
use crate::files::input::read_whole;
use crate::files::output::{Output, OutputError, TEMPORARY};
use crate::picture::tensors::floats;
use crate::picture::{Depth, MAX_PIXELS, Picture};
use crate::studio::JobError;

const NOTE: &str = "film.json";
/// Held by the process that is working there.
const LOCK: &str = "lock";
const LAST: &str = "last";
/// Far more than any recipe needs.
const LARGEST_NOTE: u64 = 256 << 20;
/// Two pictures of floats, and as much again for the rest.
const LARGEST_KEPT: u64 = 96 * MAX_PIXELS as u64;

/// The paths of a film's inputs, valid from any working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmInputs {
    /// The film, or the pictures that it is made of.
    pub film: PathBuf,
    /// The weights, if they are a file.
    pub weights: Option<PathBuf>,
    /// The picture to dream after.
    pub guide: Option<PathBuf>,
    /// The picture to be like.
    pub like: Option<PathBuf>,
    /// The masks, by number.
    pub masks: Vec<PathBuf>,
}

impl FilmInputs {
    /// All files that are read besides the film.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let Self { weights, guide, like, masks, .. } = self;
        weights.iter().chain(guide).chain(like).chain(masks).map(PathBuf::as_path)
    }
}

/// What `film.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    pub(super) recipe: Recipe,
    pub(super) inputs: FilmInputs,
}

/// The state folder of a film in progress. If this is dropped before there is anything to continue from, the
/// folder is removed.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    inputs: FilmInputs,
    stays: bool,
    /// Released when the program ends, in whatever way.
    lock: Option<File>,
}

impl State {
    /// Whether this folder contains a state.
    pub(super) fn lies_in(folder: &Path) -> bool {
        folder.join(NOTE).is_file()
    }

    /// Begins a new state, replacing any that is there.
    pub(super) fn begin(folder: PathBuf, recipe: &Recipe, inputs: &FilmInputs) -> Result<Self, JobError> {
        fs::create_dir_all(&folder).map_err(|source| JobError::Folder { folder: folder.clone(), source })?;
        let lock = locked(&folder)?;
        clear(&folder, |name| is_ours(name) && name != LOCK);
        let state = Self { folder, inputs: inputs.clone(), stays: false, lock };
        state.note(recipe)?;
        Ok(state)
    }

    /// Continues with an existing state.
    pub(super) fn take_up(folder: PathBuf, inputs: FilmInputs) -> Result<Self, JobError> {
        let lock = locked(&folder)?;
        // The process that wrote there may have been stopped at any moment.
        clear(&folder, |name| name.starts_with(TEMPORARY));
        Ok(Self { folder, inputs, stays: true, lock })
    }

    /// From now on the folder outlives the program.
    pub(super) fn stay(&mut self) {
        self.stays = true;
    }

    /// The film is complete, so the folder is no longer needed.
    pub(super) fn end(mut self) {
        self.stays = false;
    }

    /// Saves what there is after a segment: the `recipe` lists the segments, and `going` is what continues.
    pub(super) fn keep(&self, recipe: &Recipe, going: Option<(&Picture, Kept)>) -> Result<(), JobError> {
        let done = recipe.film.as_ref().map_or(0, |film| film.segments.len());
        if let Some((last, kept)) = going {
            let path = kept_in(&self.folder, done);
            let bytes = to_bytes(last, &kept)
                .map_err(|error| OutputError::Write { path: path.clone(), reason: error.to_string() })?;
            write(&path, &bytes)?;
        }
        self.note(recipe)?;
        // What was carried into the segment just finished. There may be no such file.
        let _ = fs::remove_file(kept_in(&self.folder, done.saturating_sub(1)));
        Ok(())
    }

    fn note(&self, recipe: &Recipe) -> Result<(), JobError> {
        let recipe = Recipe { complete: false, ..recipe.clone() };
        let note = Note { recipe, inputs: self.inputs.clone() };
        let path = self.folder.join(NOTE);
        let text = serde_json::to_vec_pretty(&note)
            .map_err(|error| OutputError::Write { path: path.clone(), reason: error.to_string() })?;
        write(&path, &text)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        drop(self.lock.take());
        if !self.stays {
            clear(&self.folder, is_ours);
            // Other files in the folder belong to someone else, so it is only removed if it is empty.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Locks the folder for this program for as long as it runs, on systems that support that.
fn locked(folder: &Path) -> Result<Option<File>, JobError> {
    let path = folder.join(LOCK);
    let lock = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.map_err(|error| OutputError::Write { path, reason: error.to_string() })?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let reason = "another program is working on it right now".to_owned();
            Err(JobError::State { folder: folder.to_owned(), reason })
        }
        held => Ok(held.is_ok().then_some(lock)),
    }
}

/// Reads the note in a folder.
pub(super) fn read_note(folder: &Path) -> Result<Note, String> {
    let bytes = read_whole(&folder.join(NOTE), LARGEST_NOTE).map_err(|error| format!("{NOTE}: {error}"))?;
    let note: Note = serde_json::from_slice(&bytes).map_err(|error| format!("{NOTE}: {error}"))?;
    if note.recipe.film.is_some() { Ok(note) } else { Err(format!("{NOTE} belongs to no film")) }
}

/// Reads what continues after the finished segments of a film, if anything does.
pub(super) fn read_kept(folder: &Path, film: &FilmMark) -> Result<Option<(Picture, Kept)>, String> {
    let path = kept_in(folder, film.segments.len());
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_whole(&path, LARGEST_KEPT).map_err(|error| error.to_string())?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
    let of = |name: &str| {
        let tensor = tensors.tensor(name).map_err(|_| format!("it holds no tensor '{name}'"))?;
        floats(name, &tensor, tensor.shape().iter().product())
    };
    let moved = of("moved")?.try_into().map_err(|_| "'moved' has two numbers".to_owned())?;
    let [finest] = of("finest")?.try_into().map_err(|_| "'finest' has one number".to_owned())?;
    let kept = Kept { residual: of("residual")?, aim: of("aim")?, usual: of("usual")?, finest, moved };
    // What it is used for does not depend on its original bit depth.
    Ok(Some((Picture::from_tensors(&tensors, LAST, Depth::Eight)?, kept)))
}

fn kept_in(folder: &Path, segments: usize) -> PathBuf {
    folder.join(format!("{segments:06}.safetensors"))
}

fn to_bytes(last: &Picture, kept: &Kept) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let Kept { residual, aim, usual, finest, moved } = kept;
    let mut tensors = last.tensors(LAST);
    let maps: [(&str, &[f32]); 5] =
        [("residual", residual), ("aim", aim), ("usual", usual), ("finest", &[*finest]), ("moved", moved)];
    for (name, cells) in maps {
        tensors.push((name.to_owned(), Dtype::F32, vec![cells.len()], bytemuck::cast_slice(cells)));
    }
    let mut views = Vec::new();
    for (name, dtype, shape, bytes) in tensors {
        views.push((name, TensorView::new(dtype, shape, bytes)?));
    }
    serialize(views, None)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    Output::at(path)?.fill(|file| file.write_all(bytes).map_err(|error| error.to_string()))?;
    Ok(())
}

/// Whether a file in the folder was written by a film's dream.
fn is_ours(name: &str) -> bool {
    let numbered = name.split_once('.').is_some_and(|(number, ending)| {
        number.len() >= 6
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && ["mp4", "safetensors"].contains(&ending)
    });
    numbered || [NOTE, LOCK].contains(&name) || name.starts_with(TEMPORARY)
}

/// Removes the matching files from a folder, as far as possible.
fn clear(folder: &Path, is_meant: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(&is_meant) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_put_there_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let ours = [NOTE, LOCK, "000001.mp4", "1000000.mp4", "000012.safetensors", ".puppyslug-a1"];
        let others = ["1.mp4", "000001.mkv", "film.json.bak", "holidays.mp4"];
        for name in ours.iter().chain(&others) {
            fs::write(folder.path().join(name), "").expect("written");
        }
        clear(folder.path(), is_ours);
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        left.sort();
        assert_eq!(left, ["000001.mkv", "1.mp4", "film.json.bak", "holidays.mp4"]);
    }
}

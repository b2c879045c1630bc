//! Many pictures in one run: files and whole folders, where one bad file does not stop the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::room::lock;
use super::{Cancel, Ending, JobError, Objection, Readers, Request, Room};
use crate::files::input::is_stream;
use crate::picture::{is_picture, is_shadow};

/// Where the dreams of many pictures go, and how many dreams of each picture are made.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The folder for all dreams. Its structure is that of the pictures' folders.
    pub folder: PathBuf,
    /// The extension of their file names.
    pub extension: &'static str,
    /// Whether pictures are skipped if their dream already exists.
    pub skip_existing: bool,
    /// How many dreams run at a time, if memory permits.
    pub jobs: usize,
    /// How many different dreams are made of each picture; one plain dream if `None`.
    pub variants: Option<usize>,
}

/// One picture to dream over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The picture.
    pub source: PathBuf,
    /// The path of its dream.
    pub out: PathBuf,
    /// Its path relative to what was given.
    pub name: String,
    /// The number of the dream among several of the same picture, from 1.
    pub variant: Option<usize>,
}

/// What a batch reports.
#[derive(Debug)]
pub enum Report<'a> {
    /// A picture is done.
    Dreamed {
        /// The task.
        task: &'a Task,
        /// How many are done, skipped or failed so far.
        number: usize,
        /// The total number.
        of: usize,
    },
    /// A picture cannot be dreamed over.
    Failed {
        /// Its path.
        source: &'a Path,
        /// Why.
        error: JobError,
    },
}

/// How a batch went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Dreams made.
    pub dreamed: usize,
    /// Pictures whose dream already existed.
    pub skipped: usize,
    /// Pictures that could not be dreamed over.
    pub failed: usize,
}

impl Tally {
    fn sum(self) -> usize {
        self.dreamed + self.skipped + self.failed
    }
}

/// Pictures that cannot be dreamed over, and why.
type Refused = Vec<(PathBuf, Objection)>;

impl Batch {
    /// Does all the work for these files and folders. `request` makes the request for each picture, which it opens
    /// through the readers.
    pub fn run(
        &self,
        inputs: &[PathBuf],
        room: &Arc<Room>,
        cancel: &Cancel,
        request: &(dyn Fn(&Task, &Readers) -> Result<Request, JobError> + Sync),
        tell: &(dyn Fn(Report<'_>) + Sync),
    ) -> Tally {
        let (tasks, refused) = self.tasks(inputs);
        let of = tasks.len() + refused.len();
        let tally = Mutex::new(Tally { failed: refused.len(), ..Tally::default() });
        for (source, objection) in refused {
            tell(Report::Failed { source: &source, error: objection.into() });
        }
        let next = AtomicUsize::new(0);
        let jobs = self.jobs.min(tasks.len());
        let readers = Readers::new(jobs);
        let work = || {
            let mut seat = room.seat();
            while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                if cancel.is_cancelled() {
                    break;
                }
                if self.skip_existing && task.out.exists() {
                    lock(&tally).skipped += 1;
                    continue;
                }
                let ending = request(task, &readers).and_then(|it| it.run(&mut seat, cancel, &mut |_| ()));
                let mut tally = lock(&tally);
                match ending {
                    Ok(Ending::Done(_)) => {
                        tally.dreamed += 1;
                        tell(Report::Dreamed { task, number: tally.sum(), of });
                    }
                    Ok(Ending::Stopped(_)) => {}
                    // A failure after cancellation counts as stopped.
                    Err(_) if cancel.is_cancelled() => {}
                    Err(error) => {
                        tally.failed += 1;
                        tell(Report::Failed { source: &task.source, error });
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..jobs {
                // If the system permits no more threads, fewer dreams run at a time.
                let _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
        *lock(&tally)
    }

    /// All tasks, and the pictures that cannot be dreamed over.
    fn tasks(&self, inputs: &[PathBuf]) -> (Vec<Task>, Refused) {
        let (found, mut refused) = self.find(inputs);
        let sources: BTreeSet<PathBuf> =
            found.iter().filter_map(|(path, _)| path.canonicalize().ok()).collect();
        let mut taken: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut tasks = Vec::new();
        for (source, name) in found {
            for variant in self.variants() {
                let out = self.folder.join(dream_of(&name, variant, self.extension));
                // A picture given twice is dreamed once.
                if taken.get(&out).is_some_and(|other| is_same(other, &source)) {
                    continue;
                }
                if let Some(objection) = self.objection(&out, &taken, &sources) {
                    refused.push((source.clone(), objection));
                    continue;
                }
                taken.insert(out.clone(), source.clone());
                let name = name.to_string_lossy().into_owned();
                tasks.push(Task { source: source.clone(), out, name, variant });
            }
        }
        (tasks, refused)
    }

    /// Every picture, and its path relative to what was given.
    fn find(&self, inputs: &[PathBuf]) -> (Vec<(PathBuf, PathBuf)>, Refused) {
        let (mut found, mut refused) = (Vec::new(), Vec::new());
        for input in inputs {
            if is_same(input, &self.folder) {
                refused.push((input.clone(), Objection::AmongPictures));
            } else if input.is_dir() {
                walk(input, Path::new(""), &self.folder, &mut found, &mut refused);
            } else {
                found.push((input.clone(), input.file_name().map(PathBuf::from).unwrap_or_default()));
            }
        }
        (found, refused)
    }

    /// Why a dream cannot be written there: another one goes there, or it would replace a picture that is to be
    /// dreamed over.
    fn objection(
        &self,
        out: &Path,
        taken: &BTreeMap<PathBuf, PathBuf>,
        sources: &BTreeSet<PathBuf>,
    ) -> Option<Objection> {
        if let Some(other) = taken.get(out) {
            return Some(Objection::Taken { out: out.to_owned(), other: other.clone() });
        }
        let replaces = !self.skip_existing && out.canonicalize().is_ok_and(|out| sources.contains(&out));
        replaces.then(|| Objection::Replaces { out: out.to_owned() })
    }

    fn variants(&self) -> Vec<Option<usize>> {
        self.variants.map_or(vec![None], |count| (1..=count).map(Some).collect())
    }
}

/// The path of a picture's dream, relative to the folder for all dreams.
fn dream_of(name: &Path, variant: Option<usize>, extension: &str) -> PathBuf {
    let mut file: OsString = name.file_stem().unwrap_or(OsStr::new("picture")).to_owned();
    match variant {
        None => file.push(format!("-dream.{extension}")),
        Some(number) => file.push(format!("-{number}.{extension}")),
    }
    name.with_file_name(file)
}

/// Whether two paths lead to the same place.
fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Every picture in a folder and its subfolders, with its path relative to the folder, sorted by name.
pub(super) fn pictures_in(folder: &Path) -> (Vec<(PathBuf, PathBuf)>, Refused) {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    walk(folder, Path::new(""), Path::new(""), &mut found, &mut refused);
    (found, refused)
}

/// Collects every picture in a folder and its subfolders, sorted by name, except in the folder for the dreams.
fn walk(root: &Path, inside: &Path, out: &Path, found: &mut Vec<(PathBuf, PathBuf)>, refused: &mut Refused) {
    let folder = root.join(inside);
    if is_same(&folder, out) {
        return;
    }
    let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return refused.push((folder, Objection::Unlistable(error))),
    };
    // The order in which a system lists a folder is arbitrary.
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = inside.join(entry.file_name());
        // Links are not followed, because a link to a folder may lead back here.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(root, &name, out, found, refused);
        // A pipe in a folder is not a picture, and reading it might never end.
        } else if is_picture(&name) && !is_stream(&root.join(&name)) && !is_shadow(root.join(&name)) {
            found.push((root.join(&name), name));
        }
    }
}

//! Many pictures in one go: files and whole folders, of which no bad one stops the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use clap::Args;

use super::pictures::is_stream;
use super::room::{Room, Seat, lock};
use super::{Failure, say, with_ending};
use crate::picture::is_readable;
use crate::settings::form::parse_whole;

/// Which pictures, and where their dreams go.
#[derive(Args)]
pub(super) struct BatchArguments {
    /// Dream over every picture given and every one in the folders given; the dreams go into this folder, laid
    /// out as the pictures are
    #[arg(long, value_name = "FOLDER", help_heading = "Many pictures", conflicts_with = "out")]
    pub(super) out_dir: Option<PathBuf>,

    /// Leave out pictures whose dream is there already
    #[arg(long, help_heading = "Many pictures", requires = "out_dir", conflicts_with = "out")]
    skip_existing: bool,

    /// How many dreams run at a time; fewer while the device has no room for as many
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Many pictures", requires = "out_dir",
          conflicts_with = "out", value_parser = parse_count, allow_negative_numbers = true)]
    jobs: usize,

    /// N dreams of each picture, NAME-1 to NAME-N: layer, octaves, iterations, step and shifts of each are drawn
    /// by --seed, apart from those that are given
    #[arg(long, value_name = "N", help_heading = "Many pictures", requires = "out_dir",
          conflicts_with = "out", value_parser = parse_count, allow_negative_numbers = true)]
    augment: Option<usize>,
}

fn parse_count(text: &str) -> Result<usize, String> {
    match parse_whole(text)? {
        count @ 1..=1000 => Ok(count),
        _ => Err("a number from 1 to 1000 is needed".to_owned()),
    }
}

/// One picture to dream over.
pub(super) struct Task {
    pub(super) source: PathBuf,
    pub(super) out: PathBuf,
    /// Its path within what was given.
    pub(super) name: String,
    /// Which of several dreams of it, from 1.
    pub(super) variant: Option<usize>,
}

/// How the tasks went.
#[derive(Default)]
struct Tally {
    dreamed: usize,
    skipped: usize,
    failed: usize,
}

impl BatchArguments {
    /// Whatever is to be dreamed; what cannot be is said and counted.
    fn tasks(&self, folder: &Path, inputs: &[PathBuf], extension: &str, tally: &mut Tally) -> Vec<Task> {
        let mut found = Vec::new();
        for input in inputs {
            if is_same(input, folder) {
                tally.fail(input, "the dreams would go among the pictures; choose another folder for them");
            } else if input.is_dir() {
                walk(input, Path::new(""), folder, &mut found, tally);
            } else {
                found.push((input.clone(), input.file_name().map(PathBuf::from).unwrap_or_default()));
            }
        }
        let sources: BTreeSet<PathBuf> =
            found.iter().filter_map(|(path, _)| path.canonicalize().ok()).collect();
        let mut taken: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut tasks = Vec::new();
        for (source, name) in found {
            for variant in self.variants() {
                let out = folder.join(named(&name, variant, extension));
                // Given twice, dreamed once.
                if taken.get(&out).is_some_and(|other| is_same(other, &source)) {
                    continue;
                }
                if let Some(objection) = self.objection(&out, &taken, &sources) {
                    tally.fail(&source, &objection);
                    continue;
                }
                taken.insert(out.clone(), source.clone());
                let name = name.to_string_lossy().into_owned();
                tasks.push(Task { source: source.clone(), out, name, variant });
            }
        }
        tasks
    }

    /// Why a dream cannot go there: another one does, or it would replace a picture that is to be dreamed over.
    fn objection(
        &self,
        out: &Path,
        taken: &BTreeMap<PathBuf, PathBuf>,
        sources: &BTreeSet<PathBuf>,
    ) -> Option<String> {
        let name = out.display();
        if let Some(other) = taken.get(out) {
            return Some(format!("'{name}' is the dream of '{}'; dream it on its own", other.display()));
        }
        let replaces = !self.skip_existing && out.canonicalize().is_ok_and(|out| sources.contains(&out));
        replaces.then(|| format!("its dream would replace '{name}', which is to be dreamed over"))
    }

    fn variants(&self) -> Vec<Option<usize>> {
        self.augment.map_or(vec![None], |count| (1..=count).map(Some).collect())
    }

    /// Does all the work there is: `dream` makes one picture.
    pub(super) fn run<'a, D>(
        &self,
        folder: &Path,
        inputs: &[PathBuf],
        extension: &str,
        interrupted: &AtomicBool,
        room: &'a Room<'a>,
        dream: D,
    ) -> Result<(), Failure>
    where
        D: Fn(&Task, &mut Seat<'a>) -> Result<(), Failure> + Sync,
    {
        if let Some(stream) = inputs.iter().find(|input| is_stream(input)) {
            let stream = stream.display();
            return Err(Failure::usage(format_args!("--out-dir takes files and folders, and no '{stream}'")));
        }
        let mut tally = Tally::default();
        let tasks = self.tasks(folder, inputs, extension, &mut tally);
        let all = tasks.len() + tally.failed;
        let tally = Mutex::new(tally);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut seat = room.seat();
            while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                if interrupted.load(Ordering::Relaxed) {
                    break;
                }
                let skipped = self.skip_existing && task.out.exists();
                let done = if skipped { Ok(()) } else { dream(task, &mut seat) };
                let mut tally = lock(&tally);
                match done {
                    Ok(()) if skipped => tally.skipped += 1,
                    Ok(()) => tally.dream(task, all),
                    // What was stopped has not failed.
                    Err(_) if interrupted.load(Ordering::Relaxed) => {}
                    Err(failure) => tally.fail(&task.source, &failure.message),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.jobs.min(tasks.len()) {
                scope.spawn(work);
            }
            work();
        });
        let tally = lock(&tally);
        tally.conclude(interrupted.load(Ordering::Relaxed), folder)
    }
}

impl Tally {
    fn dream(&mut self, task: &Task, all: usize) {
        self.dreamed += 1;
        let number = self.dreamed + self.skipped + self.failed;
        say(format_args!("[{number}/{all}] {}", task.out.display()));
    }

    fn fail(&mut self, source: &Path, message: &str) {
        self.failed += 1;
        let line = format!("failed: '{}': {message}", source.display());
        say(super::in_one_line(&line));
    }

    fn conclude(&self, interrupted: bool, folder: &Path) -> Result<(), Failure> {
        let Self { dreamed, skipped, failed } = self;
        let mut summary = format!("{dreamed} dreamed");
        if *skipped > 0 {
            summary += &format!(", {skipped} there already");
        }
        if *failed > 0 {
            summary += &format!(", {failed} failed");
        }
        if dreamed + skipped + failed == 0 && !interrupted {
            return Err(Failure { message: "there is no picture in what was given".to_owned(), code: 1 });
        }
        if interrupted {
            let message = format!("stopped by Ctrl-C: {summary}; --skip-existing goes on from there");
            return Err(Failure { message, code: 1 });
        }
        match failed {
            0 => {
                say(format_args!("{summary}, in {}", folder.display()));
                Ok(())
            }
            _ => Err(Failure { message: summary, code: 1 }),
        }
    }
}

/// Where a picture's dream goes, within the folder for all.
fn named(name: &Path, variant: Option<usize>, extension: &str) -> PathBuf {
    let stem = name.file_stem().unwrap_or(OsStr::new("picture"));
    name.with_file_name(match variant {
        None => with_ending(stem, &format!("-dream.{extension}")),
        Some(number) => with_ending(stem, &format!("-{number}.{extension}")),
    })
}

/// Whether two paths lead to the same place.
fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Every picture in a folder by its name, and in the folders in it, apart from where the dreams go.
fn walk(root: &Path, inside: &Path, out: &Path, found: &mut Vec<(PathBuf, PathBuf)>, tally: &mut Tally) {
    let folder = root.join(inside);
    if is_same(&folder, out) {
        return;
    }
    let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return tally.fail(&folder, &format!("cannot list the folder: {error}")),
    };
    // The order of a folder is the system's whim.
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = inside.join(entry.file_name());
        // A link to a folder may lead back here.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(root, &name, out, found, tally);
        } else if is_readable(&name) {
            found.push((root.join(&name), name));
        }
    }
}

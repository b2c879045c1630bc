//! The queue of jobs and their results. Changes are numbered: each change gives the job the next revision number,
//! so a client that missed some asks for everything newer than the last number it has seen.

mod film;
mod pace;
mod record;
mod store;
mod worker;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::sync::watch;

use super::id::Id;
use super::order::{FilmFile, Order, Source};
use super::refusal::Refusal;
use super::shelf::{self, Shelf};
use crate::picture::SaveOptions;
use crate::studio::{Cancel, KeptDream, Network, Room};
use pace::Pace;
use record::{Entry, Record};

pub(super) use record::Shown;
pub(super) use store::{store, store_film};

use record::State;

/// How many jobs may wait.
pub(super) const MOST_QUEUED: usize = 128;
/// How many finished dreams are kept.
pub(super) const MOST_KEPT: usize = 200;
/// How many bytes the finished dreams may take on disk.
const MOST_BYTES: u64 = 4 << 30;
/// How many removed jobs are remembered, for pages that were asleep.
const MOST_GONE: usize = 1000;

/// All jobs.
pub(super) struct Dreams {
    pub(super) shelf: Shelf,
    pub(super) network: Network,
    pub(super) room: Arc<Room>,
    all: Mutex<All>,
    /// Wakes the thread that waits for a job.
    woken: Condvar,
    /// The number of the last change.
    changed: watch::Sender<u64>,
    pace: Pace,
}

#[derive(Debug, Default)]
struct All {
    entries: BTreeMap<Id, Entry>,
    queue: VecDeque<Id>,
    /// The job that is being dreamed, and how to stop it.
    running: Option<(Id, Cancel)>,
    /// The number of the last change.
    revision: u64,
    /// The jobs that were removed, each with the number of that change.
    gone: VecDeque<(u64, Id)>,
    closing: bool,
}

/// What has changed since a given revision.
#[derive(Debug)]
pub(super) struct News {
    /// The number of the last change included.
    pub(super) revision: u64,
    /// Jobs that changed, in that order, each with the number of the change.
    pub(super) jobs: Vec<(u64, Value)>,
    /// Jobs that were removed.
    pub(super) gone: Vec<(u64, Id)>,
}

/// An open page: counted as a viewer until this is dropped.
#[derive(Debug)]
pub(super) struct Viewer(Arc<Dreams>);

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.pace.viewers().fetch_sub(1, Ordering::Relaxed);
    }
}

impl Dreams {
    /// Loads the dreams of a shelf; those that had begun or were waiting are queued again.
    pub(super) fn open(shelf: Shelf, network: Network, room: Arc<Room>) -> Arc<Self> {
        let mut all = All::default();
        let mut records: Vec<Record> = shelf.jobs().iter().filter_map(|id| read_record(&shelf, id)).collect();
        records.sort_by_key(|record| record.number);
        for record in records {
            if !record.state.is_final() {
                all.queue.push_back(record.id.clone());
            }
            let mut entry = Entry::new(Record { state: waiting(record.state), ..record });
            all.revision += 1;
            entry.revision = all.revision;
            if entry.record.kept
                && let Ok(bytes) = fs::read(shelf.of_job(&entry.record.id, "view.jpg"))
            {
                entry.shown = Some(Shown { revision: 1, bytes: bytes.into() });
            }
            all.entries.insert(entry.record.id.clone(), entry);
        }
        let changed = watch::Sender::new(all.revision);
        let (all, woken, pace) = (Mutex::new(all), Condvar::new(), Pace::default());
        Arc::new(Self { shelf, network, room, all, woken, changed, pace })
    }

    /// Starts dreaming, on a thread that ends when the dreams are closed.
    pub(super) fn begin(self: &Arc<Self>) -> std::io::Result<()> {
        worker::begin(self)
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a dream. This is slow for a dream over another dream, which must first be encoded.
    pub(super) fn order(&self, mut order: Order) -> Result<Value, Refusal> {
        let parent = match &order.source {
            Source::Dream(id) => Some(id.clone()),
            Source::Picture(_) | Source::Film(_) | Source::Sky(_) => None,
        };
        if let Some(parent) = &parent {
            order.source = Source::Picture(self.as_picture(parent)?);
        }
        order.check(&self.network, &self.shelf)?;
        let id = Id::new().map_err(Refusal::failed)?;
        let mut all = self.lock();
        if all.queue.len() >= MOST_QUEUED {
            return Err(Refusal::full(format_args!(
                "{MOST_QUEUED} dreams are waiting already; come back later"
            )));
        }
        let number = all.entries.values().map(|entry| entry.record.number + 1).max().unwrap_or(1);
        let record = Record {
            id: id.clone(),
            number,
            created: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            state: State::Queued,
            order,
            parent,
            weights: self.network.mark.sha256.clone(),
            size: None,
            kept: false,
            error: None,
            seconds: 0.0,
        };
        self.shelf.make_job(&id).map_err(Refusal::failed)?;
        self.write(&record).map_err(Refusal::failed)?;
        all.entries.insert(id.clone(), Entry::new(record));
        all.queue.push_back(id.clone());
        self.touch(&mut all, &id);
        self.woken.notify_all();
        Ok(describe(&all, &id))
    }

    /// Stores a dream among the pictures, as the PNG file that a browser would fetch. Returns its hash.
    fn as_picture(&self, id: &Id) -> Result<String, Refusal> {
        let kept = self.kept(id)?;
        let bytes = kept.encode(&super::order::png()).map_err(Refusal::failed)?;
        store(&self.shelf, &bytes)?;
        Ok(crate::files::digest::sha256(&bytes))
    }

    /// The file of a job's film; `None` if the job is for a picture.
    pub(super) fn kept_film(&self, id: &Id) -> Result<Option<(PathBuf, FilmFile)>, Refusal> {
        let all = self.lock();
        let record = &all.entries.get(id).ok_or_else(|| absent(id))?.record;
        match record.order.film_file() {
            Some(_) if !record.kept => Err(Refusal::conflict(format_args!("the dream {id} has no film yet"))),
            file => Ok(file.map(|file| (self.film(id, file), file))),
        }
    }

    /// A dreamed picture, without any loss.
    pub(super) fn kept(&self, id: &Id) -> Result<KeptDream, Refusal> {
        if self.kept_film(id)?.is_some() {
            return Err(Refusal::conflict(format_args!("the dream {id} is a film")));
        }
        let is_kept = self.lock().entries.get(id).ok_or_else(|| absent(id))?.record.kept;
        if !is_kept {
            return Err(Refusal::conflict(format_args!("the dream {id} has no picture yet")));
        }
        KeptDream::open(&self.shelf.of_job(id, "dream.safetensors")).map_err(Refusal::failed)
    }

    /// The job as the page receives it.
    pub(super) fn describe(&self, id: &Id) -> Result<Value, Refusal> {
        let all = self.lock();
        if all.entries.contains_key(id) { Ok(describe(&all, id)) } else { Err(absent(id)) }
    }

    /// Stops this job, and no other.
    pub(super) fn cancel(&self, id: &Id) -> Result<Value, Refusal> {
        let mut all = self.lock();
        let state = all.entries.get(id).ok_or_else(|| absent(id))?.record.state;
        match state {
            State::Queued => {
                all.queue.retain(|other| other != id);
                self.finish(&mut all, id, |record| record.state = State::Stopped);
            }
            State::Dreaming => {
                if let Some((_, cancel)) = all.running.as_ref().filter(|(running, _)| running == id) {
                    cancel.cancel();
                }
            }
            State::Done | State::Stopped | State::Failed => {
                return Err(Refusal::conflict("this dream has already ended"));
            }
        }
        Ok(describe(&all, id))
    }

    /// Removes a job that has ended, with its files.
    pub(super) fn remove(&self, id: &Id) -> Result<(), Refusal> {
        let mut all = self.lock();
        if !all.entries.get(id).ok_or_else(|| absent(id))?.record.state.is_final() {
            return Err(Refusal::conflict("this dream has not ended yet; stop it first"));
        }
        self.drop_job(&mut all, id);
        Ok(())
    }

    /// Removes every job that has ended.
    pub(super) fn remove_all(&self) {
        let mut all = self.lock();
        let ended = all.entries.values().filter(|entry| entry.record.state.is_final());
        let ended: Vec<Id> = ended.map(|entry| entry.record.id.clone()).collect();
        ended.iter().for_each(|id| self.drop_job(&mut all, id));
    }

    fn drop_job(&self, all: &mut All, id: &Id) {
        all.entries.remove(id);
        self.shelf.remove_job(id);
        all.revision += 1;
        all.gone.push_back((all.revision, id.clone()));
        if all.gone.len() > MOST_GONE {
            all.gone.pop_front();
        }
        self.changed.send_replace(all.revision);
    }

    /// The picture that the page shows of a job; fetching it counts as looking at it.
    pub(super) fn shown(&self, id: &Id) -> Result<Shown, Refusal> {
        self.pace.fetched();
        let all = self.lock();
        let shown = all.entries.get(id).ok_or_else(|| absent(id))?.shown.clone();
        shown.ok_or_else(|| Refusal::absent("there is no picture of it yet"))
    }

    /// Every job, oldest first.
    pub(super) fn list(&self) -> Vec<Value> {
        let all = self.lock();
        let mut ids: Vec<(u64, &Id)> =
            all.entries.values().map(|it| (it.record.number, &it.record.id)).collect();
        ids.sort();
        ids.into_iter().map(|(_, id)| describe(&all, id)).collect()
    }

    /// What changed after that revision; `None` if it is not a revision of this run, or so many jobs were removed
    /// since that not all of them are remembered.
    pub(super) fn since(&self, seen: u64) -> Option<News> {
        let all = self.lock();
        let forgotten =
            all.gone.len() == MOST_GONE && all.gone.front().is_some_and(|&(first, _)| seen + 1 < first);
        if seen > all.revision || forgotten {
            return None;
        }
        let newer = all.entries.values().filter(|entry| entry.revision > seen);
        let mut jobs: Vec<(u64, Value)> =
            newer.map(|entry| (entry.revision, describe(&all, &entry.record.id))).collect();
        jobs.sort_by_key(|&(revision, _)| revision);
        let gone = all.gone.iter().filter(|&&(revision, _)| revision > seen).cloned().collect();
        Some(News { revision: all.revision, jobs, gone })
    }

    /// A channel that receives the number of each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Counts one more viewer, unless there are too many.
    pub(super) fn look(self: &Arc<Self>) -> Result<Viewer, Refusal> {
        let viewers = self.pace.viewers();
        if viewers.fetch_add(1, Ordering::Relaxed) >= 64 {
            viewers.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::full("64 pages are open already; close one"));
        }
        Ok(Viewer(Arc::clone(self)))
    }

    /// Ends the work. The job being dreamed keeps its state, and continues from its last octave when a server next
    /// starts.
    pub(super) fn close(&self) {
        let mut all = self.lock();
        all.closing = true;
        if let Some((_, cancel)) = &all.running {
            cancel.cancel();
        }
        drop(all);
        self.woken.notify_all();
    }

    /// Changes the record of a job, on the disk as well, and removes the oldest finished dreams that exceed the
    /// limits.
    fn finish(&self, all: &mut All, id: &Id, change: impl FnOnce(&mut Record)) {
        let Some(entry) = all.entries.get_mut(id) else { return };
        change(&mut entry.record);
        entry.doing = None;
        entry.waits = false;
        if let Err(error) = self.write(&entry.record) {
            entry.record.error.get_or_insert(error.to_string());
        }
        self.touch(all, id);
        let mut ended: Vec<(u64, Id)> = all
            .entries
            .values()
            .filter(|entry| entry.record.state.is_final())
            .map(|entry| (entry.record.number, entry.record.id.clone()))
            .collect();
        ended.sort_by(|one, other| other.cmp(one));
        let mut bytes = 0;
        for (place, (_, id)) in ended.iter().enumerate() {
            bytes += self.shelf.bytes_of(id);
            // The newest stays, however large it is.
            if place > 0 && (place >= MOST_KEPT || bytes > MOST_BYTES) {
                self.drop_job(all, id);
            }
        }
    }

    fn write(&self, record: &Record) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(record).map_err(|error| error.to_string())?;
        let path = self.shelf.of_job(&record.id, "job.json");
        shelf::write(&path, &text).map_err(|error| error.to_string())
    }

    /// Notes that a job has changed.
    fn touch(&self, all: &mut All, id: &Id) {
        all.revision += 1;
        if let Some(entry) = all.entries.get_mut(id) {
            entry.revision = all.revision;
        }
        self.changed.send_replace(all.revision);
    }

    /// Whether any job needs the picture with this hash.
    pub(super) fn needs(&self, sha256: &str) -> bool {
        self.lock()
            .entries
            .values()
            .any(|entry| entry.record.order.pictures().any(|picture| picture == sha256))
    }
}

impl fmt::Debug for Dreams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dreams").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

fn describe(all: &All, id: &Id) -> Value {
    let position = all.queue.iter().position(|other| other == id).map(|place| place + 1);
    all.entries.get(id).map_or(Value::Null, |entry| entry.describe(position))
}

fn absent(id: &Id) -> Refusal {
    Refusal::absent(format_args!("there is no job {id}"))
}

fn read_record(shelf: &Shelf, id: &Id) -> Option<Record> {
    let text = fs::read(shelf.of_job(id, "job.json")).ok()?;
    serde_json::from_slice(&text).ok().filter(|record: &Record| record.id == *id)
}

/// The state of a job when a server starts: one that was being dreamed is queued again.
fn waiting(state: State) -> State {
    if state.is_final() { state } else { State::Queued }
}

/// How pictures are encoded for the page.
fn jpeg(quality: u8) -> SaveOptions<'static> {
    SaveOptions {
        format: Some(crate::picture::Format::Jpeg),
        quality: Some(quality),
        ..SaveOptions::default()
    }
}

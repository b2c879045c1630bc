//! The queue and what came of it. Whoever looks hears of changes by their number: each change of a job gives it the
//! next one, and what was missed is had by asking what is newer than the last that was heard.

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

/// As many jobs may wait.
pub(super) const MOST_QUEUED: usize = 128;
/// As many finished dreams are kept.
pub(super) const MOST_KEPT: usize = 200;
/// As many bytes may they take.
const MOST_BYTES: u64 = 4 << 30;
/// As many removed jobs are remembered, for pages that slept.
const MOST_GONE: usize = 1000;

/// All jobs.
pub(super) struct Dreams {
    pub(super) shelf: Shelf,
    pub(super) network: Network,
    pub(super) room: Arc<Room>,
    all: Mutex<All>,
    /// Somebody waits for a job.
    woken: Condvar,
    /// The number of the last change.
    changed: watch::Sender<u64>,
    pace: Pace,
}

#[derive(Debug, Default)]
struct All {
    entries: BTreeMap<Id, Entry>,
    queue: VecDeque<Id>,
    /// What is dreamed, and how to stop it.
    running: Option<(Id, Cancel)>,
    /// The number of the last change.
    revision: u64,
    /// What was removed, and by which change.
    gone: VecDeque<(u64, Id)>,
    closing: bool,
}

/// What somebody missed.
#[derive(Debug)]
pub(super) struct News {
    /// The last change that this tells of.
    pub(super) revision: u64,
    /// Jobs that changed, in the order in which they did, and the number of the change.
    pub(super) jobs: Vec<(u64, Value)>,
    /// Jobs that are gone.
    pub(super) gone: Vec<(u64, Id)>,
}

/// Somebody who looks, as long as this lives.
#[derive(Debug)]
pub(super) struct Viewer(Arc<Dreams>);

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.pace.viewers().fetch_sub(1, Ordering::Relaxed);
    }
}

impl Dreams {
    /// The dreams that lie on a shelf; what was begun or waited goes on.
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

    /// Begins to dream, on a thread that ends when the dreams are closed.
    pub(super) fn begin(self: &Arc<Self>) -> std::io::Result<()> {
        worker::begin(self)
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders a dream. Takes long where it is over another one.
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

    /// Puts a dream among the pictures, as the file that a browser would fetch. Returns its hash.
    fn as_picture(&self, id: &Id) -> Result<String, Refusal> {
        let kept = self.kept(id)?;
        let bytes = kept.encode(&super::order::png()).map_err(Refusal::failed)?;
        store(&self.shelf, &bytes)?;
        Ok(crate::files::digest::sha256(&bytes))
    }

    /// The file that a job's film is in; `None` if it is a job for a picture.
    pub(super) fn kept_film(&self, id: &Id) -> Result<Option<(PathBuf, FilmFile)>, Refusal> {
        let all = self.lock();
        let record = &all.entries.get(id).ok_or_else(|| absent(id))?.record;
        match record.order.film_file() {
            Some(_) if !record.kept => Err(Refusal::conflict(format_args!("the dream {id} has no film yet"))),
            file => Ok(file.map(|file| (self.film(id, file), file))),
        }
    }

    /// A picture that was dreamed, to the last bit.
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

    /// The job for the page.
    pub(super) fn describe(&self, id: &Id) -> Result<Value, Refusal> {
        let all = self.lock();
        if all.entries.contains_key(id) { Ok(describe(&all, id)) } else { Err(absent(id)) }
    }

    /// Stops a job, and no other.
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

    /// Removes a job that has ended, with its picture.
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

    /// The picture that the page shows of a job, for somebody who looks.
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

    /// What changed after that number; `None` if so much was removed that nobody knows any more.
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

    /// Hears of the number of each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Somebody looks on.
    pub(super) fn look(self: &Arc<Self>) -> Result<Viewer, Refusal> {
        let viewers = self.pace.viewers();
        if viewers.fetch_add(1, Ordering::Relaxed) >= 64 {
            viewers.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::full("64 pages are open already; close one"));
        }
        Ok(Viewer(Arc::clone(self)))
    }

    /// Ends the work: what is dreamed now stays begun, and goes on from its last octave when a server begins again.
    pub(super) fn close(&self) {
        let mut all = self.lock();
        all.closing = true;
        if let Some((_, cancel)) = &all.running {
            cancel.cancel();
        }
        drop(all);
        self.woken.notify_all();
    }

    /// Changes what is known of a job, on the disk as well, and keeps no more than there is room for.
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

    /// Something of a job changed.
    fn touch(&self, all: &mut All, id: &Id) {
        all.revision += 1;
        if let Some(entry) = all.entries.get_mut(id) {
            entry.revision = all.revision;
        }
        self.changed.send_replace(all.revision);
    }

    /// The pictures that jobs need.
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

/// What a job is when a server begins: what was dreamed waits to go on.
fn waiting(state: State) -> State {
    if state.is_final() { state } else { State::Queued }
}

/// How the page is shown a picture.
fn jpeg(quality: u8) -> SaveOptions<'static> {
    SaveOptions {
        format: Some(crate::picture::Format::Jpeg),
        quality: Some(quality),
        ..SaveOptions::default()
    }
}

//! The thread that dreams, one job after the other, and the one that makes pictures for the page meanwhile.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use super::record::{Record, Shown, State};
use super::{Dreams, jpeg};
use crate::dream::Progress;
use crate::picture::{Picture, PictureError, Size};
use crate::serve::id::Id;
use crate::serve::order;
use crate::serve::shelf;
use crate::studio::{
    Cancel, Delivery, Destination, Ending, Event, JobError, KeptDream, Previews, Product, Request, Resume,
    Seat, Wish,
};

/// The longer side of what the page shows.
const VIEW: usize = 1024;
/// The same of what it shows small.
const THUMBNAIL: usize = 192;

/// A picture on its way to the page.
type Preview = (Id, Picture);

pub(super) fn begin(dreams: &Arc<Dreams>) -> std::io::Result<()> {
    let (show, shows) = sync_channel(1);
    let painter = Arc::clone(dreams);
    thread::Builder::new().name("previews".to_owned()).spawn(move || paint(&painter, &shows))?;
    let worker = Arc::clone(dreams);
    thread::Builder::new().name("dreams".to_owned()).spawn(move || work(&worker, &show))?;
    Ok(())
}

fn work(dreams: &Dreams, show: &SyncSender<Preview>) {
    let mut seat = dreams.room.seat();
    while let Some((record, cancel)) = dreams.next() {
        let began = Instant::now();
        let id = record.id.clone();
        let dreamed = catch_unwind(AssertUnwindSafe(|| dreams.dream(&record, &mut seat, &cancel, show)));
        let outcome = dreamed.unwrap_or_else(|_| Err(JobError::Panicked.to_string()));
        dreams.ended(&id, outcome, began.elapsed().as_secs_f64());
    }
}

/// Makes pictures of what is seen.
fn paint(dreams: &Dreams, shows: &Receiver<Preview>) {
    for (id, picture) in shows {
        let began = Instant::now();
        // A failed preview is skipped; the dream continues.
        if let Ok(bytes) = view(&picture, VIEW, 80) {
            dreams.show(&id, bytes);
        }
        dreams.pace.shown(began.elapsed());
    }
}

/// A picture as the page shows it.
fn view(picture: &Picture, longest: usize, quality: u8) -> Result<Vec<u8>, PictureError> {
    if picture.extent().longest() > longest {
        return picture.fit(Size::Within(longest))?.encode("a preview", &jpeg(quality));
    }
    picture.encode("a preview", &jpeg(quality))
}

impl Dreams {
    /// Waits for the next job; `None` when it is over.
    fn next(&self) -> Option<(Record, Cancel)> {
        let mut all = self.lock();
        loop {
            if all.closing {
                return None;
            }
            if let Some(id) = all.queue.pop_front() {
                let cancel = Cancel::default();
                all.running = Some((id.clone(), cancel.clone()));
                let entry = all.entries.get_mut(&id)?;
                entry.record.state = State::Dreaming;
                let record = entry.record.clone();
                // Should it not be written, it is dreamed from its beginning after a crash: so it would be queued.
                let _ = self.write(&record);
                let waiting: Vec<Id> = all.queue.iter().cloned().collect();
                waiting.iter().for_each(|id| self.touch(&mut all, id));
                self.touch(&mut all, &id);
                return Some((record, cancel));
            }
            all = self.woken.wait(all).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn dream(
        &self,
        record: &Record,
        seat: &mut Seat,
        cancel: &Cancel,
        show: &SyncSender<Preview>,
    ) -> Result<Ending, String> {
        if record.weights != self.network.mark.sha256 {
            return Err("it was ordered with another network; run the server with those weights".to_owned());
        }
        let wish = Wish::default();
        let request = self.request(record)?;
        let checkpoint = Some(self.shelf.of_job(&record.id, "checkpoint.safetensors"));
        let delivery = Delivery { checkpoint, previews: Previews::Wished(wish.clone()), ..request.delivery };
        let request = Request { delivery, ..request };
        self.pace.begin();
        let mut tell = |event| self.hear(&record.id, event, &wish, show);
        request.run(seat, cancel, &mut tell).map_err(|error| error.to_string())
    }

    /// What is left to dream: all of it, unless an octave is done.
    fn request(&self, record: &Record) -> Result<Request, String> {
        let begun = self.shelf.of_job(&record.id, "checkpoint.safetensors");
        match begun.is_file().then(|| Resume::open(&begun)) {
            Some(Ok(resume)) => Ok(resume.request(self.network.clone(), Destination::Nowhere)),
            _ => record.order.request(&self.network, &self.shelf),
        }
    }

    /// Called by the dream itself, which waits meanwhile.
    fn hear(&self, id: &Id, event: Event, wish: &Wish, show: &SyncSender<Preview>) {
        match event {
            Event::Planned(planned) => self.note(id, |entry| {
                entry.waits = false;
                entry.record.size = Some((planned.recipe.width, planned.recipe.height));
            }),
            Event::Iteration(now) => {
                self.pace.consider(wish);
                self.progress(id, now);
            }
            Event::Preview(picture) => {
                // The painter is at work on another only if that was not wished for.
                let _ = show.try_send((id.clone(), picture));
            }
            Event::Waiting => self.note(id, |entry| entry.waits = true),
            Event::NotKept(error) => self.note(id, |entry| entry.record.error = Some(error.to_string())),
            _ => {}
        }
    }

    fn progress(&self, id: &Id, now: Progress) {
        self.note(id, |entry| entry.progress = Some(now));
    }

    fn note(&self, id: &Id, change: impl FnOnce(&mut super::Entry)) {
        let mut all = self.lock();
        if let Some(entry) = all.entries.get_mut(id) {
            change(entry);
            self.touch(&mut all, id);
        }
    }

    fn show(&self, id: &Id, bytes: Vec<u8>) {
        self.note(id, |entry| {
            // What is kept is newer than what was seen on the way.
            if !entry.record.kept {
                let revision = entry.shown.as_ref().map_or(0, |shown| shown.revision) + 1;
                entry.shown = Some(Shown { revision, bytes: bytes.into() });
            }
        });
    }

    fn ended(&self, id: &Id, outcome: Result<Ending, String>, seconds: f64) {
        if self.lock().closing {
            // What lies there goes on another time.
            return;
        }
        let (state, product, error) = match outcome {
            Ok(Ending::Done(product)) => (State::Done, Some(*product), None),
            Ok(Ending::Stopped(part)) => (State::Stopped, part.product, None),
            Err(error) => (State::Failed, None, Some(error)),
        };
        let kept = product.map(|product| self.keep(id, product)).transpose();
        let mut all = self.lock();
        all.running = None;
        if let Some(entry) = all.entries.get_mut(id) {
            entry.record.seconds += seconds;
            if let Ok(Some(bytes)) = &kept {
                let revision = entry.shown.as_ref().map_or(0, |shown| shown.revision) + 1;
                entry.shown = Some(Shown { revision, bytes: bytes.clone().into() });
                entry.record.kept = true;
            }
        }
        self.finish(&mut all, id, |record| {
            record.state = if kept.is_err() { State::Failed } else { state };
            record.error = kept.err().or(error).or(record.error.take());
        });
        // Not before it is written that nothing is to be gone on with.
        let _ = fs::remove_file(self.shelf.of_job(id, "checkpoint.safetensors"));
    }

    /// Puts a dream into its folder. Returns what the page shows of it.
    fn keep(&self, id: &Id, product: Product) -> Result<Vec<u8>, String> {
        let put = |name: &str, bytes: &[u8]| {
            shelf::write(&self.shelf.of_job(id, name), bytes).map_err(|error| error.to_string())
        };
        let shown = view(&product.picture, VIEW, 90).map_err(|error| error.to_string())?;
        let small = view(&product.picture, THUMBNAIL, 80).map_err(|error| error.to_string())?;
        put("view.jpg", &shown)?;
        put("thumbnail.jpg", &small)?;
        let Product { picture, recipe, .. } = product;
        let dream = KeptDream { picture, recipe };
        dream.save(&self.shelf.of_job(id, "dream.safetensors")).map_err(|error| error.to_string())?;
        Ok(shown)
    }
}

/// What the page shows of a picture that was sent.
pub(super) fn view_of(path: &std::path::Path) -> Result<Vec<u8>, JobError> {
    let opened = order::open_within(path, VIEW)?;
    Ok(view(&opened.picture, VIEW, 85)?)
}

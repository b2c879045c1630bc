//! The thread that dreams, one job after another, and the thread that makes previews for the page meanwhile.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Instant;

use super::record::{Doing, Record, Shown, State};
use super::{Dreams, jpeg};
use crate::picture::{Picture, PictureError, Size};
use crate::serve::id::Id;
use crate::serve::order::{self, FilmFile};
use crate::serve::shelf;
use crate::studio::{
    Cancel, Delivery, Destination, Ending, Event, FilmEnding, JobError, KeptDream, Previews, Product,
    Request, Resume, Seat, Wish,
};

/// The longer side of the pictures that the page shows, in pixels.
pub(super) const VIEW: usize = 1024;
/// The longer side of its thumbnails.
pub(super) const THUMBNAIL: usize = 192;

/// The result of a job.
enum Outcome {
    Picture(Ending),
    Film(FilmFile, FilmEnding),
}

/// What is recorded of a job when it has ended.
pub(super) struct Ended {
    pub(super) state: State,
    /// The JPEG that the page shows of it, if anything is kept.
    pub(super) shown: Option<Vec<u8>>,
    pub(super) error: Option<String>,
}

/// A picture on its way to the page.
pub(super) type Preview = (Id, Picture);

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
        let dreamed = catch_unwind(AssertUnwindSafe(|| dreams.dream(&record, &mut seat, &cancel, show)));
        let outcome = dreamed.unwrap_or_else(|_| Err(JobError::Panicked.to_string()));
        dreams.ended(&record, outcome, began.elapsed().as_secs_f64());
    }
}

/// Encodes previews and shows them.
fn paint(dreams: &Dreams, shows: &Receiver<Preview>) {
    for (id, picture) in shows {
        let began = Instant::now();
        // A failed preview is skipped; the dream continues.
        if let Ok(bytes) = view(&picture, VIEW, 80) {
            dreams.show(&id, bytes);
        }
        dreams.pace.shown(began.elapsed(), Instant::now());
    }
}

/// A picture as the page shows it: a JPEG, scaled down to the longer side given if it is larger.
pub(super) fn view(picture: &Picture, longest: usize, quality: u8) -> Result<Vec<u8>, PictureError> {
    if picture.extent().longest() > longest {
        return picture.fit(Size::Within(longest))?.encode("a preview", &jpeg(quality));
    }
    picture.encode("a preview", &jpeg(quality))
}

impl Dreams {
    /// Waits for the next job; `None` when the server stops.
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
                // If the write fails, the record still says "queued", and the job is dreamed after a crash all the
                // same.
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
    ) -> Result<Outcome, String> {
        if record.weights != self.network.mark.sha256 {
            return Err("it was ordered with another network; run the server with those weights".to_owned());
        }
        if let Some(file) = record.order.film_file() {
            return self.shoot(record, file, (seat, cancel), show).map(|ending| Outcome::Film(file, ending));
        }
        let wish = Wish::default();
        let request = self.request(record)?;
        let checkpoint = Some(self.shelf.of_job(&record.id, "checkpoint.safetensors"));
        let delivery = Delivery { checkpoint, previews: Previews::Wished(wish.clone()), ..request.delivery };
        let request = Request { delivery, ..request };
        self.pace.begin(Instant::now());
        let mut tell = |event| self.hear(&record.id, event, &wish, show);
        request.run(seat, cancel, &mut tell).map(Outcome::Picture).map_err(|error| error.to_string())
    }

    /// The request for what is left to dream: all of it, unless at least one octave is done.
    fn request(&self, record: &Record) -> Result<Request, String> {
        let begun = self.shelf.of_job(&record.id, "checkpoint.safetensors");
        match begun.is_file().then(|| Resume::open(&begun)) {
            Some(Ok(resume)) => Ok(resume.request(self.network.clone(), Destination::Nowhere)),
            _ => record.order.request(&self.network, &self.shelf),
        }
    }

    /// Handles an event. The dream calls this, and waits until it returns.
    fn hear(&self, id: &Id, event: Event, wish: &Wish, show: &SyncSender<Preview>) {
        match event {
            Event::Planned(planned) => self.note(id, |entry| {
                entry.waits = false;
                entry.record.size = Some((planned.recipe.width, planned.recipe.height));
            }),
            Event::Iteration(now) => {
                if self.pace.is_due(Instant::now()) {
                    wish.make();
                }
                self.note(id, |entry| entry.doing = Some(Doing::Picture(now)));
            }
            Event::Preview(picture) => {
                // Previews are requested one at a time: the queue is full only if another arrived unrequested.
                let _ = show.try_send((id.clone(), picture));
            }
            Event::Waiting => self.note(id, |entry| entry.waits = true),
            Event::NotKept(error) => self.note(id, |entry| entry.record.error = Some(error.to_string())),
            _ => {}
        }
    }

    pub(super) fn note(&self, id: &Id, change: impl FnOnce(&mut super::Entry)) {
        let mut all = self.lock();
        if let Some(entry) = all.entries.get_mut(id) {
            change(entry);
            self.touch(&mut all, id);
        }
    }

    fn show(&self, id: &Id, bytes: Vec<u8>) {
        self.note(id, |entry| {
            // The kept picture is newer than any preview.
            if !entry.record.kept {
                let revision = entry.shown.as_ref().map_or(0, |shown| shown.revision) + 1;
                entry.shown = Some(Shown { revision, bytes: bytes.into() });
            }
        });
    }

    fn ended(&self, record: &Record, outcome: Result<Outcome, String>, seconds: f64) {
        if self.lock().closing {
            // The job continues from its files when a server next starts.
            return;
        }
        let id = &record.id;
        let ended = outcome.and_then(|outcome| match outcome {
            Outcome::Picture(ending) => self.settle(id, ending),
            Outcome::Film(file, ending) => self.settle_film(record, file, ending),
        });
        let Ended { state, shown, error } =
            ended.unwrap_or_else(|error| Ended { state: State::Failed, shown: None, error: Some(error) });
        let mut all = self.lock();
        all.running = None;
        if let Some(entry) = all.entries.get_mut(id) {
            entry.record.seconds += seconds;
            if let Some(bytes) = shown {
                let revision = entry.shown.as_ref().map_or(0, |shown| shown.revision) + 1;
                entry.shown = Some(Shown { revision, bytes: bytes.into() });
                entry.record.kept = true;
            }
        }
        self.finish(&mut all, id, |record| {
            record.state = state;
            record.error = error.or(record.error.take());
        });
        drop(all);
        // Only now that the record says that the job has ended: until then it could be continued.
        let _ = fs::remove_file(self.shelf.of_job(id, "checkpoint.safetensors"));
        if let Some(file) = record.order.film_file() {
            self.drop_parts(id, file);
        }
    }

    /// The state in which a picture's dream ended, with the JPEG that the page shows of it.
    fn settle(&self, id: &Id, ending: Ending) -> Result<Ended, String> {
        let (state, product) = match ending {
            Ending::Done(product) => (State::Done, Some(*product)),
            Ending::Stopped(part) => (State::Stopped, part.product),
        };
        let shown = product.map(|product| self.keep(id, product)).transpose()?;
        Ok(Ended { state, shown, error: None })
    }

    /// Writes a dream into its folder. Returns the JPEG that the page shows of it.
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

/// The JPEG that the page shows of a picture that was sent.
pub(super) fn view_of(path: &std::path::Path) -> Result<Vec<u8>, JobError> {
    let opened = order::open_within(path, VIEW)?;
    Ok(view_of_sent(&opened.picture)?)
}

/// The same for a picture in memory.
pub(super) fn view_of_sent(picture: &Picture) -> Result<Vec<u8>, PictureError> {
    view(picture, VIEW, 85)
}

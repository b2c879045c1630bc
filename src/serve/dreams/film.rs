//! Films on the dreaming thread: the progress that they report, and the files that are kept.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::Dreams;
use super::record::{Doing, FilmProgress, Record, State};
use super::worker::{Ended, Preview, THUMBNAIL, VIEW, view};
use crate::dream::recipe::FilmMark;
use crate::film::part_of;
use crate::serve::id::Id;
use crate::serve::order::{FilmFile, MOST_FRAMES, Source, look_into, without_name};
use crate::serve::shelf;
use crate::studio::{BegunFilm, Cancel, FilmEnding, FilmEvent, FilmRequest, JobError, Seat};

/// Measures how far a film has got, and how fast.
struct Clock {
    /// How many frames the film has, if its file says so.
    frames: Option<usize>,
    /// The number of the first frame of this run, and when it was done.
    first: Option<(usize, Instant)>,
}

impl Clock {
    /// The progress after this frame, counted from 1.
    fn at(&mut self, frame: usize) -> FilmProgress {
        let &mut (first, began) = self.first.get_or_insert_with(|| (frame, Instant::now()));
        let seconds = began.elapsed().as_secs_f64();
        // The first frame of a shot takes longer, so it is not used to predict the others.
        let rate = (frame > first && seconds > 0.0).then(|| (frame - first) as f64 / seconds);
        let left = self.frames.map(|frames| frames.saturating_sub(frame) as f64);
        let left = rate.zip(left).map(|(rate, left)| left / rate);
        FilmProgress { frame, frames: self.frames, rate, left }
    }
}

impl Dreams {
    /// The file that a film's dream is written to.
    pub(in crate::serve) fn film(&self, id: &Id, file: FilmFile) -> PathBuf {
        self.shelf.of_job(id, &format!("dream.{}", file.ending()))
    }

    /// Dreams a film, continuing where it was stopped, if it was.
    pub(super) fn shoot(
        &self,
        record: &Record,
        file: FilmFile,
        (seat, cancel): (&mut Seat, &Cancel),
        show: &SyncSender<Preview>,
    ) -> Result<FilmEnding, String> {
        let request = self.film_request(record, file)?;
        self.pace.begin(Instant::now());
        let (id, mut clock) = (&record.id, Clock { frames: None, first: None });
        let mut too_long = false;
        let mut tell = |event: FilmEvent<'_>| match event {
            FilmEvent::Waiting => self.note(id, |entry| entry.waits = true),
            FilmEvent::Planned(planned) => {
                clock.frames = planned.frames;
                self.note(id, |entry| {
                    entry.waits = false;
                    entry.record.size = Some((planned.recipe.width, planned.recipe.height));
                });
            }
            FilmEvent::Resumed { .. } | FilmEvent::Cut { .. } => {}
            FilmEvent::Frame { number, picture } => {
                if self.pace.is_due(Instant::now()) {
                    // Previews are requested one at a time: the queue is full only if another arrived unrequested.
                    let _ = show.try_send((id.clone(), picture.clone()));
                }
                let now = clock.at(number);
                self.note(id, |entry| entry.doing = Some(Doing::Film(now)));
                // The length that a film's file states is not always true.
                if number >= MOST_FRAMES && clock.frames.is_none_or(|frames| frames > number) {
                    too_long = true;
                    cancel.cancel();
                }
            }
        };
        let ending =
            request.run(seat, cancel, &mut tell).map_err(|error| self.words(record, file, &error))?;
        if too_long {
            let why = format!("the film has more than {MOST_FRAMES} frames; the dream ends there");
            self.note(id, |entry| entry.record.error = Some(why));
        }
        Ok(ending)
    }

    /// The error message for a film, without the names of our files.
    fn words(&self, record: &Record, file: FilmFile, error: &JobError) -> String {
        let said = without_name(&error.to_string(), &self.film(&record.id, file));
        match &record.order.source {
            Source::Film(sha256) => without_name(&said, &self.shelf.picture(sha256)),
            _ => said,
        }
    }

    /// The request for what is left of a film: all of it, unless at least one segment is done.
    fn film_request(&self, record: &Record, file: FilmFile) -> Result<FilmRequest, String> {
        let out = self.film(&record.id, file);
        let begun = BegunFilm::find(&out).ok().flatten().filter(|begun| {
            let done = begun.recipe().film.as_ref().map_or(0, FilmMark::frames);
            done > 0
        });
        if let Some(begun) = begun {
            let given = record.order.given_again(&self.network, &self.shelf)?;
            if let Ok(request) = begun.request(self.network.clone(), given) {
                return Ok(request);
            }
        }
        record.order.film_request(&self.network, &self.shelf, &out)
    }

    /// The state in which a film ended, with the picture that the page shows of it.
    pub(super) fn settle_film(
        &self,
        record: &Record,
        file: FilmFile,
        ending: FilmEnding,
    ) -> Result<Ended, String> {
        let (state, frames, error) = match ending {
            FilmEnding::Done { frames, doubt, .. } => (State::Done, frames, doubt),
            FilmEnding::Stopped { frames, why: None, .. } => (State::Stopped, frames, None),
            FilmEnding::Stopped { frames, why: Some(why), .. } => {
                (State::Failed, frames, Some(self.words(record, file, &why)))
            }
        };
        let shown = (frames > 0).then(|| self.keep_film(&record.id, file)).transpose()?;
        Ok(Ended { state, shown, error })
    }

    /// Writes the still pictures of a finished film. Returns the larger one, which the page shows.
    fn keep_film(&self, id: &Id, file: FilmFile) -> Result<Vec<u8>, String> {
        let out = self.film(id, file);
        let picture = match look_into(&out) {
            Ok(looked) => looked.first,
            // A film of a single frame is a still picture, so it is opened as one.
            Err(error) => crate::picture::Picture::open(&out).map_err(|_| error)?,
        };
        let shown = view(&picture, VIEW, 90).map_err(|error| error.to_string())?;
        let small = view(&picture, THUMBNAIL, 80).map_err(|error| error.to_string())?;
        for (name, bytes) in [("view.jpg", &shown), ("thumbnail.jpg", &small)] {
            shelf::write(&self.shelf.of_job(id, name), bytes).map_err(|error| error.to_string())?;
        }
        Ok(shown)
    }

    /// Removes the segments from which a film could be continued.
    pub(super) fn drop_parts(&self, id: &Id, file: FilmFile) {
        let _ = fs::remove_dir_all(part_of(&self.film(id, file)));
    }
}

//! A request that is carried out on its own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::{Cancel, Ending, Event, JobError, Request, Room};

/// A dream in progress. Iterating yields its events, of which the last is [`Event::Done`], [`Event::Stopped`] or
/// [`Event::Failed`]. Dropping the job cancels it and waits until it has stopped.
#[derive(Debug)]
pub struct Job {
    events: Receiver<Event>,
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Job {
    /// Starts a dream as soon as there is enough memory for it.
    pub fn start(request: Request, room: &Arc<Room>) -> Self {
        Self::start_unless(request, room, Cancel::default())
    }

    /// The same with a cancel token that is shared with others.
    pub fn start_unless(request: Request, room: &Arc<Room>, cancel: Cancel) -> Self {
        let (sender, events) = channel();
        let (room, heeded) = (Arc::clone(room), cancel.clone());
        let refused = sender.clone();
        let work = move || work(request, &room, &heeded, &sender);
        let thread = std::thread::Builder::new().spawn(work);
        let thread = thread.map_err(|source| drop(refused.send(Event::Failed(JobError::Thread { source }))));
        Self { events, cancel, thread: thread.ok() }
    }

    /// Stops the dream as soon as possible, from any thread: [`Event::Stopped`] contains what was dreamed so far.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// The cancel token, for other threads.
    pub fn canceller(&self) -> Cancel {
        self.cancel.clone()
    }
}

/// Runs the request. It does not matter whether anyone still receives the events.
fn work(request: Request, room: &Arc<Room>, cancel: &Cancel, events: &Sender<Event>) {
    let mut tell = |event| drop(events.send(event));
    let ending = catch_unwind(AssertUnwindSafe(|| request.run(&mut room.seat(), cancel, &mut tell)));
    tell(match ending {
        Ok(Ok(Ending::Done(product))) => Event::Done(product),
        Ok(Ok(Ending::Stopped(part))) => Event::Stopped(part),
        Ok(Err(error)) => Event::Failed(error),
        Err(_) => Event::Failed(JobError::Panicked),
    });
}

impl Iterator for Job {
    type Item = Event;

    /// Waits for the next event; `None` after the last.
    fn next(&mut self) -> Option<Event> {
        self.events.recv().ok()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(thread) = self.thread.take() {
            // Its panics have already been caught and reported.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;

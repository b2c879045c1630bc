//! The threads that steps are spread over: as many as wanted, if the system grants them.

use std::io;
use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rayon::{ThreadBuilder, ThreadPoolBuilder};

use crate::machine::MachineError;

/// Threads that are started only to be given back. If the system has no more, a dream can still get a thread to
/// run on, and Ctrl-C one to be handled on.
const SPARE: usize = 2;

/// Starts the threads on the first call. If the program has set up rayon's threads itself, those are kept.
///
/// Rayon starts all of its threads or none, and gives up for good if the system refuses one. So they are started
/// before rayon is told how many there are.
pub(super) fn start() -> Result<(), MachineError> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let mut waiting = started(wanted() + SPARE, Waiting::start)?;
        let kept = waiting.len().saturating_sub(SPARE).max(1);
        waiting.split_off(kept).into_iter().for_each(Waiting::end);
        let mut waiting = waiting.into_iter();
        let builder = ThreadPoolBuilder::new().num_threads(waiting.len()).spawn_handler(|work| {
            let thread = waiting.next().ok_or_else(|| io::Error::other("there is no other thread"))?;
            thread.work.send(work).map_err(|_| io::Error::other("the thread has ended"))
        });
        // This fails if rayon has threads already.
        let _ = builder.build_global();
        Ok(())
    });
    started.clone().map_err(MachineError::NoThread)
}

/// As many as rayon would start: `RAYON_NUM_THREADS`, or one per core.
fn wanted() -> usize {
    let said = std::env::var("RAYON_NUM_THREADS").ok().and_then(|count| count.parse().ok());
    said.filter(|&count| count > 0).unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get))
}

/// Starts this many threads, or as many as the system grants. If it grants none, the error says why.
fn started<T>(wanted: usize, start: impl Fn() -> io::Result<T>) -> Result<Vec<T>, String> {
    let mut threads = Vec::new();
    for _ in 0..wanted {
        match start() {
            Ok(thread) => threads.push(thread),
            Err(error) if threads.is_empty() => return Err(error.to_string()),
            Err(_) => break,
        }
    }
    Ok(threads)
}

/// A thread that waits for its work.
struct Waiting {
    work: Sender<ThreadBuilder>,
    thread: JoinHandle<()>,
}

impl Waiting {
    fn start() -> io::Result<Self> {
        let (sender, work): (_, Receiver<ThreadBuilder>) = channel();
        let thread = thread::Builder::new().spawn(move || work.recv().map_or((), ThreadBuilder::run))?;
        Ok(Self { work: sender, thread })
    }

    /// Lets it end without work, and waits until the system has it back.
    fn end(self) {
        drop(self.work);
        // It has no work, so it cannot panic.
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What happens on a system that grants only so many threads.
    fn with(limit: usize) -> Result<usize, String> {
        let given = Cell::new(0);
        let start = || {
            given.set(given.get() + 1);
            if given.get() > limit { Err(io::Error::from(io::ErrorKind::WouldBlock)) } else { Ok(()) }
        };
        started(8, start).map(|threads| threads.len())
    }

    #[test]
    fn fewer_threads_are_enough_and_none_is_an_error() {
        assert_eq!((with(20), with(8), with(3), with(1)), (Ok(8), Ok(8), Ok(3), Ok(1)));
        assert!(with(0).is_err());
    }
}

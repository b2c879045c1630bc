//! How often a dream is shown on its way: as often as costs little, and only while somebody looks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The next picture is wished for once the last took so small a part of the time: it costs the dream at most two
/// hundredths of its time, were there one processor.
const PART: u32 = 50;
/// No more pictures than one in this time.
const LEAST: Duration = Duration::from_millis(200);

/// Who looks, and when they see the next picture.
#[derive(Debug, Default)]
pub(super) struct Pace {
    viewers: AtomicUsize,
    /// The next picture at the earliest; `None` while one is on its way.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// A dream begins.
    pub(super) fn begin(&self) {
        self.set(Some(Instant::now()));
    }

    /// Whether it is time for a picture, which is then on its way.
    pub(super) fn is_due(&self) -> bool {
        if self.viewers.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = next.is_some_and(|next| next <= Instant::now());
        if is_due {
            *next = None;
        }
        is_due
    }

    /// A picture took so long to be shown.
    pub(super) fn shown(&self, cost: Duration) {
        self.set(Some(Instant::now() + (PART * cost).max(LEAST)));
    }

    fn set(&self, at: Option<Instant>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    pub(super) fn viewers(&self) -> &AtomicUsize {
        &self.viewers
    }
}

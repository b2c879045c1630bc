//! How often previews of a dream are made: as often as they cost little, and only while somebody is looking.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The next preview is requested no sooner than this many times the cost of the last one: previews thus take at
/// most 2 % of the dream's time, even on a single processor.
const PART: u32 = 50;
/// The shortest time between two previews. Showing one takes a browser several times as long as it takes us to
/// make it.
const LEAST: Duration = Duration::from_millis(500);

/// How many viewers there are, and when the next preview is due.
#[derive(Debug, Default)]
pub(super) struct Pace {
    viewers: AtomicUsize,
    turn: Mutex<Turn>,
}

/// Whose turn it is: the server's or the viewers'.
#[derive(Clone, Copy, Debug, Default)]
enum Turn {
    /// A preview is being made.
    #[default]
    Ours,
    /// The last preview has not been fetched yet. Once it has, the next is due, at this time at the earliest.
    Theirs(Instant),
    /// The next preview is due at this time.
    At(Instant),
}

impl Pace {
    /// Starts afresh for a new dream.
    pub(super) fn begin(&self) {
        self.set(|_| Turn::At(Instant::now()));
    }

    /// Whether a preview is due; if so, it counts as being made from now on.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        if self.viewers.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut is_due = false;
        self.set(|turn| match turn {
            Turn::At(next) if next <= now => {
                is_due = true;
                Turn::Ours
            }
            turn => turn,
        });
        is_due
    }

    /// Notes that a preview is finished, and how long it took to make.
    pub(super) fn shown(&self, cost: Duration, now: Instant) {
        self.set(|turn| match turn {
            Turn::Ours => Turn::Theirs(now + (PART * cost).max(LEAST)),
            // Another dream has begun since.
            turn => turn,
        });
    }

    /// Notes that somebody has fetched a picture, so that they are looking at this dream.
    pub(super) fn fetched(&self) {
        self.set(|turn| match turn {
            Turn::Theirs(next) => Turn::At(next),
            turn => turn,
        });
    }

    fn set(&self, change: impl FnOnce(Turn) -> Turn) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *turn = change(*turn);
    }

    pub(super) fn viewers(&self) -> &AtomicUsize {
        &self.viewers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_due_when_it_costs_little_and_the_last_was_seen() {
        let (pace, start) = (Pace::default(), Instant::now());
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        pace.begin();
        assert!(!pace.is_due(after(1000)), "nobody looks");
        pace.viewers().fetch_add(1, Ordering::Relaxed);
        assert!(pace.is_due(after(1000)), "the first picture waits for nothing");
        assert!(!pace.is_due(after(9000)), "it is on its way");
        // A cheap one: the next waits for the shortest time.
        pace.shown(Duration::from_millis(1), after(1000));
        assert!(!pace.is_due(after(9000)), "nobody has fetched it");
        pace.fetched();
        pace.fetched();
        assert!(!pace.is_due(after(1499)) && pace.is_due(after(1500)));
        // An expensive one: 50 times 40 ms.
        pace.shown(Duration::from_millis(40), after(2000));
        pace.fetched();
        assert!(!pace.is_due(after(3999)) && pace.is_due(after(4000)));
        // Another dream begins at once, whatever happens to the last preview of this one.
        pace.begin();
        pace.shown(Duration::from_millis(1), after(4000));
        assert!(pace.is_due(Instant::now()));
    }
}

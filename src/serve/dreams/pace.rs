//! How often a dream is shown on its way: as often as costs little, and only while somebody looks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The next picture is wished for once the last took so small a part of the time: it costs the dream at most two
/// hundredths of its time, were there one processor.
const PART: u32 = 50;
/// No more pictures than one in this time. To show one takes a browser several times as long as it takes us to make it.
const LEAST: Duration = Duration::from_millis(500);

/// Who looks, and when they see the next picture.
#[derive(Debug, Default)]
pub(super) struct Pace {
    viewers: AtomicUsize,
    turn: Mutex<Turn>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default)]
enum Turn {
    /// A picture is on its way.
    #[default]
    Ours,
    /// The last one has not been fetched; from then on the next is, not before this.
    Theirs(Instant),
    /// The next picture at the earliest.
    At(Instant),
}

impl Pace {
    /// A dream begins.
    pub(super) fn begin(&self) {
        self.set(|_| Turn::At(Instant::now()));
    }

    /// Whether it is time for a picture, which is then on its way.
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

    /// A picture took so long to be made, until now.
    pub(super) fn shown(&self, cost: Duration, now: Instant) {
        self.set(|turn| match turn {
            Turn::Ours => Turn::Theirs(now + (PART * cost).max(LEAST)),
            // Another dream has begun since.
            turn => turn,
        });
    }

    /// Somebody has fetched a picture: they look, and not at something else.
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
        // A dear one: 50 times 40 ms.
        pace.shown(Duration::from_millis(40), after(2000));
        pace.fetched();
        assert!(!pace.is_due(after(3999)) && pace.is_due(after(4000)));
        // Another dream begins at once, whatever becomes of the last picture of this one.
        pace.begin();
        pace.shown(Duration::from_millis(1), after(4000));
        assert!(pace.is_due(Instant::now()));
    }
}

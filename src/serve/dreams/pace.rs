//! How often previews of a dream are made: as often as they cost little, and only while somebody is looking.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The next preview is requested no sooner than this many times the cost of the last one: previews thus take at
/// most 2 % of the dream's time, even on a single processor.
const PART: u32 = 50;
/// The shortest time between two previews, at the beginning of a dream and later: half as long as the dream has taken
/// so far, within these bounds. Showing one takes a browser several times as long as it takes us to make it, perhaps
/// on the dream's own processor. A dream that takes long also changes slowly.
const LEAST: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];

/// How many viewers there are, and when the next preview is due.
#[derive(Debug, Default)]
pub(super) struct Pace {
    viewers: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the dream began.
    began: Option<Instant>,
    turn: Turn,
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
    pub(super) fn begin(&self, now: Instant) {
        *self.state() = State { began: Some(now), turn: Turn::At(now) };
    }

    /// Whether a preview is due; if so, it counts as being made from now on.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        if self.viewers.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut state = self.state();
        let is_due = matches!(state.turn, Turn::At(next) if next <= now);
        if is_due {
            state.turn = Turn::Ours;
        }
        is_due
    }

    /// Notes that a preview is finished, and how long it took to make.
    pub(super) fn shown(&self, cost: Duration, now: Instant) {
        let mut state = self.state();
        // If it is not our turn, another dream has begun since.
        if let (Turn::Ours, Some(began)) = (state.turn, state.began) {
            let [early, late] = LEAST;
            let least = (now.saturating_duration_since(began) / 2).clamp(early, late);
            state.turn = Turn::Theirs(now + (PART * cost).max(least));
        }
    }

    /// Notes that somebody has fetched a picture, so that they are looking at this dream.
    pub(super) fn fetched(&self) {
        let mut state = self.state();
        if let Turn::Theirs(next) = state.turn {
            state.turn = Turn::At(next);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        pace.begin(start);
        assert!(!pace.is_due(after(100)), "nobody looks");
        pace.viewers().fetch_add(1, Ordering::Relaxed);
        assert!(pace.is_due(after(100)), "the first picture waits for nothing");
        assert!(!pace.is_due(after(9000)), "it is on its way");
        // A cheap one at the beginning: the next waits for the shortest time.
        pace.shown(Duration::from_millis(1), after(100));
        assert!(!pace.is_due(after(9000)), "nobody has fetched it");
        pace.fetched();
        pace.fetched();
        assert!(!pace.is_due(after(599)) && pace.is_due(after(600)));
        // A cheap one later: half of the two seconds that have passed, and of an hour no more than a second and a half.
        pace.shown(Duration::from_millis(1), after(2000));
        pace.fetched();
        assert!(!pace.is_due(after(2999)) && pace.is_due(after(3000)));
        pace.shown(Duration::from_millis(1), after(3_600_000));
        pace.fetched();
        assert!(!pace.is_due(after(3_601_499)) && pace.is_due(after(3_601_500)));
        // An expensive one: 50 times 40 ms.
        pace.shown(Duration::from_millis(40), after(3_602_000));
        pace.fetched();
        assert!(!pace.is_due(after(3_603_999)) && pace.is_due(after(3_604_000)));
        // Another dream begins at once, whatever happens to the last preview of this one.
        pace.begin(after(3_604_000));
        pace.shown(Duration::from_millis(1), after(3_604_000));
        assert!(pace.is_due(after(3_604_000)));
    }
}

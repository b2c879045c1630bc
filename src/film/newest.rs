//! A slot for one value: taking it yields the newest, and everything not taken before is dropped.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Makes such a slot, and returns its two ends.
pub(super) fn newest<T>() -> (Putter<T>, Taker<T>) {
    let place = Arc::new(Place::default());
    (Putter(Arc::clone(&place)), Taker(place))
}

/// The end that puts values in. Dropping it means that no more will come.
#[derive(Debug)]
pub(super) struct Putter<T>(Arc<Place<T>>);

/// The end that takes values out.
#[derive(Debug)]
pub(super) struct Taker<T>(Arc<Place<T>>);

#[derive(Debug)]
struct Place<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    thing: Option<T>,
    /// The producer or the consumer is gone.
    is_over: bool,
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { thing: None, is_over: false }), changed: Condvar::new() }
    }
}

impl<T> Place<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}

impl<T> Putter<T> {
    /// Replaces the value in the slot. Returns whether there is still a consumer.
    pub(super) fn put(&self, thing: T) -> bool {
        let mut state = self.0.lock();
        state.thing = Some(thing);
        self.0.changed.notify_all();
        !state.is_over
    }
}

impl<T> Taker<T> {
    /// Takes the value in the slot, or waits for one; `None` if no more will come.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.0.lock();
        loop {
            if let Some(thing) = state.thing.take() {
                return Some(thing);
            }
            if state.is_over {
                return None;
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Drop for Putter<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_newest_is_taken_and_the_last_is_never_lost() {
        let (putter, taker) = newest();
        for thing in 1..=3 {
            assert!(putter.put(thing));
        }
        assert_eq!(taker.take(), Some(3));
        putter.put(4);
        drop(putter);
        assert_eq!((taker.take(), taker.take()), (Some(4), None));
    }

    #[test]
    fn who_finds_nothing_waits_and_who_is_alone_knows() {
        let (putter, taker) = newest();
        let waiting = thread::spawn(move || taker.take());
        putter.put(5);
        assert_eq!(waiting.join().expect("no panic"), Some(5));
        assert!(!putter.put(6), "nobody takes it");
    }
}

//! Watching a dream while it runs, and stopping it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::landing::Landing;
use super::{DreamError, Progress};
use crate::machine::Next;
use crate::picture::Picture;

/// A request to stop, which any thread can make.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Makes the request. Returns whether it had been made before.
    pub fn cancel(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether the request has been made.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Someone who watches a dream.
pub trait Watcher {
    /// An iteration is done, or a tile of it; the call may come a few iterations late. After a
    /// [`Next::Look`], the picture is passed to [`Watcher::seen`], without making the dream wait.
    fn turned(&mut self, now: Progress) -> Next;

    /// The picture, opaque and in the size of its octave, as it was after the iteration of `now`.
    fn seen(&mut self, _now: Progress, _picture: Picture) {}

    /// An octave is complete.
    fn landed(&mut self, _landing: &mut Landing<'_>) -> Result<(), DreamError> {
        Ok(())
    }
}

impl<F: FnMut(Progress) -> ControlFlow<()>> Watcher for F {
    fn turned(&mut self, now: Progress) -> Next {
        self(now).into()
    }
}

/// A watcher that is told of finished octaves too.
impl<F, G> Watcher for (F, G)
where
    F: FnMut(Progress) -> ControlFlow<()>,
    G: FnMut(&mut Landing<'_>) -> Result<(), DreamError>,
{
    fn turned(&mut self, now: Progress) -> Next {
        (self.0)(now).into()
    }

    fn landed(&mut self, landing: &mut Landing<'_>) -> Result<(), DreamError> {
        (self.1)(landing)
    }
}

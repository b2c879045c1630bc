//! Who looks on while a dream is dreamed, and may stop it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::landing::Landing;
use super::{DreamError, Progress};
use crate::machine::Next;
use crate::picture::Picture;

/// A wish to stop, which any thread may have.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Wishes it. Whether it had been wished before.
    pub fn cancel(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }

    /// Whether it is wished.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Who watches a dream.
pub trait Watcher {
    /// An iteration is done, or a tile of it; perhaps a few late. After a [`Next::Look`] the picture comes to
    /// [`Watcher::seen`], without the dream waiting for it.
    fn turned(&mut self, now: Progress) -> Next;

    /// The picture, solid and in the size of its octave, as the iteration of `now` left it.
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

/// Who hears of octaves too.
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

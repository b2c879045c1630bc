//! A wish to see a dream on its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A wish to see the picture, which any thread may have. It is met once; who wants
/// another wishes again.
#[derive(Clone, Debug, Default)]
pub struct Wish(Arc<AtomicBool>);

impl Wish {
    /// Wishes it.
    pub fn make(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it stands; it does not any more.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

//! A request to see an unfinished dream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to see the picture, which any thread may make. It is fulfilled once; to see the picture again, it has
/// to be made again.
#[derive(Clone, Debug, Default)]
pub struct Wish(Arc<AtomicBool>);

impl Wish {
    /// Makes the request.
    pub fn make(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether the request was made, and clears it.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

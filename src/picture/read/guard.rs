//! Decoders are third-party code and files are untrusted: if a decoder panics, that is an error of that file
//! only.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether what this thread does is guarded.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// The result of the work; `None` if it panicked. Nothing is printed in that case.
pub(in crate::picture) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    hush();
    let outer = GUARDED.replace(true);
    // Nothing that the work may have left unfinished is used again.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    done.ok()
}

/// Suppresses the report of a panic that is caught here; all others are reported as before.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                report(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_is_caught_and_nothing_else() {
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(guarded(|| guarded(|| panic!("a decoder's")).map_or(8, |()| 9)), Some(8));
        assert_eq!(guarded(|| Vec::<u8>::new()[3]), None);
    }
}

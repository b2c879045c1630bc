//! Decoders are other people's and files are strangers': a decoder that panics is that file's error, and no more.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether what this thread does is guarded.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What the work came to; `None` if it panicked, of which nothing is printed.
pub(in crate::picture) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    hush();
    let outer = GUARDED.replace(true);
    // Nothing that the work may have left half done is seen again.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    done.ok()
}

/// Keeps the report of a panic to itself that is caught here; all others are reported as before.
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

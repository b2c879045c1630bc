//! Ctrl-C.

use crate::cli::failure::Failure;
use crate::studio::Cancel;

/// The first Ctrl-C cancels; a second ends the program at once.
pub(crate) fn stop_on_interrupt() -> Result<Cancel, Failure> {
    let cancel = Cancel::default();
    let handle = cancel.clone();
    ctrlc::set_handler(move || {
        if handle.cancel() {
            std::process::exit(1);
        }
    })?;
    Ok(cancel)
}

//! The handling of Ctrl-C.

use crate::cli::failure::Failure;
use crate::studio::Cancel;

/// The first Ctrl-C cancels; a second ends the program at once.
pub(crate) fn stop_on_interrupt() -> Result<Cancel, Failure> {
    let cancel = Cancel::default();
    let handle = cancel.clone();
    let heard = ctrlc::set_handler(move || {
        if handle.cancel() {
            std::process::exit(1);
        }
    });
    match heard {
        Ok(()) => Ok(cancel),
        // The handler runs on a thread of its own.
        Err(ctrlc::Error::System(error)) => Err(Failure::because(format_args!(
            "no thread can be started to listen for Ctrl-C: {error}; raise the limit on the number of processes"
        ))),
        Err(error) => Err(error.into()),
    }
}

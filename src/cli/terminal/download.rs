//! The progress line of a download: bytes, rate and time left on a terminal; nothing in a pipe.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A single line that is redrawn.
pub(crate) struct DownloadLine {
    bar: ProgressBar,
}

impl DownloadLine {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { bar }
    }

    pub(crate) fn show(&self, done: u64, total: Option<u64>) {
        if self.bar.length() != total || self.bar.position() == 0 {
            // Bytes from an earlier attempt do not count towards the rate of this one.
            self.bar.reset_eta();
            let template = match total {
                Some(_) => "{bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
                None => "{spinner} {bytes}, {bytes_per_sec}",
            };
            self.bar.set_style(ProgressStyle::with_template(template).expect("a template of known fields"));
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(done);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

//! The progress line: octave, iteration, rate and time left on a terminal; nothing in a pipe.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::dream::{PerOctave, Progress};

/// Counts pixels, not iterations: an iteration of a large octave takes longer than one of a small one.
pub(super) struct ProgressLine {
    bar: ProgressBar,
    /// Pixels of all iterations of the octaves before each.
    before: Vec<u64>,
    start: Instant,
}

impl ProgressLine {
    pub(super) fn new(sizes: &[(usize, usize)], iterations: &PerOctave<usize>) -> Self {
        let mut before = vec![0];
        for (octave, (height, width)) in sizes.iter().enumerate() {
            before.push(before[before.len() - 1] + (height * width * iterations.at(octave)) as u64);
        }
        let bar = ProgressBar::new(before[sizes.len()]);
        if std::io::stderr().is_terminal() {
            let template = "{bar:24} {msg}, {eta} left";
            bar.set_style(ProgressStyle::with_template(template).expect("a template of known fields"));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { bar, before, start: Instant::now() }
    }

    pub(super) fn show(&self, now: &Progress) {
        let (height, width) = now.size;
        let done = self.before[now.octave - 1] + (now.iteration * height * width) as u64;
        let rate = done as f64 / 1e6 / self.start.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_position(done);
        self.bar.set_message(format!(
            "octave {}/{} ({width}x{height}), iteration {}/{}, {rate:.2} Mpx/s",
            now.octave, now.octaves, now.iteration, now.iterations
        ));
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

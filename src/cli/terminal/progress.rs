//! The progress line of a picture or a film, on a terminal; nothing in a pipe.

use std::cell::{Cell, OnceCell};
use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::dream::{PerOctave, Progress};
use crate::extent::Extent;

/// The progress line of a picture: octave, iteration, rate and time left. Counts pixels, not iterations, because
/// an iteration takes longer in a large octave than in a small one.
pub(crate) struct ProgressLine {
    bar: ProgressBar,
    /// For each octave, the pixels of all iterations of the octaves before it.
    before: Vec<u64>,
    start: Instant,
    /// The pixels that were dreamed in an earlier run, if the dream is continued.
    from: OnceCell<u64>,
}

impl ProgressLine {
    pub(crate) fn new(sizes: &[Extent], iterations: &PerOctave<usize>) -> Self {
        let mut before = vec![0];
        for (octave, size) in sizes.iter().enumerate() {
            before.push(before[before.len() - 1] + (size.plane() * iterations.at(octave)) as u64);
        }
        let bar = ProgressBar::new(before[sizes.len()]);
        draw(&bar, "{bar:24} {msg}, {eta} left");
        Self { bar, before, start: Instant::now(), from: OnceCell::new() }
    }

    pub(crate) fn show(&self, now: &Progress) {
        let plane = now.size.plane();
        let (tile, tiles) = now.tiles;
        let pixels = ((now.iteration - 1) * plane + plane * tile / tiles) as u64;
        let done = self.before[now.octave - 1] + pixels;
        let from = self.from.get_or_init(|| {
            let from = self.before[now.octave - 1];
            self.bar.set_position(from);
            self.bar.reset_eta();
            from
        });
        let rate = (done - from) as f64 / 1e6 / self.start.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_position(done);
        let part = if tiles > 1 { format!(", tile {tile}/{tiles}") } else { String::new() };
        self.bar.set_message(format!(
            "octave {}/{} ({}), iteration {}/{}{part}, {rate:.2} Mpx/s",
            now.octave, now.octaves, now.size, now.iteration, now.iterations
        ));
    }

    /// Hides the line while `show` prints something else on the terminal, then redraws it below that.
    pub(crate) fn aside(&self, show: impl FnOnce()) {
        self.bar.suspend(show);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress line of a film: frames, rate and time left.
pub(crate) struct FrameLine {
    bar: ProgressBar,
    start: Instant,
    frames: Option<usize>,
    /// How many frames were done in an earlier run.
    before: Cell<usize>,
}

impl FrameLine {
    /// A line for this many frames, if that is known.
    pub(crate) fn new(frames: Option<usize>) -> Self {
        let bar = ProgressBar::new(frames.unwrap_or(0) as u64);
        let template = if frames.is_some() { "{bar:24} {msg}, {eta} left" } else { "{msg}" };
        draw(&bar, template);
        Self { bar, start: Instant::now(), frames, before: Cell::new(0) }
    }

    /// Notes how many frames were done in an earlier run.
    pub(crate) fn begin(&self, done: usize) {
        self.before.set(done);
        self.bar.set_position(done as u64);
        self.bar.reset_eta();
    }

    /// Hides the line while `show` prints something else on the terminal, then redraws it below that.
    pub(crate) fn aside(&self, show: impl FnOnce()) {
        self.bar.suspend(show);
    }

    /// Shows that this many frames are done.
    pub(crate) fn show(&self, done: usize) {
        let of = self.frames.map_or(String::new(), |frames| format!("/{frames}"));
        let rate = (done - self.before.get()) as f64 / self.start.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_position(done as u64);
        self.bar.set_message(format!("frame {done}{of}, {rate:.2} frames/s"));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress line of a visualisation: its steps.
pub(crate) struct StepLine(ProgressBar);

impl StepLine {
    pub(crate) fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        draw(&bar, "{bar:24} step {pos}/{len}, {eta} left");
        Self(bar)
    }

    /// Shows that this many steps are done.
    pub(crate) fn show(&self, done: usize) {
        self.0.set_position(done as u64);
    }

    /// Hides the line while `show` prints something else on the terminal, then redraws it below that.
    pub(crate) fn aside(&self, show: impl FnOnce()) {
        self.0.suspend(show);
    }

    /// Removes the line.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// The progress line of an atlas: its channels.
pub(crate) struct ChannelLine(ProgressBar);

impl ChannelLine {
    /// A line for `of` channels, of which `done` were done in an earlier run.
    pub(crate) fn new(done: usize, of: usize) -> Self {
        let bar = ProgressBar::new(of as u64);
        draw(&bar, "{bar:24} channel {pos}/{len}, {eta} left");
        bar.set_position(done as u64);
        bar.reset_eta();
        Self(bar)
    }

    /// Shows that this many are done.
    pub(crate) fn show(&self, done: usize) {
        self.0.set_position(done as u64);
    }

    /// Shows that this many example pictures have been examined.
    pub(crate) fn show_example(&self, done: usize, of: usize) {
        if done == 0 {
            draw(&self.0, "{bar:24} picture {pos}/{len}");
            self.0.set_length(of as u64);
        }
        self.0.set_position(done as u64);
    }

    /// Hides the line while `show` prints something else on the terminal, then redraws it below that.
    pub(crate) fn aside(&self, show: impl FnOnce()) {
        self.0.suspend(show);
    }

    /// Removes the line.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Sets how the bar is drawn: on a terminal only.
fn draw(bar: &ProgressBar, template: &str) {
    if std::io::stderr().is_terminal() {
        bar.set_style(ProgressStyle::with_template(template).expect("a template of known fields"));
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
}

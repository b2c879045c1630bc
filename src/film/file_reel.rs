//! A film on its way to a file of ffmpeg's: pictures first, and in the end all that comes with them.

use std::path::PathBuf;
use std::process::Command;

use super::FilmError;
use super::colour::Colour;
use super::companion::{Companion, Way};
use super::encoder::Encoder;
use super::file_target::FileTarget;
use super::frame::{Facts, Frame};
use super::guard::GUARD;
use super::probe::{Footage, without_name};
use super::process::answer;
use super::programs::file;
use super::source::Source;
use super::span::Span;
use crate::files::output::Output;

/// A film that is being written. The file appears when it is finished, and not before.
#[derive(Debug)]
pub(super) struct FileReel {
    /// What the rest comes from, if it is a film.
    footage: Option<Footage>,
    target: FileTarget,
    span: Span,
    companions: Vec<(Companion, Way)>,
    /// How the pictures are coded.
    colour: Colour,
    out: Output,
    /// The pictures alone, until the rest comes to them.
    pictures: tempfile::NamedTempFile,
    encoder: Encoder,
    facts: Facts,
    /// The ticks of the first frame and of the last two.
    times: Option<(i64, i64, i64)>,
}

impl FileReel {
    /// Begins a film that is like this part of its source, but for the pictures.
    ///
    /// # Errors
    /// As for [`FileTarget::check`].
    pub(super) fn begin(
        source: &Source,
        span: Span,
        target: &FileTarget,
        facts: Facts,
    ) -> Result<Self, FilmError> {
        let out = Output::at(&target.path)?;
        let footage = source.footage();
        let companions = footage.map_or(Ok(Vec::new()), |footage| target.settle(footage, &out))?;
        let pictures = out.beside()?;
        let colour = target.fitting(&source.colour());
        let encoder = Encoder::start(&target.programs, target.encoding, &colour, facts, pictures.path())?;
        let (footage, target) = (footage.cloned(), target.clone());
        Ok(Self { footage, target, span, companions, colour, out, pictures, encoder, facts, times: None })
    }

    /// What there is to know of how the film differs from its source but for the pictures, for people.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.target.remarks(&self.companions)
    }

    /// Hands over the next frame.
    ///
    /// # Errors
    /// ffmpeg takes no more.
    pub(super) fn push(&mut self, frame: Frame) -> Result<(), FilmError> {
        let now = frame.time;
        let (first, _, last) = self.times.unwrap_or((now, now, now));
        self.times = Some((first, last, now));
        self.encoder.push(frame)
    }

    /// Gives the film its name, replacing what was there. Where it `is_cut` short, the sound ends with the pictures.
    /// The `comment` takes the place of the source's.
    ///
    /// # Errors
    /// There is no frame, or ffmpeg or the disk refuses.
    pub(super) fn finish(self, is_cut: bool, comment: &str) -> Result<PathBuf, FilmError> {
        // Without a frame there is nothing to be done.
        let times = self.times.unwrap_or_default();
        let mut command = self.target.programs.ffmpeg();
        command
            .args(["-y", "-copyts", "-f", self.target.encoding.reel(self.colour.alpha), "-i"])
            .arg(file(self.pictures.path()));
        self.accompany(&mut command, times, is_cut);
        command.args(["-metadata", &format!("comment={comment}")]);
        command.args(self.target.encoding.tag(self.target.container));
        command.args(self.target.container.options()).args(["-f", self.target.container.muxer()]);
        self.encoder.finish()?;
        Ok(self.out.fill_path(|out| {
            command.arg(file(out));
            let said = answer(command).map_err(|error| error.to_string())?;
            said.map(drop).map_err(|reason| without_name(&reason, out))
        })?)
    }

    /// Adds all that comes with the pictures: of a part what lies in it, and the part begins at zero.
    fn accompany(&self, command: &mut Command, (first, before, last): (i64, i64, i64), is_cut: bool) {
        let seconds = |ticks: i64| self.facts.time_base.seconds(ticks);
        let Some(footage) = &self.footage else {
            if self.span.from.is_some() {
                command.args(["-output_ts_offset", &format!("{:.6}", -seconds(first))]);
            }
            command.args(["-map", "0:v:0", "-c", "copy"]);
            return;
        };
        // ffmpeg counts from where the file begins.
        let inside = |ticks: i64| format!("{:.6}", seconds(ticks) - footage.beginning);
        if self.span.from.is_some() {
            command.args(["-ss", &inside(first)]);
        }
        if self.span.to.is_some() || is_cut {
            // The last frame is taken to be shown for as long as the one before it.
            command.args(["-to", &inside(last + (last - before))]);
        }
        command.args(GUARD).arg("-i").arg(file(&footage.path)).args(["-map", "0:v:0"]);
        command.args(["-map_metadata", "1", "-c", "copy"]);
        let kept = self.companions.iter().filter(|(_, way)| *way != Way::LeftOut);
        for (number, (companion, way)) in kept.enumerate() {
            command.args(["-map", &format!("1:{}", companion.index)]);
            command.args([&format!("-c:{}", number + 1), way.codec()]);
        }
        let whole = self.span.is_whole() && !is_cut;
        command.args(["-map_chapters", if whole { "1" } else { "-1" }]);
        if self.span.from.is_some() {
            command.args(["-copypriorss", "0", "-output_ts_offset", &format!("{:.6}", -seconds(first))]);
        }
    }
}

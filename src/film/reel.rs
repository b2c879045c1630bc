//! A film on its way to a file: pictures first, and in the end all that comes with them.

use std::path::PathBuf;
use std::process::Command;

use super::FilmError;
use super::companion::{Companion, Way};
use super::decoder::Facts;
use super::encoder::Encoder;
use super::frame::Frame;
use super::guard::GUARD;
use super::probe::{Source, without_name};
use super::process::answer;
use super::programs::{Programs, file};
use super::span::Span;
use super::target::Target;
use crate::extent::Extent;
use crate::files::output::Output;

/// A film that is being written. The file appears when it is finished, and not before.
#[derive(Debug)]
pub struct Reel {
    programs: Programs,
    source: Source,
    target: Target,
    span: Span,
    companions: Vec<(Companion, Way)>,
    out: Output,
    /// The pictures alone, until the rest comes to them.
    pictures: tempfile::NamedTempFile,
    encoder: Encoder,
    facts: Facts,
    /// The ticks of the first frame and of the last two.
    times: Option<(i64, i64, i64)>,
}

impl Reel {
    /// Begins a film that is like this part of its source, but for the pictures.
    ///
    /// # Errors
    /// As for [`Target::check`].
    pub fn begin(
        programs: &Programs,
        source: &Source,
        span: Span,
        target: &Target,
        facts: Facts,
    ) -> Result<Self, FilmError> {
        let out = Output::at(&target.path)?;
        let companions = target.settle(programs, source, &out)?;
        let pictures = out.beside()?;
        let colour = &source.pictures.colour;
        let encoder = Encoder::start(programs, target.encoding, colour, facts, pictures.path())?;
        let (programs, source, target) = (programs.clone(), source.clone(), target.clone());
        Ok(Self { programs, source, target, span, companions, out, pictures, encoder, facts, times: None })
    }

    /// The size of every frame.
    pub fn size(&self) -> Extent {
        self.facts.size
    }

    /// What there is to know of how the film differs from its source but for the pictures, for people.
    pub fn remarks(&self) -> Vec<String> {
        self.target.remarks(&self.companions)
    }

    /// Hands over the next frame.
    ///
    /// # Errors
    /// ffmpeg takes no more.
    pub fn push(&mut self, frame: Frame) -> Result<(), FilmError> {
        let now = frame.time;
        let (first, _, last) = self.times.unwrap_or((now, now, now));
        self.times = Some((first, last, now));
        self.encoder.push(frame)
    }

    /// Gives the film its name, replacing what was there. Where it `is_cut` short, the sound ends with the pictures.
    ///
    /// # Errors
    /// There is no frame, or ffmpeg or the disk refuses.
    pub fn finish(self, is_cut: bool) -> Result<PathBuf, FilmError> {
        let Some(times) = self.times else {
            return Err(FilmError::NoFrames { path: self.source.path });
        };
        let mut command = self.programs.ffmpeg();
        command
            .args(["-y", "-copyts", "-f", self.target.encoding.reel(), "-i"])
            .arg(file(self.pictures.path()));
        self.accompany(&mut command, times, is_cut);
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
        // ffmpeg counts from where the file begins.
        let inside = |ticks: i64| format!("{:.6}", seconds(ticks) - self.source.beginning);
        if self.span.from.is_some() {
            command.args(["-ss", &inside(first)]);
        }
        if self.span.to.is_some() || is_cut {
            // The last frame is taken to be shown for as long as the one before it.
            command.args(["-to", &inside(last + (last - before))]);
        }
        command.args(GUARD).arg("-i").arg(file(&self.source.path)).args(["-map", "0:v:0"]);
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

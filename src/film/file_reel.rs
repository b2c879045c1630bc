//! A film being written to a file by ffmpeg: pictures first, in segments, and in the end all that comes with them.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use super::FilmError;
use super::colour::Colour;
use super::companion::{Companion, Way};
use super::encoder::{Digests, Encoder};
use super::file_target::FileTarget;
use super::frame::{Facts, Frame};
use super::guard::GUARD;
use super::probe::{Footage, without_name};
use super::process::Process;
use super::programs::file;
use super::segment::{ADVANCE, file_of, join};
use super::source::Source;
use super::span::Span;
use crate::files::output::{Output, OutputError, place, temporary};
use crate::picture::Picture;

/// A film that is being written. The file appears when it is finished, and not before.
#[derive(Debug)]
pub(super) struct FileReel {
    /// What the rest comes from, if it is a film.
    footage: Option<Footage>,
    target: FileTarget,
    span: Span,
    companions: Vec<(Companion, Way)>,
    facts: Facts,
    colour: Colour,
    /// Frames in seconds, usually.
    rate: (u32, u32),
    /// Where everything lies until the film is whole.
    folder: PathBuf,
    /// The segments that are done.
    segments: Vec<PathBuf>,
    /// The one at work.
    open: Option<(NamedTempFile, Encoder)>,
    /// The times of the frames that came, and of those in segments that are done.
    times: Option<Times>,
    done: Option<Times>,
}

/// The ticks of the first frame and of the last two.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    first: i64,
    before: i64,
    last: i64,
}

impl FileReel {
    /// Begins a film that is like this part of its source, but for the pictures. So many `segments` are done already.
    ///
    /// # Errors
    /// As for [`FileTarget::check`].
    pub(super) fn begin(
        source: &Source,
        span: Span,
        target: &FileTarget,
        facts: Facts,
        segments: usize,
    ) -> Result<Self, FilmError> {
        drop(Output::at(&target.path)?);
        let folder = target.part();
        fs::create_dir_all(&folder).map_err(|error| unmade(target, &error))?;
        let footage = source.footage();
        let companions = footage.map_or(Ok(Vec::new()), |footage| target.settle(footage, &folder))?;
        let segments = (1..=segments).map(|number| file_of(&folder, number)).collect();
        let colour = target.fitting(&source.colour());
        let (footage, target) = (footage.cloned(), target.clone());
        let (rate, open, times, done) = (source.usual_rate(), None, None, None);
        let reel = Self {
            footage,
            target,
            span,
            companions,
            facts,
            colour,
            rate,
            folder,
            segments,
            open,
            times,
            done,
        };
        reel.try_encoder()?;
        Ok(reel)
    }

    /// Finds out whether such frames can be encoded at all, by trying one: encoders have smallest and largest sizes.
    fn try_encoder(&self) -> Result<(), FilmError> {
        let (codec, size) = (self.target.encoding.codec(), self.facts.size);
        let gray = Picture::from_rgb(size, vec![128.0; 3 * size.plane()]).map_err(Box::new)?;
        let (_trial, mut encoder) = self.start()?;
        let frame = Frame { picture: gray.clone(), time: 0, lasts: None };
        match encoder.push(gray, frame).and_then(|()| encoder.finish()) {
            Err(FilmError::Unwritable { reason }) => Err(FilmError::NotEncoded { codec, size, reason }),
            tried => tried.map(drop),
        }
    }

    /// What there is to know of how the film differs from its source but for the pictures, for people.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.target.remarks(&self.companions)
    }

    /// Hands over the next frame, and what it was before.
    ///
    /// # Errors
    /// ffmpeg takes no more.
    pub(super) fn push(&mut self, source: Picture, frame: Frame) -> Result<(), FilmError> {
        if self.open.is_none() {
            self.open = Some(self.start()?);
        }
        self.times = Some(self.with(frame.time));
        match &mut self.open {
            Some((_, encoder)) => encoder.push(source, frame),
            None => Ok(()),
        }
    }

    /// Counts a frame of a segment that is done already.
    pub(super) fn pass(&mut self, time: i64) {
        self.times = Some(self.with(time));
        self.done = self.times;
    }

    fn with(&self, now: i64) -> Times {
        let Times { first, last, .. } = self.times.unwrap_or(Times { first: now, before: now, last: now });
        Times { first, before: last, last: now }
    }

    fn start(&self) -> Result<(NamedTempFile, Encoder), FilmError> {
        let to = temporary(&self.folder, &self.target.path)?;
        let FileTarget { programs, encoding, .. } = &self.target;
        let encoder = Encoder::start(programs, *encoding, &self.colour, (self.facts, self.rate), to.path())?;
        Ok((to, encoder))
    }

    /// Ends the segment at work, if there is one: what comes is encoded by itself.
    ///
    /// # Errors
    /// ffmpeg or the disk refuses. The segment is lost then, and the film is what was before it.
    pub(super) fn close(&mut self) -> Result<Option<Digests>, FilmError> {
        let Some((file, encoder)) = self.open.take() else { return Ok(None) };
        let digests = encoder.finish()?;
        let path = file_of(&self.folder, self.segments.len() + 1);
        place(file, &path).map_err(|error| unmade(&self.target, &error))?;
        self.segments.push(path);
        self.done = self.times;
        Ok(Some(digests))
    }

    /// Gives the film its name, replacing what was there. Where it `is_cut` short, the sound ends with the pictures.
    /// The `comment` takes the place of the source's.
    ///
    /// # Errors
    /// There is no segment, or ffmpeg or the disk refuses.
    pub(super) fn finish(mut self, is_cut: bool, comment: &str) -> Result<PathBuf, FilmError> {
        self.open = None;
        let notes = self.notes(comment)?;
        let mut command = self.target.programs.ffmpeg();
        let reel = self.target.encoding.reel(self.colour.alpha);
        command.args(["-y", "-copyts", "-itsoffset", ADVANCE, "-f", reel]);
        command.args(["-i", "pipe:0", "-f", "ffmetadata", "-i"]).arg(file(notes.path()));
        self.accompany(&mut command, is_cut);
        command.args(self.target.encoding.tag(self.target.container));
        // Nothing of when and by what it was written: the same film is the same file.
        command.args(["-fflags", "+bitexact"]);
        command.args(self.target.container.options()).args(["-f", self.target.container.muxer()]);
        Ok(Output::by_way_of(&self.folder, &self.target.path)?.fill_path(|out| {
            command.arg(file(out)).stdin(Stdio::piped());
            self.feed(command).map_err(|reason| without_name(&reason, out))
        })?)
    }

    /// Runs a command over all segments.
    fn feed(&self, command: Command) -> Result<(), String> {
        let mut process = Process::start(command).map_err(|error| error.to_string())?;
        let pipe = process.input().ok_or("ffmpeg has no pipe")?;
        let fed = join(&self.segments, &mut BufWriter::with_capacity(1 << 16, pipe));
        // Where ffmpeg has ended, its own words say more than that the pipe is broken.
        process.finish().and(fed.map_err(|error| error.to_string()))
    }

    /// A file that says the comment, which may be longer than an argument of a command.
    fn notes(&self, comment: &str) -> Result<NamedTempFile, FilmError> {
        let mut notes = temporary(&self.folder, &self.target.path)?;
        let marked = |letter: char| ['=', ';', '#', '\\', '\n'].contains(&letter);
        let mut text = ";FFMETADATA1\ncomment=".to_owned();
        for letter in comment.chars() {
            text.extend(marked(letter).then_some('\\'));
            text.push(letter);
        }
        text.push('\n');
        notes.as_file_mut().write_all(text.as_bytes()).map_err(|error| unmade(&self.target, &error))?;
        Ok(notes)
    }

    /// Adds all that comes with the pictures and the notes: of a part what lies in it, and the part begins at zero.
    fn accompany(&self, command: &mut Command, is_cut: bool) {
        // Without a frame there is nothing to be done.
        let Times { first, before, last } = self.done.unwrap_or_default();
        let seconds = |ticks: i64| self.facts.time_base.seconds(ticks);
        let Some(footage) = &self.footage else {
            if self.span.from.is_some() {
                command.args(["-output_ts_offset", &format!("{:.6}", -seconds(first))]);
            }
            command.args(["-map", "0:v:0", "-map_metadata", "1", "-c", "copy"]);
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
        // If something is given twice, the first one counts.
        command.args(["-map_metadata", "1", "-map_metadata", "2", "-c", "copy"]);
        let kept = self.companions.iter().filter(|(_, way)| *way != Way::LeftOut);
        for (number, (companion, way)) in kept.enumerate() {
            command.args(["-map", &format!("2:{}", companion.index)]);
            command.args([&format!("-c:{}", number + 1), way.codec()]);
        }
        let whole = self.span.is_whole() && !is_cut;
        command.args(["-map_chapters", if whole { "2" } else { "-1" }]);
        if self.span.from.is_some() {
            command.args(["-copypriorss", "0", "-output_ts_offset", &format!("{:.6}", -seconds(first))]);
        }
    }
}

fn unmade(target: &FileTarget, error: &std::io::Error) -> FilmError {
    OutputError::Write { path: target.path.clone(), reason: error.to_string() }.into()
}

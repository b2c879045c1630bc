//! A film being written to a file by ffmpeg: first the pictures, in segments, and in the end all other streams.

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

/// A film being written. The file appears only when it is finished.
#[derive(Debug)]
pub(super) struct FileReel {
    /// The film that the other streams come from, if there is one.
    footage: Option<Footage>,
    target: FileTarget,
    span: Span,
    companions: Vec<(Companion, Way)>,
    facts: Facts,
    colour: Colour,
    /// The usual rate: frames, and seconds for them.
    rate: (u32, u32),
    /// The folder that holds everything until the film is complete.
    folder: PathBuf,
    /// The finished segments.
    segments: Vec<PathBuf>,
    /// The segment in progress.
    open: Option<(NamedTempFile, Encoder)>,
    /// The times of all frames so far, and of those in finished segments.
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
    /// Begins a film that matches this part of its source except for the pictures. This many `segments` are
    /// finished already.
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

    /// Finds out whether such frames can be encoded at all, by trying one: encoders have minimum and maximum
    /// sizes.
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

    /// Remarks for people on how the film differs from its source, apart from the pictures.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.target.remarks(&self.companions)
    }

    /// Hands over the next frame, and the source picture that it was dreamed from.
    ///
    /// # Errors
    /// ffmpeg accepts no more frames.
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

    /// Counts a frame of a segment that is finished already.
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

    /// Ends the segment in progress, if there is one; what follows is encoded independently.
    ///
    /// # Errors
    /// ffmpeg or the disk reports an error. The segment is lost then, and the film consists of those before it.
    pub(super) fn close(&mut self) -> Result<Option<Digests>, FilmError> {
        let Some((file, encoder)) = self.open.take() else { return Ok(None) };
        let digests = encoder.finish()?;
        let path = file_of(&self.folder, self.segments.len() + 1);
        place(file, &path).map_err(|error| unmade(&self.target, &error))?;
        self.segments.push(path);
        self.done = self.times;
        Ok(Some(digests))
    }

    /// Gives the film its name, replacing any existing file. If it `is_cut` short, the sound ends with the
    /// pictures. The `comment` replaces that of the source.
    ///
    /// # Errors
    /// There is no segment, or ffmpeg or the disk reports an error.
    pub(super) fn finish(mut self, is_cut: bool, comment: &str) -> Result<PathBuf, FilmError> {
        self.open = None;
        let notes = self.notes(comment)?;
        let mut command = self.target.programs.ffmpeg();
        let reel = self.target.encoding.reel(self.colour.alpha);
        command.args(["-y", "-copyts", "-itsoffset", ADVANCE, "-f", reel]);
        command.args(["-i", "pipe:0", "-f", "ffmetadata", "-i"]).arg(file(notes.path()));
        self.accompany(&mut command, is_cut);
        command.args(self.target.encoding.tag(self.target.container));
        // Leaves out the date and the program's name, so that the same film gives the same file.
        command.args(["-fflags", "+bitexact"]);
        command.args(self.target.container.options()).args(["-f", self.target.container.muxer()]);
        Ok(Output::by_way_of(&self.folder, &self.target.path)?.fill_path(|out| {
            command.arg(file(out)).stdin(Stdio::piped());
            self.feed(command).map_err(|reason| without_name(&reason, out))
        })?)
    }

    /// Runs a command with all segments as its input.
    fn feed(&self, command: Command) -> Result<(), String> {
        let mut process = Process::start(command).map_err(|error| error.to_string())?;
        let pipe = process.input().ok_or("ffmpeg has no pipe")?;
        let fed = join(&self.segments, &mut BufWriter::with_capacity(1 << 16, pipe));
        // If ffmpeg has ended, its own message says more than the broken pipe.
        process.finish().and(fed.map_err(|error| error.to_string()))
    }

    /// A file with the comment, which may be too long for a command line.
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

    /// Adds the other streams and the metadata. If only a part of the film was dreamed, this covers that part,
    /// which is shifted to begin at zero.
    fn accompany(&self, command: &mut Command, is_cut: bool) {
        // Without a frame, these times do not matter.
        let Times { first, before, last } = self.done.unwrap_or_default();
        let seconds = |ticks: i64| self.facts.time_base.seconds(ticks);
        let Some(footage) = &self.footage else {
            if self.span.from.is_some() {
                command.args(["-output_ts_offset", &format!("{:.6}", -seconds(first))]);
            }
            command.args(["-map", "0:v:0", "-map_metadata", "1", "-c", "copy"]);
            return;
        };
        // ffmpeg measures times from the beginning of the file.
        let inside = |ticks: i64| format!("{:.6}", seconds(ticks) - footage.beginning);
        if self.span.from.is_some() {
            command.args(["-ss", &inside(first)]);
        }
        if self.span.to.is_some() || is_cut {
            // The last frame is assumed to be shown for as long as the one before it.
            command.args(["-to", &inside(last + (last - before))]);
        }
        command.args(GUARD).arg("-i").arg(file(&footage.path)).args(["-map", "0:v:0"]);
        // If a field is given twice, the first one counts.
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

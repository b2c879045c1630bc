//! The streams of a film besides its pictures: sound, subtitles, and others. They are copied packet by packet
//! where the new file accepts them. What happens to the rest is determined before any long work.

use std::fmt;
use std::path::Path;

use super::FilmError;
use super::container::Container;
use super::guard::GUARD;
use super::process::answer;
use super::programs::{Programs, file};

/// A stream other than the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Companion {
    pub(super) index: usize,
    kind: Kind,
    /// Its codec, by ffmpeg's name.
    codec: String,
}

/// The kind of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sound,
    Subtitles,
    /// Cover pictures, additional films, data.
    Other,
}

/// What is done with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Every packet is copied unchanged.
    Copied,
    /// It is re-encoded with this codec.
    Encoded(&'static str),
    /// The new file cannot hold it, or it is not wanted there.
    LeftOut,
}

impl Companion {
    /// From ffprobe's words.
    pub(super) fn new(index: usize, kind: &str, codec: &str) -> Self {
        let kind = match kind {
            "audio" => Kind::Sound,
            "subtitle" => Kind::Subtitles,
            _ => Kind::Other,
        };
        Self { index, kind, codec: codec.to_owned() }
    }

    /// Whether it is a sound stream.
    pub(super) fn is_sound(&self) -> bool {
        self.kind == Kind::Sound
    }

    /// Determines by trial what can be done with it: a file with only this stream is begun at the path `trial`.
    pub(super) fn settle(
        &self,
        programs: &Programs,
        source: &Path,
        container: Container,
        trial: &Path,
    ) -> Result<Way, FilmError> {
        for way in self.ways(container) {
            let mut command = programs.ffmpeg();
            command.arg("-y").args(GUARD).arg("-i").arg(file(source)).args(["-t", "0.1", "-map"]);
            command.arg(format!("0:{}", self.index)).args(["-c", way.codec()]);
            command.args(["-f", container.muxer()]).arg(file(trial));
            if answer(command)?.is_ok() {
                return Ok(way);
            }
        }
        Ok(Way::LeftOut)
    }

    /// What may be done with it, the best first.
    fn ways(&self, container: Container) -> Vec<Way> {
        let anew = match (self.kind, container) {
            (Kind::Other, _) => return Vec::new(),
            (Kind::Sound, Container::WebM) => "libopus",
            (Kind::Sound, _) => "aac",
            (Kind::Subtitles, Container::Mp4 | Container::Mov) => "mov_text",
            (Kind::Subtitles, Container::Matroska) => "srt",
            (Kind::Subtitles, Container::WebM) => "webvtt",
        };
        vec![Way::Copied, Way::Encoded(anew)]
    }

    /// A remark, if it is not copied unchanged.
    pub(super) fn remark(&self, way: Way) -> Option<String> {
        match way {
            Way::Copied => None,
            Way::Encoded(codec) => Some(format!("{self} becomes {codec}")),
            Way::LeftOut => Some(format!("{self} is left out")),
        }
    }
}

impl fmt::Display for Companion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, codec, .. } = self;
        let codec = if codec.is_empty() { "unknown" } else { codec };
        match self.kind {
            Kind::Sound => write!(f, "its sound, stream {index} ({codec}),"),
            Kind::Subtitles => write!(f, "its subtitles, stream {index} ({codec}),"),
            Kind::Other => write!(f, "its stream {index} ({codec})"),
        }
    }
}

impl Way {
    /// The codec, by ffmpeg's name.
    pub(super) fn codec(self) -> &'static str {
        match self {
            Self::Copied => "copy",
            Self::Encoded(codec) => codec,
            Self::LeftOut => "none",
        }
    }
}

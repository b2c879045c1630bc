//! The kinds of file that a film is written as.

use std::path::Path;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// MPEG-4.
    Mp4,
    /// QuickTime.
    Mov,
    /// Matroska.
    Matroska,
    /// What of it browsers play.
    WebM,
}

impl Container {
    const ALL: [Self; 4] = [Self::Mp4, Self::Mov, Self::Matroska, Self::WebM];

    /// The kind that a file's name says.
    pub fn of_path(path: impl AsRef<Path>) -> Option<Self> {
        let ending = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|container| container.ending() == ending)
    }

    /// How names of such files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "mkv",
            Self::WebM => "webm",
        }
    }

    /// How all of them end, in words.
    pub(super) fn endings() -> String {
        Self::ALL.map(|container| format!(".{}", container.ending())).join(", ")
    }

    /// How ffmpeg calls it.
    pub(super) fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
        }
    }

    /// What it is written with beside the streams.
    pub(super) fn options(self) -> &'static [&'static str] {
        match self {
            // The index comes first, so that the film plays while it is still being fetched.
            Self::Mp4 | Self::Mov => &["-movflags", "+faststart+use_metadata_tags"],
            Self::Matroska | Self::WebM => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides() {
        assert_eq!(Container::of_path("a.b/Film.MKV"), Some(Container::Matroska));
        for path in ["film", "film.", ".mp4", "film.mp3"] {
            assert_eq!(Container::of_path(path), None, "{path}");
        }
        assert_eq!(Container::endings(), ".mp4, .mov, .mkv, .webm");
    }
}

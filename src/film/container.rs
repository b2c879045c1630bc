//! The file formats that a film can be written in.

use std::path::Path;

/// A file format for films.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// MPEG-4.
    Mp4,
    /// QuickTime.
    Mov,
    /// Matroska.
    Matroska,
    /// The subset of Matroska that browsers play.
    WebM,
}

impl Container {
    const ALL: [Self; 4] = [Self::Mp4, Self::Mov, Self::Matroska, Self::WebM];

    /// The format that a file's name stands for.
    pub fn of_path(path: impl AsRef<Path>) -> Option<Self> {
        let ending = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|container| container.ending() == ending)
    }

    /// The file name extension.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "mkv",
            Self::WebM => "webm",
        }
    }

    /// All extensions, in words.
    pub(super) fn endings() -> String {
        Self::ALL.map(|container| format!(".{}", container.ending())).join(", ")
    }

    /// ffmpeg's name for it.
    pub(super) fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
        }
    }

    /// The output options besides those for the streams.
    pub(super) fn options(self) -> &'static [&'static str] {
        match self {
            // The index is put first, so that the film can be played while it is still downloading.
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

//! What a file contains: its moving pictures, and its other streams.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::FilmError;
use super::colour::Colour;
use super::companion::Companion;
use super::hdr::{self, Hdr};
use super::input::Input;
use super::mastering::Mastering;
use super::programs::Programs;
use super::time::TimeBase;
use crate::extent::Extent;
use crate::picture::check_size;

/// A film in a file that can be read.
#[derive(Clone, Debug)]
pub(super) struct Footage {
    /// The programs that read it.
    pub(super) programs: Programs,
    pub(super) path: PathBuf,
    pub(super) pictures: Pictures,
    pub(super) companions: Vec<Companion>,
    /// The earliest time in any stream, in seconds.
    pub(super) beginning: f64,
    frames: Option<usize>,
    /// The comment in its metadata.
    pub(super) comment: Option<String>,
}

/// The stream of moving pictures.
#[derive(Clone, Debug)]
pub(super) struct Pictures {
    pub(super) index: usize,
    pub(super) time_base: TimeBase,
    pub(super) colour: Colour,
    pub(super) interlaced: bool,
    /// The decoder to use, if not ffmpeg's default.
    pub(super) decoder: Option<&'static str>,
    /// The mean duration of a frame, if it is known.
    pub(super) pace: Option<TimeBase>,
}

impl Footage {
    /// Probes a file.
    ///
    /// # Errors
    /// The file does not exist, is not a film, or cannot be dreamed over.
    pub(super) fn open(programs: &Programs, path: &Path) -> Result<Self, FilmError> {
        check_file(path)?;
        Self::look(programs, path, Input::File(path))
    }

    /// Probes an input that has this name in messages.
    pub(super) fn look(programs: &Programs, path: &Path, from: Input<'_>) -> Result<Self, FilmError> {
        let mut command = programs.ffprobe();
        command.args(["-show_format", "-show_streams", "-of", "json"]);
        let unreadable = |reason| FilmError::Unreadable { path: path.to_owned(), reason };
        let said = from.ask(command)?.map_err(|reason| unreadable(trouble(&reason, path)))?;
        let report: Report = serde_json::from_slice(&said).map_err(|error| unreadable(error.to_string()))?;
        report.footage(programs, path)
    }

    /// Sets how HDR is treated; SDR stays as it is.
    ///
    /// # Errors
    /// It is HDR and no treatment was chosen, or this ffmpeg cannot do it.
    pub(super) fn with_hdr(mut self, wish: Option<Hdr>, from: Input<'_>) -> Result<Self, FilmError> {
        self.pictures.colour.wish = wish;
        self.check_light()?;
        if self.pictures.colour.is_mapped() {
            for part in hdr::PARTS {
                self.programs.check_part("filter", part, "converts HDR to SDR").map_err(unmapped)?;
            }
        } else if self.pictures.colour.hdr().is_some() {
            let mut command = self.programs.ffprobe();
            let film = self.pictures.index.to_string();
            command.args(["-select_streams", &film, "-read_intervals", "%+#1", "-of", "json"]);
            command.args(["-show_entries", "stream_side_data:frame_side_data"]);
            // Anything that cannot be decoded is reported later, by the decoder.
            let said = from.ask(command)?.unwrap_or_default();
            self.pictures.colour.mastering = Mastering::of_report(&said);
        }
        Ok(self)
    }

    /// Returns an error for HDR if no treatment was chosen.
    pub(super) fn check_light(&self) -> Result<(), FilmError> {
        match (self.pictures.colour.hdr(), self.pictures.colour.wish) {
            (Some(light), None) => Err(FilmError::Hdr { path: self.path.clone(), light }),
            _ => Ok(()),
        }
    }

    /// The number of frames, as far as the file tells it.
    pub(super) fn frames(&self) -> Option<usize> {
        self.frames
    }

    /// Remarks for people on how the pictures are read.
    pub(super) fn remarks(&self) -> Vec<String> {
        let interlaced = self.pictures.interlaced.then(|| "it is interlaced, and is deinterlaced".to_owned());
        self.pictures.colour.remark().into_iter().chain(interlaced).collect()
    }
}

/// An ffmpeg that cannot make SDR of HDR can still keep it.
fn unmapped(error: FilmError) -> FilmError {
    match error {
        FilmError::NoPart { part, .. } => FilmError::Unmapped { part },
        error => error,
    }
}

/// Only a regular file may be opened: a device or a pipe may never end, and is not a film.
fn check_file(path: &Path) -> Result<(), FilmError> {
    let kind = match fs::metadata(path) {
        Ok(there) if there.is_file() => return Ok(()),
        Ok(there) if there.is_dir() => "a folder",
        Ok(_) => "a device or a pipe",
        Err(error)
            if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory =>
        {
            return Err(FilmError::Missing { path: path.to_owned() });
        }
        Err(error) => return Err(FilmError::Unreadable { path: path.to_owned(), reason: error.to_string() }),
    };
    Err(FilmError::NotAFile { path: path.to_owned(), kind })
}

/// ffprobe's reason for not reading a file. It takes a whole line to say that the format is unknown or not
/// allowed; that is shortened.
fn trouble(reason: &str, path: &Path) -> String {
    let reason = without_name(reason, path);
    let is_foreign =
        reason.contains("not on whitelist") || reason == "Invalid data found when processing input";
    if is_foreign { "it is in another format".to_owned() } else { reason }
}

/// ffmpeg's message about a file without the file name, which the error includes already.
pub(super) fn without_name(reason: &str, path: &Path) -> String {
    let name = path.display();
    reason.replace(&format!("file:{name}: "), "").replace(&format!("{name}: "), "")
}

/// ffprobe's report.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, Default)]
struct Format {
    duration: Option<String>,
    start_time: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl Format {
    /// The comment's key is written differently by different containers.
    fn comment(&self) -> Option<&String> {
        self.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case("comment")).map(|(_, comment)| comment)
    }
}

/// A stream as reported by ffprobe.
#[derive(Deserialize)]
struct Stream {
    index: usize,
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    width: Option<usize>,
    height: Option<usize>,
    pix_fmt: Option<String>,
    field_order: Option<String>,
    time_base: Option<String>,
    avg_frame_rate: Option<String>,
    nb_frames: Option<String>,
    color_space: Option<String>,
    color_range: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

impl Report {
    fn footage(self, programs: &Programs, path: &Path) -> Result<Footage, FilmError> {
        let is_film = |stream: &&Stream| stream.codec_type == "video" && stream.disposition.attached_pic == 0;
        let Some(film) = self.streams.iter().find(is_film) else {
            return Err(FilmError::NoPictures { path: path.to_owned(), holds: self.holds() });
        };
        let size = Extent::new(film.height.unwrap_or(0), film.width.unwrap_or(0));
        check_size(size)
            .map_err(|source| FilmError::Size { path: path.to_owned(), source: Box::new(source) })?;
        let unreadable = || FilmError::Unreadable {
            path: path.to_owned(),
            reason: "its frames have no time base".to_owned(),
        };
        let pictures = Pictures {
            index: film.index,
            time_base: film.time_base.as_deref().and_then(|text| text.parse().ok()).ok_or_else(unreadable)?,
            colour: film.colour(size),
            interlaced: film.is_interlaced(),
            decoder: None,
            pace: film.pace(),
        };
        let pictures = film.clear(programs, pictures);
        let others = self.streams.iter().filter(|stream| stream.index != film.index);
        let companions = others.map(Stream::companion).collect();
        let seconds = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let frames = film.frames(seconds(&self.format.duration));
        let beginning = seconds(&self.format.start_time).unwrap_or(0.0);
        let comment = self.format.comment().cloned();
        Ok(Footage {
            programs: programs.clone(),
            path: path.to_owned(),
            pictures,
            companions,
            beginning,
            frames,
            comment,
        })
    }

    /// What the file contains, in words.
    fn holds(&self) -> String {
        let words = self.streams.iter().map(|stream| match stream.codec_type.as_str() {
            "audio" => "sound".to_owned(),
            "video" => "a cover".to_owned(),
            "" => "a stream of an unknown kind".to_owned(),
            kind => kind.to_owned(),
        });
        let mut words: Vec<String> = words.collect();
        words.dedup();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }
}

impl Stream {
    fn colour(&self, size: Extent) -> Colour {
        let known = |tag: &Option<String>| tag.clone().filter(|tag| tag != "unknown" && tag != "reserved");
        let of = |tag: &Option<String>| known(tag).unwrap_or_default();
        let pixels = self.pix_fmt.as_deref().unwrap_or_default();
        Colour::new(pixels, size, &of(&self.color_space), &of(&self.color_range))
            .tagged(of(&self.color_primaries), of(&self.color_transfer))
    }

    /// Chooses a decoder that reads transparency where the default one ignores it: for VP8 and VP9.
    fn clear(&self, programs: &Programs, mut pictures: Pictures) -> Pictures {
        let is_noted =
            |(key, value): (&String, &String)| key.eq_ignore_ascii_case("alpha_mode") && value == "1";
        let decoder = match self.codec_name.as_str() {
            "vp8" => "libvpx",
            "vp9" => "libvpx-vp9",
            _ => return pictures,
        };
        let there = self.tags.iter().any(is_noted)
            && programs.check_part("decoder", decoder, "reads transparency").is_ok();
        if there {
            pictures.decoder = Some(decoder);
            pictures.colour.alpha = true;
        }
        pictures
    }

    fn is_interlaced(&self) -> bool {
        matches!(self.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt"))
    }

    /// The number of frames: from the metadata, or else from the duration.
    fn frames(&self, seconds: Option<f64>) -> Option<usize> {
        let noted = self.nb_frames.as_deref().and_then(|text| text.parse().ok());
        let by_length = || {
            let (seconds_of, frames) = self.pace()?.parts();
            Some((seconds? * f64::from(frames) / f64::from(seconds_of)).round() as usize)
        };
        noted.or_else(by_length).filter(|&frames| frames > 0)
    }

    fn pace(&self) -> Option<TimeBase> {
        let rate: TimeBase = self.avg_frame_rate.as_deref()?.parse().ok()?;
        let (frames, seconds) = rate.parts();
        TimeBase::new(seconds, frames)
    }

    fn companion(&self) -> Companion {
        Companion::new(self.index, &self.codec_type, &self.codec_name)
    }
}

//! An order for a film, and the request that is made from it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MOST_PIXELS, Order, Source, too_large};
use crate::extent::Extent;
use crate::film::{self, Codec, Container, Encoding, Frames, Hdr, Moment, Span, Target};
use crate::picture::{Picture, WantedSize};
use crate::serve::refusal::Refusal;
use crate::serve::shelf::Shelf;
use crate::settings::Settings;
use crate::studio::{Carrying, FilmInputs, FilmRequest, Network, Start};

/// How many frames a film may have: two minutes of most films.
pub(in crate::serve) const MOST_FRAMES: usize = 3000;

/// What kind of file a film becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::serve) enum FilmFile {
    /// MPEG-4.
    Mp4,
    /// WebM, which all browsers play.
    WebM,
    /// Matroska.
    Mkv,
    /// A GIF.
    Gif,
    /// An animated PNG.
    Png,
}

impl FilmFile {
    pub(in crate::serve) const ALL: [Self; 5] = [Self::Mp4, Self::WebM, Self::Mkv, Self::Gif, Self::Png];

    /// The file name extension.
    pub(in crate::serve) fn ending(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::WebM => "webm",
            Self::Mkv => "mkv",
            Self::Gif => "gif",
            Self::Png => "png",
        }
    }

    /// The codecs that it can use, the default first; none if the kind of file leaves no choice.
    pub(in crate::serve) fn codecs(self) -> Vec<Codec> {
        self.container().map_or(Vec::new(), Codec::of_container)
    }

    fn container(self) -> Option<Container> {
        Container::of_path(format!("film.{}", self.ending()))
    }

    pub(in crate::serve) fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
            Self::Mkv => "video/x-matroska",
            Self::Gif => "image/gif",
            Self::Png => "image/png",
        }
    }
}

/// What the page and an order need to know about an uploaded film.
pub(in crate::serve) struct Looked {
    pub(in crate::serve) source: film::Source,
    /// The size of its frames.
    pub(in crate::serve) size: Extent,
    /// The first frame.
    pub(in crate::serve) first: Picture,
}

/// Removes our file name from a sentence about a film: it means nothing to the client that sent the film.
pub(in crate::serve) fn without_name(sentence: &str, path: &Path) -> String {
    let name = format!("'{}'", path.display());
    sentence.replace(&format!("the film {name}"), "the film").replace(&name, "the film")
}

/// Opens an uploaded film and reads its first frame.
pub(in crate::serve) fn look_into(path: &Path) -> Result<Looked, String> {
    let said = |error: film::FilmError| without_name(&error.to_string(), path);
    // HDR is tone-mapped to what a page can show.
    let source =
        film::Source::open(path, None).and_then(|it| it.with_hdr(Some(Hdr::Tonemap))).map_err(said)?;
    if let Some(frames) = source.frames().filter(|&frames| frames > MOST_FRAMES) {
        return Err(format!("the film has {frames} frames; accepted: at most {MOST_FRAMES}"));
    }
    let mut frames = Frames::start(&source, Span { from: None, to: Some(Moment::Frame(1)) }).map_err(said)?;
    let size = frames.facts().size;
    if size.plane() > MOST_PIXELS {
        return Err(too_large(size).message().to_owned());
    }
    let first = frames.next_frame().map_err(said)?.ok_or("the film has no frames")?.picture;
    Ok(Looked { source, size, first })
}

impl Order {
    /// The kind of file in which the film is ordered; `None` if the order is not for a film.
    pub(in crate::serve) fn film_file(&self) -> Option<FilmFile> {
        matches!(self.source, Source::Film(_)).then(|| self.file.unwrap_or(FilmFile::Mp4))
    }

    /// Checks the settings that concern films, as far as possible without opening the film.
    pub(super) fn check_film(&self) -> Result<(), Refusal> {
        let Some(file) = self.film_file() else {
            let texts = [&self.codec, &self.from, &self.to];
            let is_bare =
                self.file.is_none() && self.carrying.is_empty() && texts.iter().all(|it| it.is_none());
            let message = "this is no film; carrying, file, codec, from and to are for films";
            return if is_bare { Ok(()) } else { Err(Refusal::bad(message)) };
        };
        if matches!(self.wanted()?, WantedSize::Exactly(_)) {
            return Err(Refusal::bad(
                "a film keeps its shape; give its longer side, or a box to fit it into",
            ));
        }
        self.check_codec(file)?;
        self.span()?;
        self.carrying().map(drop)
    }

    /// Checks that a file of this kind can hold the codec ordered.
    fn check_codec(&self, file: FilmFile) -> Result<(), Refusal> {
        let Some(codec) = self.codec()? else { return Ok(()) };
        let Some(container) = file.container() else {
            return Err(Refusal::bad(format_args!("a .{} file takes no codec", file.ending())));
        };
        Encoding::new(container, Some(codec), None).map(drop).map_err(Refusal::bad)
    }

    fn codec(&self) -> Result<Option<Codec>, Refusal> {
        self.codec.as_deref().map(str::parse).transpose().map_err(Refusal::bad)
    }

    /// The part of the film that is dreamed.
    fn span(&self) -> Result<Span, Refusal> {
        let moment =
            |text: &Option<String>| text.as_deref().map(str::parse).transpose().map_err(Refusal::bad);
        Ok(Span { from: moment(&self.from)?, to: moment(&self.to)? })
    }

    fn carrying(&self) -> Result<Carrying, Refusal> {
        let changes = Carrying::read_json(&Value::Object(self.carrying.clone())).map_err(Refusal::bad)?;
        Ok(Carrying::default().changed(&changes))
    }

    /// The request for a film that is written to `out`, with all pictures opened.
    pub(in crate::serve) fn film_request(
        &self,
        network: &Network,
        shelf: &Shelf,
        out: &Path,
    ) -> Result<FilmRequest, String> {
        let said = |refusal: Refusal| refusal.message().to_owned();
        let Source::Film(sha256) = &self.source else { return Err("what is ordered is no film".to_owned()) };
        let path = shelf.picture(sha256);
        let Looked { source, size: own, .. } = look_into(&path)?;
        let size = match self.wanted().map_err(said)? {
            WantedSize::Fit(size) => Some(size),
            WantedSize::Own | WantedSize::Exactly(_) => None,
        };
        let largest = size.map_or(own, |size| size.fit(own));
        if largest.plane() > MOST_PIXELS {
            return Err(said(too_large(largest)));
        }
        let config = self.config(network).map_err(said)?;
        let target = Target::new(out.to_owned(), self.codec().map_err(said)?, None, true);
        let target = target.map_err(|error| without_name(&error.to_string(), out))?;
        Ok(FilmRequest {
            network: network.clone(),
            source,
            references: self.given(&config, shelf)?.marked(self.like_box),
            size,
            config,
            carrying: self.carrying().map_err(said)?,
            span: self.span().map_err(said)?,
            target,
            // Every file here has a path of its own, so no input can be overwritten.
            reads: Vec::new(),
            inputs: FilmInputs { film: path, ..FilmInputs::default() },
            start: Start::Anew,
        })
    }

    /// Opens again the pictures with which a film was begun.
    pub(in crate::serve) fn given_again(
        &self,
        network: &Network,
        shelf: &Shelf,
    ) -> Result<crate::studio::GivenPictures, String> {
        let config = self.config(network).map_err(|refusal| refusal.message().to_owned())?;
        self.given(&config, shelf)
    }
}

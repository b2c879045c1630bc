//! Conversion between a film request and its recipe.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Carrying, FilmInputs, FilmRequest, Start};
use crate::dream::Config;
use crate::dream::recipe::{
    ARITHMETIC, FileMark, FilmMark, PictureMark, Recipe, RecipeError, Source as Origin,
};
use crate::extent::Extent;
use crate::film::{Source, Span, Target, TimeBase};
use crate::machine::Machine;
use crate::picture::Format;
use crate::studio::network::mark_of;
use crate::studio::{JobError, MarkedReferences, Network};

impl FilmRequest {
    /// Everything that determines the frames. They have the size `size`; `whole` is the size of the source.
    pub(super) fn recipe(
        &self,
        machine: &dyn Machine,
        dream: Config,
        whole: Extent,
        size: Extent,
    ) -> Result<Recipe, JobError> {
        let mark = PictureMark { sha256: self.source.sha256()?, width: whole.width, height: whole.height };
        Ok(Recipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            arithmetic: ARITHMETIC,
            device: mark_of(machine),
            weights: self.network.mark.clone(),
            source: Origin::Picture(mark),
            references: self.references.marks.clone(),
            width: size.width,
            height: size.height,
            file: FileMark { format: Format::Png, depth: None, quality: None },
            complete: true,
            dream,
            film: self.film_mark(),
        })
    }

    /// What the recipe has in addition to a picture's, if the film carries a recipe.
    fn film_mark(&self) -> Option<FilmMark> {
        let (encoding, sound) = self.target.encoding()?;
        let Carrying { carry, per_frame, every, ref cuts } = self.carrying;
        let Span { from, to } = self.span;
        Some(FilmMark {
            carry,
            per_frame,
            every,
            cuts: cuts.to_string(),
            from: from.map(|moment| moment.to_string()),
            to: to.map(|moment| moment.to_string()),
            fps: self.source.rate(),
            size: self.size.map(|size| size.to_string()),
            hdr: self.source.hdr().map(|hdr| hdr.to_string()),
            codec: encoding.codec().to_string(),
            crf: encoding.crf(),
            sound,
            segments: Vec::new(),
        })
    }
}

/// A film that is to be dreamed according to a recipe, and the file or folder that the recipe comes from.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    pub(super) recipe: Recipe,
    pub(super) film: FilmMark,
    pub(super) path: PathBuf,
}

impl Ordered {
    /// The film's request.
    ///
    /// # Errors
    /// The source is not the same, or the recipe has invalid values.
    pub(super) fn request(
        &self,
        (network, references): (Network, MarkedReferences),
        inputs: FilmInputs,
        out: &Path,
        start: Start,
    ) -> Result<FilmRequest, JobError> {
        let film = &self.film;
        let tick = self.optional("fps", film.fps.as_deref(), TimeBase::of_rate)?;
        let hdr = self.optional("hdr", film.hdr.as_deref(), FromStr::from_str)?;
        let source = Source::open(&inputs.film, tick)?.with_hdr(hdr)?;
        if !self.is_source(&source)? {
            let (path, dreamed) = (inputs.film, self.path.clone());
            return Err(JobError::OtherFilm { path, dreamed });
        }
        let codec = self.read("codec", &film.codec, FromStr::from_str)?;
        let span = Span {
            from: self.optional("from", film.from.as_deref(), FromStr::from_str)?,
            to: self.optional("to", film.to.as_deref(), FromStr::from_str)?,
        };
        Ok(FilmRequest {
            network,
            references,
            size: self.optional("size", film.size.as_deref(), FromStr::from_str)?,
            config: self.recipe.dream.clone(),
            carrying: Carrying {
                carry: film.carry,
                per_frame: film.per_frame.max(1),
                every: film.every.max(1),
                cuts: self.read("cuts", &film.cuts, FromStr::from_str)?,
            },
            span,
            target: Target::new(out.to_owned(), Some(codec), film.crf, film.sound)?,
            reads: source.files().into_iter().chain(inputs.files()).map(Path::to_owned).collect(),
            source,
            inputs,
            start,
        })
    }

    fn is_source(&self, source: &Source) -> Result<bool, JobError> {
        match &self.recipe.source {
            Origin::Picture(mark) => Ok(mark.sha256 == source.sha256()?),
            Origin::Sky { .. } => Ok(false),
        }
    }

    fn optional<T, E: std::fmt::Display>(
        &self,
        key: &str,
        text: Option<&str>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, JobError> {
        text.map(|text| self.read(key, text, read)).transpose()
    }

    fn read<T, E: std::fmt::Display>(
        &self,
        key: &str,
        text: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, JobError> {
        read(text).map_err(|error| {
            let (key, value, reason) = (format!("film.{key}"), text.to_owned(), error.to_string());
            JobError::Recipe { path: self.path.clone(), source: RecipeError::Value { key, value, reason } }
        })
    }
}

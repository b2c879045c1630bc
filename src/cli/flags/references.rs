//! The flags for the pictures that steer a dream.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{is_stream, mind, open_picture};
use crate::cli::failure::Failure;
use crate::dream::objective::Role;
use crate::picture::ReadOptions;
use crate::studio::{GivenMask, GivenPictures, open_mask};

/// The files.
#[derive(Args)]
pub(crate) struct ReferenceArguments {
    /// The guide of guide:LAYER: every part of the dream grows towards the part of this picture that it
    /// resembles most
    #[arg(long, value_name = "PICTURE", help_heading = "What to dream of")]
    pub(crate) guide: Option<PathBuf>,

    /// The model of like:LAYER: the whole dream grows towards what this picture shows on average
    #[arg(long, value_name = "PICTURE", help_heading = "What to dream of")]
    pub(crate) like: Option<PathBuf>,

    /// Dream only where this picture is bright, or, with `alpha`, where the source is opaque; `video` takes
    /// films and folders too. Of several masks, each needs objectives that end in its number (#1, #2), except
    /// one, which gets all objectives without a number
    #[arg(long, value_name = "PICTURE|alpha", help_heading = "Blending")]
    pub(crate) mask: Vec<PathBuf>,
}

impl ReferenceArguments {
    /// Every file that is read.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.guide.iter().chain(&self.like).chain(self.mask_files())
    }

    /// The masks that are files.
    pub(crate) fn mask_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.mask.iter().filter(|path| !is_alpha(path))
    }

    /// The roles of the given pictures.
    pub(crate) fn roles(&self) -> Vec<Role> {
        let files = [(&self.guide, Role::Guide), (&self.like, Role::Like)];
        files.into_iter().filter(|(file, _)| file.is_some()).map(|(_, role)| role).collect()
    }

    /// Opens all of them, so that errors are reported before any work.
    pub(crate) fn open(&self, options: &ReadOptions) -> Result<GivenPictures, Failure> {
        self.open_with(options, &|path| Ok(GivenMask::Picture(open_picture(path, options)?.into())))
    }

    /// The same for a film, whose masks may be films too.
    pub(crate) fn open_moving(&self, options: &ReadOptions) -> Result<GivenPictures, Failure> {
        self.open_with(options, &|path| {
            if is_stream(path) {
                return Ok(GivenMask::Picture(open_picture(path, options)?.into()));
            }
            let (opened, source) = open_mask(path, options)?;
            mind(&opened.path, &opened.picture);
            Ok(match source {
                None => GivenMask::Picture(opened.into()),
                Some(source) => GivenMask::Moving(opened.into(), source.into()),
            })
        })
    }

    fn open_with(
        &self,
        options: &ReadOptions,
        open_mask: &dyn Fn(&Path) -> Result<GivenMask, Failure>,
    ) -> Result<GivenPictures, Failure> {
        let open =
            |path: &Option<PathBuf>| path.as_deref().map(|path| open_picture(path, options)).transpose();
        let mask = |path: &PathBuf| if is_alpha(path) { Ok(GivenMask::Alpha) } else { open_mask(path) };
        let masks = self.mask.iter().map(mask).collect::<Result<Vec<GivenMask>, Failure>>()?;
        Ok(GivenPictures {
            guide: open(&self.guide)?,
            like: open(&self.like)?,
            masks,
            ..GivenPictures::default()
        })
    }
}

fn is_alpha(path: &Path) -> bool {
    path.as_os_str() == "alpha"
}

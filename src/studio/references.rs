//! The pictures that steer a dream: as they are given, and as a recipe requires them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::delivery::keep_inputs;
use super::directions::{GivenDirection, open_directions, same_directions};
use super::opened::{Opened, same_picture};
use super::{InputRole, JobError, MovingMask};
use crate::dream::recipe::{MaskMark, PictureMark, ReferenceMarks};
use crate::dream::{Likeness, Mask, Objective, PixelBox, References};
use crate::film::Source;
use crate::picture::Picture;

/// What steers a dream, and how a recipe identifies it.
#[derive(Clone, Debug, Default)]
pub struct MarkedReferences {
    /// The pictures.
    pub references: Arc<References>,
    /// How a recipe identifies them.
    pub marks: ReferenceMarks,
    /// The masks that move, for a film.
    pub moving: Vec<MovingMask>,
}

/// The pictures and directions that were given.
#[derive(Clone, Debug, Default)]
pub struct GivenPictures {
    /// The guide.
    pub guide: Option<Opened>,
    /// The picture that the dream is made to resemble.
    pub like: Option<Opened>,
    /// The directions.
    pub directions: Vec<GivenDirection>,
    /// The masks, by number.
    pub masks: Vec<GivenMask>,
}

/// A mask that was given.
#[derive(Clone, Debug)]
pub enum GivenMask {
    /// The transparency of the picture that is dreamed over.
    Alpha,
    /// A picture.
    Picture(Box<Opened>),
    /// The first frame of a moving mask, and its source.
    Moving(Box<Opened>, Box<Source>),
}

impl GivenPictures {
    /// Adds the directions that objectives refer to, from their files.
    ///
    /// # Errors
    /// See [`open_directions`].
    pub fn with_directions<'a>(
        self,
        objectives: impl IntoIterator<Item = &'a Objective>,
    ) -> Result<Self, JobError> {
        Ok(Self { directions: open_directions(objectives)?, ..self })
    }

    /// The references for a new dream; `like_box` is the part of the `like` picture that is used.
    pub fn marked(self, like_box: Option<PixelBox>) -> MarkedReferences {
        let apart = |opened: Opened| (opened.picture, opened.mark);
        let (guide, like) = (self.guide.map(apart).unzip(), self.like.map(apart).unzip());
        let (directions, direction_marks) =
            self.directions.into_iter().map(|given| (given.direction, given.mark)).unzip();
        let mut moving = Vec::new();
        let masks = self.masks.into_iter().enumerate().map(|(number, mask)| match mask {
            GivenMask::Alpha => (Mask::Alpha, MaskMark::Alpha),
            GivenMask::Picture(opened) => (Mask::Picture(opened.picture), MaskMark::Picture(opened.mark)),
            GivenMask::Moving(opened, source) => {
                moving.push(MovingMask { number, source: *source });
                (Mask::Picture(opened.picture), MaskMark::Picture(opened.mark))
            }
        });
        let (masks, mask_marks) = masks.unzip();
        let likeness = like.0.map(|picture| Likeness { picture, region: like_box });
        MarkedReferences {
            references: Arc::new(References { guide: guide.0, like: likeness, directions, masks }),
            marks: ReferenceMarks {
                guide: guide.1,
                like: like.1,
                like_box,
                directions: direction_marks,
                masks: mask_marks,
            },
            moving,
        }
    }

    /// The references of a recipe's dream. The given pictures have to be exactly those.
    ///
    /// # Errors
    /// A picture is missing, differs from the recipe's, or is not used by it.
    pub fn matching(self, dreamed: &Path, marks: &ReferenceMarks) -> Result<MarkedReferences, JobError> {
        let same = |role, mark: Option<&PictureMark>, given: Option<Opened>| match (mark, given) {
            (None, None) => Ok(None),
            (None, Some(given)) => {
                Err(JobError::PictureUnwanted { role, dreamed: dreamed.to_owned(), path: given.path })
            }
            (Some(mark), given) => same_picture(role, dreamed, mark, given).map(Some),
        };
        let guide = same(InputRole::Guide, marks.guide.as_ref(), self.guide)?;
        let like = same(InputRole::Like, marks.like.as_ref(), self.like)?;
        let like = like.map(|picture| Likeness { picture, region: marks.like_box });
        let directions = same_directions(dreamed, &marks.directions, self.directions)?;
        let mut files = self.masks.into_iter().filter_map(|mask| match mask {
            GivenMask::Alpha => None,
            GivenMask::Picture(opened) => Some((*opened, None)),
            GivenMask::Moving(opened, source) => Some((*opened, Some(*source))),
        });
        let (mut masks, mut moving) = (Vec::new(), Vec::new());
        for (number, mark) in marks.masks.iter().enumerate() {
            masks.push(match mark {
                MaskMark::Alpha => Mask::Alpha,
                MaskMark::Picture(mark) => {
                    let (opened, source) = files.next().unzip();
                    moving.extend(source.flatten().map(|source| MovingMask { number, source }));
                    Mask::Picture(same_picture(InputRole::Mask, dreamed, mark, opened)?)
                }
            });
        }
        same(InputRole::Mask, None, files.next().map(|(opened, _)| opened))?;
        let references = Arc::new(References { guide, like, directions, masks });
        Ok(MarkedReferences { references, marks: marks.clone(), moving })
    }
}

impl MarkedReferences {
    /// Rejects an output that is also the file of a direction.
    pub(super) fn keep_directions(&self, output: Option<&Path>) -> Result<(), JobError> {
        let files: Vec<PathBuf> =
            self.marks.directions.iter().map(|mark| PathBuf::from(&mark.file)).collect();
        output.map_or(Ok(()), |output| keep_inputs(&files, output))
    }

    /// An alpha mask needs a picture with transparency; a sky is opaque.
    pub(super) fn check_alpha(&self, picture: Option<&Picture>) -> Result<(), JobError> {
        let clear = picture.is_some_and(|picture| picture.alpha().is_some());
        if clear || !self.references.masks.contains(&Mask::Alpha) {
            return Ok(());
        }
        Err(JobError::Solid)
    }
}

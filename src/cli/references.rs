//! Pictures that a dream is steered by: the flags that name them, and the files behind a recipe's marks.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::pictures::open_picture;
use crate::dream::objective;
use crate::dream::recipe::{MaskMark, PictureMark, ReferenceMarks};
use crate::dream::{Likeness, Mask, PixelBox, References};
use crate::picture::Picture;

/// The files.
#[derive(Args)]
pub(super) struct ReferenceArguments {
    /// The picture that guide:LAYER dreams after: every part of the dream grows towards the part of it that it
    /// is most like
    #[arg(long, value_name = "PICTURE", help_heading = "What to climb")]
    pub(super) guide: Option<PathBuf>,

    /// The picture that like:LAYER dreams after: the whole dream grows towards what it shows on average
    #[arg(long, value_name = "PICTURE", help_heading = "What to climb")]
    pub(super) like: Option<PathBuf>,

    /// Dream only where this picture is bright, or `alpha` for where the dreamed one is solid. Of several, each
    /// needs objectives that end in its number: #1, #2; one may be without, for all objectives that have none
    #[arg(long, value_name = "PICTURE|alpha", help_heading = "Lay over")]
    pub(super) mask: Vec<PathBuf>,
}

/// The pictures, and how a recipe names them.
pub(super) struct OpenedReferences {
    pub(super) references: References,
    pub(super) marks: ReferenceMarks,
}

impl ReferenceArguments {
    /// Every file that is read.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.guide.iter().chain(&self.like).chain(self.mask_files())
    }

    /// What the pictures are for that are given.
    pub(super) fn roles(&self) -> Vec<objective::Role> {
        let files = [(&self.guide, objective::Role::Guide), (&self.like, objective::Role::Like)];
        files.into_iter().filter(|(file, _)| file.is_some()).map(|(_, role)| role).collect()
    }

    fn mask_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.mask.iter().filter(|path| !is_alpha(path))
    }

    /// Opens all of them: what is wrong with them is said before any work is done.
    pub(super) fn open(&self, like_box: Option<PixelBox>) -> Result<OpenedReferences, Failure> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(open_picture).transpose();
        let (guide, like) = (open(&self.guide)?.unzip(), open(&self.like)?.unzip());
        let mut masks = Vec::new();
        for path in &self.mask {
            masks.push(if is_alpha(path) {
                (Mask::Alpha, MaskMark::Alpha)
            } else {
                let (picture, mark) = open_picture(path)?;
                (Mask::Picture(picture), MaskMark::Picture(mark))
            });
        }
        let (masks, mask_marks) = masks.into_iter().unzip();
        let likeness = like.0.map(|picture| Likeness { picture, region: like_box });
        Ok(OpenedReferences {
            references: References { guide: guide.0, like: likeness, masks },
            marks: ReferenceMarks { guide: guide.1, like: like.1, like_box, masks: mask_marks },
        })
    }

    /// Opens the pictures that a dream was steered by, and no others.
    pub(super) fn open_same(&self, dreamed: &Path, marks: &ReferenceMarks) -> Result<References, Failure> {
        let same = |role: Role, mark: Option<&PictureMark>, path: Option<&PathBuf>| match (mark, path) {
            (None, None) => Ok(None),
            (None, Some(path)) => Err(Failure::usage(format_args!(
                "'{}' was not dreamed {} picture; leave '{}' away",
                dreamed.display(),
                role.words,
                path.display()
            ))),
            (Some(mark), path) => same_picture(role, dreamed, mark, path.map(PathBuf::as_path)).map(Some),
        };
        let guide = same(GUIDE, marks.guide.as_ref(), self.guide.as_ref())?;
        let like = same(LIKE, marks.like.as_ref(), self.like.as_ref())?;
        let like = like.map(|picture| Likeness { picture, region: marks.like_box });
        let mut files = self.mask_files();
        let mut masks = Vec::new();
        for mark in &marks.masks {
            masks.push(match mark {
                MaskMark::Alpha => Mask::Alpha,
                MaskMark::Picture(mark) => {
                    let path = files.next().map(PathBuf::as_path);
                    Mask::Picture(same_picture(MASK, dreamed, mark, path)?)
                }
            });
        }
        same(MASK, None, files.next())?;
        Ok(References { guide, like, masks })
    }
}

/// What a picture was for a dream, in words.
#[derive(Clone, Copy)]
pub(super) struct Role {
    /// How it was dreamed: `over a`.
    words: &'static str,
    /// The same at the end of a sentence.
    brief: &'static str,
    /// How the picture is given.
    flag: &'static str,
}

/// What is dreamed over.
pub(super) const SOURCE: Role = Role { words: "over a", brief: "over", flag: "name its file too" };
const GUIDE: Role = Role { words: "after a guide, a", brief: "after", flag: "give it with --guide" };
const LIKE: Role = Role { words: "to be like a", brief: "to be like", flag: "give it with --like" };
const MASK: Role = Role { words: "under a mask, a", brief: "under", flag: "give it with --mask" };

/// The picture that a recipe names, from this file, if it is in it.
pub(super) fn same_picture(
    role: Role,
    dreamed: &Path,
    mark: &PictureMark,
    path: Option<&Path>,
) -> Result<Picture, Failure> {
    let PictureMark { sha256, width, height } = mark;
    let (Role { words, brief, flag }, dreamed) = (role, dreamed.display());
    let message = match path {
        None => {
            format!("'{dreamed}' was dreamed {words} picture of {width}x{height} (SHA-256 {sha256}); {flag}")
        }
        Some(path) => match open_picture(path)? {
            (picture, found) if found == *mark => return Ok(picture),
            _ => format!(
                "'{}' is another picture than the one of {width}x{height} (SHA-256 {sha256}) that '{dreamed}' \
                 was dreamed {brief}",
                path.display(),
            ),
        },
    };
    Err(Failure { message, code: 1 })
}

fn is_alpha(path: &Path) -> bool {
    path.as_os_str() == "alpha"
}

/// A mask by transparency needs a picture that has it.
pub(super) fn check_alpha(masks: &[Mask], picture: Option<&Picture>) -> Result<(), Failure> {
    let clear = picture.is_some_and(|picture| picture.alpha().is_some());
    if clear || !masks.contains(&Mask::Alpha) {
        return Ok(());
    }
    Err(Failure::usage(
        "--mask alpha needs a picture with transparency, and this one has none; give a picture as the mask",
    ))
}

//! What a file is decoded to, and how that becomes a picture.

use image::DynamicImage;
use image::metadata::Orientation;

use super::rows::each_row;
use super::{MAX_NOTES, ReadOptions};
use crate::extent::Extent;
use crate::picture::coding::Coding;
use crate::picture::gather::Gatherer;
use crate::picture::remark::Remark;
use crate::picture::{Depth, Picture, PictureError, check_size, profile};

fn extent_of(image: &DynamicImage) -> Extent {
    Extent::new(image.height() as usize, image.width() as usize)
}

fn depth_of(image: &DynamicImage) -> Depth {
    let color = image.color();
    match color.bits_per_pixel() / u16::from(color.channel_count()) {
        ..=8 => Depth::Eight,
        9..=16 => Depth::Sixteen,
        _ => Depth::ThirtyTwo,
    }
}

/// What a file is decoded to before it is a picture: pixels, and what is known about them.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    pub(super) orientation: Option<Orientation>,
    pub(super) profile: Option<Vec<u8>>,
    pub(super) coding: Option<Coding>,
    pub(super) remarks: Vec<Remark>,
    /// Whether all pixels were grey in the file.
    pub(super) is_gray: bool,
    /// Whether the colours were multiplied by alpha.
    pub(super) is_multiplied: bool,
    /// The depth of linear light; `None` for levels.
    pub(super) light: Option<Depth>,
}

/// The pixels of a file.
pub(super) enum Pixels {
    /// As they are stored.
    Stored(DynamicImage),
    /// Already in the size that is wanted, from a picture of this size.
    Fitted(Box<Picture>, Extent),
}

impl From<DynamicImage> for Decoded {
    fn from(image: DynamicImage) -> Self {
        let is_gray = !image.color().has_color();
        Self { is_gray, ..Self::from(Pixels::Stored(image)) }
    }
}

impl From<Pixels> for Decoded {
    fn from(pixels: Pixels) -> Self {
        Self {
            pixels,
            orientation: None,
            profile: None,
            coding: None,
            remarks: Vec::new(),
            is_gray: false,
            is_multiplied: false,
            light: None,
        }
    }
}

impl Decoded {
    /// The picture in the size that is wanted, and the one that it has.
    pub(super) fn into_picture(mut self, options: &ReadOptions) -> Result<(Picture, Extent), PictureError> {
        self.mind_floats();
        let profile = self.profile();
        let (picture, size) = match self.pixels {
            Pixels::Fitted(picture, size) => (*picture, size),
            Pixels::Stored(mut image) => {
                image.apply_orientation(self.orientation.unwrap_or(Orientation::NoTransforms));
                let size = extent_of(&image);
                let to = options.fit(size);
                check_size(to)?;
                let picture = match self.light {
                    Some(depth) => {
                        let pixels = image.into_rgba32f();
                        let pixels = pixels.pixels().map(|pixel| pixel.0);
                        Picture::from_light(size, depth, pixels).into_resized(to)?
                    }
                    None => gathered(&image, self.is_multiplied, to),
                };
                (picture, size)
            }
        };
        Ok((Picture { profile, coding: self.coding, remarks: self.remarks, ..picture }, size))
    }

    /// The profile for what the pixels become here, which is RGB.
    fn profile(&mut self) -> Option<Vec<u8>> {
        let profile = self.profile.take().filter(|profile| profile.len() as u64 <= MAX_NOTES)?;
        match profile::kind(&profile)? {
            profile::Kind::Rgb => return Some(profile),
            profile::Kind::Gray if self.is_gray => {
                if let Some(profile) = profile::of_gray(&profile) {
                    return Some(profile);
                }
                self.remarks.push(Remark::GrayProfile);
            }
            profile::Kind::Gray => self.remarks.push(Remark::OtherProfile { colours: "gray" }),
            profile::Kind::Other => self.remarks.push(Remark::OtherProfile { colours: "other colours" }),
        }
        None
    }

    /// Looks for floats that are not finite, or are outside 0 to 1.
    fn mind_floats(&mut self) {
        let samples: &[f32] = match &self.pixels {
            Pixels::Stored(DynamicImage::ImageRgb32F(image)) => image,
            Pixels::Stored(DynamicImage::ImageRgba32F(image)) => image,
            _ => &[],
        };
        let not_finite = samples.iter().filter(|sample| !sample.is_finite()).count();
        let outside =
            samples.iter().filter(|sample| sample.is_finite() && !(0.0..=1.0).contains(*sample)).count();
        if not_finite > 0 {
            self.remarks.push(Remark::NotFinite { samples: not_finite });
        }
        if outside > 0 && self.light.is_none() {
            let finite = || samples.iter().copied().filter(|sample| sample.is_finite());
            let range = [finite().fold(0.0, f32::min), finite().fold(0.0, f32::max)];
            self.remarks.push(Remark::OutOfRange { samples: outside, range });
        }
    }
}

/// The levels of an image, in this size.
fn gathered(image: &DynamicImage, is_multiplied: bool, to: Extent) -> Picture {
    let mut gatherer = Gatherer::new(extent_of(image), to);
    each_row(image, &mut |row| {
        if is_multiplied {
            row.iter_mut().for_each(divide);
        }
        gatherer.row(row);
    });
    Picture { depth: depth_of(image), ..gatherer.finish() }
}

/// Takes the colours of a pixel for what they are without alpha. Where it is clear, nothing is known of them.
fn divide([red, green, blue, solid]: &mut [f32; 4]) {
    if *solid > 0.0 && *solid < 255.0 {
        for sample in [red, green, blue] {
            *sample = (*sample * 255.0 / *solid).min(255.0);
        }
    }
}

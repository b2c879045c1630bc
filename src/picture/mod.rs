//! Pictures: what comes in from a file, what goes out to one, and how one is resized between the two.
//!
//! A [`Picture`] holds three planes of floats, so that 16-bit sources lose nothing and a dream is rounded
//! exactly once, when it is saved. Transparency, the colour profile and light brighter than white ride along
//! untouched by the network.

mod encode;
mod error;
mod format;
mod jpeg;
mod light;
mod mark;
mod note;
mod openexr;
mod read;
mod size;
pub mod sky;
pub(crate) mod tensors;
mod write;

use image::imageops::{self, FilterType};
use image::{Rgba, Rgba32FImage};

use crate::extent::Extent;

pub use error::PictureError;
pub use format::{Depth, Format, FormatError, is_readable};
pub use note::{beside, read_recipe};
pub use size::{Size, SizeError};
pub use write::{SaveOptions, to_byte, to_word};

/// The longest side a picture may have, in pixels: what JPEG and GIF can express.
pub const MAX_SIDE: usize = 65_535;

/// The most pixels a picture may have: 268 million, 3 GiB as float planes.
pub const MAX_PIXELS: usize = 1 << 28;

/// The most bytes that a picture's file is read for where its size is not known beforehand: the largest
/// accepted picture in the widest sample.
pub const MAX_FILE: u64 = 16 * MAX_PIXELS as u64;

/// A picture: colour as planar floats, and transparency where it has some.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    extent: Extent,
    rgb: Vec<f32>,
    alpha: Option<Vec<u16>>,
    /// Linear light outside 0 to 1, planar like the colours; only float formats hold any (see [`light`]).
    excess: Option<Vec<f32>>,
    profile: Option<Vec<u8>>,
    depth: Depth,
    /// How many samples of the file were not finite.
    not_finite: usize,
}

impl Picture {
    /// Makes an opaque picture from planar `[3][height][width]` samples, red first, 0 to 255.
    ///
    /// # Errors
    /// A side of zero, a picture over [`MAX_SIDE`] or [`MAX_PIXELS`], or a wrong number of samples.
    pub fn from_rgb(extent: Extent, rgb: Vec<f32>) -> Result<Self, PictureError> {
        check_size(extent)?;
        check_samples("the colour", rgb.len(), 3, extent)?;
        Ok(Self { extent, rgb, alpha: None, excess: None, profile: None, depth: Depth::Eight, not_finite: 0 })
    }

    /// The same colours with this transparency: `[height][width]`, 0 clear to 65535 solid, or none.
    ///
    /// # Errors
    /// A wrong number of samples.
    pub fn with_alpha(mut self, alpha: Option<Vec<u16>>) -> Result<Self, PictureError> {
        if let Some(alpha) = &alpha {
            check_samples("the alpha", alpha.len(), 1, self.extent)?;
        }
        self.alpha = alpha;
        Ok(self)
    }

    /// Rows and columns, each at least 1.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> usize {
        self.extent.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> usize {
        self.extent.height
    }

    /// The colours: planar `[3][height][width]`, red first, 0 to 255 (8-bit units, not rounded).
    pub fn rgb(&self) -> &[f32] {
        &self.rgb
    }

    /// The colours, to change in place; laid out as in [`Picture::rgb`].
    pub fn rgb_mut(&mut self) -> &mut [f32] {
        &mut self.rgb
    }

    /// The colours alone, laid out as in [`Picture::rgb`].
    pub fn into_rgb(self) -> Vec<f32> {
        self.rgb
    }

    /// Brightness of each pixel (BT.601), `[height][width]`, 0 to 255. Grays keep their value to the bit.
    pub fn luma(&self) -> Vec<f32> {
        let plane = self.extent.plane();
        let (red, rest) = self.rgb.split_at(plane);
        let (green, blue) = rest.split_at(plane);
        let pixels = red.iter().zip(green).zip(blue);
        pixels.map(|((r, g), b)| g + 0.299 * (r - g) + 0.114 * (b - g)).collect()
    }

    /// The transparency: `[height][width]`, 0 clear to 65535 solid. `None` for a solid picture.
    pub fn alpha(&self) -> Option<&[u16]> {
        self.alpha.as_deref()
    }

    /// The ICC profile that says what the colours mean, as it stood in the file. The levels are the file's
    /// own: nothing is converted.
    pub fn profile(&self) -> Option<&[u8]> {
        self.profile.as_deref()
    }

    /// How finely the file knew its samples, which is how finely the picture is saved unless something
    /// else is asked for; 8 bits for a picture from nowhere.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// This picture with noise on every sample, of this standard deviation in gray levels, drawn from a seed.
    /// The noise is the sum of twelve even draws: near enough to a Gaussian, and exact on every machine.
    pub fn grained(&self, deviation: f32, seed: u64) -> Self {
        use rand_pcg::rand_core::{Rng, SeedableRng};
        // Not the numbers that the shifts of this seed are drawn from.
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(!seed);
        // Whole numbers below 2^16, of which f32 adds up twelve without rounding; their variance is 2^32 / 12.
        let mut four = || {
            let bits = random.next_u64();
            (0..4).map(|part| f32::from((bits >> (16 * part)) as u16)).sum::<f32>()
        };
        let mut noise = || (four() + four() + four() - 6.0 * 65_535.0) / 65_536.0;
        let mut grained = self.clone();
        grained.rgb.iter_mut().for_each(|sample| *sample += deviation * noise());
        grained
    }

    /// This picture at another size, whatever its shape, by Lanczos resampling with three lobes (which
    /// averages when it shrinks); alpha too. Results stay within 0 to 255.
    ///
    /// # Errors
    /// A side of zero, or a size over [`MAX_SIDE`] or [`MAX_PIXELS`].
    pub fn resized(&self, to: Extent) -> Result<Self, PictureError> {
        check_size(to)?;
        if to == self.extent {
            return Ok(self.clone());
        }
        let filter = FilterType::Lanczos3;
        let image = imageops::resize(&self.interleaved(), to.width as u32, to.height as u32, filter);
        let pixels = image.pixels().map(|pixel| pixel.0.map(|sample| sample * 255.0));
        let mut resized = Self::from_pixels(to, pixels);
        if self.alpha.is_none() {
            resized.alpha = None;
        }
        resized.profile.clone_from(&self.profile);
        resized.depth = self.depth;
        resized.excess = self.excess.as_ref().map(|excess| light::resized_planes(excess, self.extent, to));
        Ok(resized)
    }

    /// The same without keeping this picture: one that has that size already is not copied.
    ///
    /// # Errors
    /// As for [`Picture::resized`].
    pub fn into_resized(self, to: Extent) -> Result<Self, PictureError> {
        if to == self.extent { Ok(self) } else { self.resized(to) }
    }

    /// This picture made to fit `size`, smaller or larger, its shape kept (see [`Size::fit`]).
    ///
    /// # Errors
    /// A result over [`MAX_PIXELS`].
    pub fn fit(&self, size: Size) -> Result<Self, PictureError> {
        self.resized(size.fit(self.extent))
    }

    /// Gathers planes from RGBA pixels in 8-bit units. All solid means no alpha.
    fn from_pixels(extent: Extent, pixels: impl Iterator<Item = [f32; 4]>) -> Self {
        let plane = extent.plane();
        let mut rgb = vec![0.0; 3 * plane];
        let mut alpha = vec![0; plane];
        for (index, [red, green, blue, solid]) in pixels.enumerate() {
            rgb[index] = red;
            rgb[plane + index] = green;
            rgb[2 * plane + index] = blue;
            alpha[index] = (solid * 257.0).round() as u16;
        }
        let solid = alpha.iter().all(|&sample| sample == u16::MAX);
        let alpha = (!solid).then_some(alpha);
        Self { extent, rgb, alpha, excess: None, profile: None, depth: Depth::Eight, not_finite: 0 }
    }

    /// How many samples of the file that it was read from were not finite numbers: NaN was taken as 0, what
    /// is infinite as the brightest or the darkest value.
    pub fn not_finite(&self) -> usize {
        self.not_finite
    }

    /// The picture whose colours, multiplied by alpha, these are.
    /// Where it is clear, nothing is known of them.
    fn unmultiplied(mut self) -> Self {
        let Some(alpha) = &self.alpha else { return self };
        for plane in self.rgb.chunks_exact_mut(alpha.len()) {
            for (sample, &solid) in plane.iter_mut().zip(alpha).filter(|(_, solid)| **solid > 0) {
                *sample = (*sample * f32::from(u16::MAX) / f32::from(solid)).min(255.0);
            }
        }
        self
    }

    /// One pixel as RGBA in 8-bit units.
    fn pixel(&self, x: u32, y: u32) -> [f32; 4] {
        let plane = self.extent.plane();
        let index = y as usize * self.extent.width + x as usize;
        let solid = self.alpha.as_ref().map_or(255.0, |alpha| f32::from(alpha[index]) / 257.0);
        [self.rgb[index], self.rgb[plane + index], self.rgb[2 * plane + index], solid]
    }

    /// The picture as the `image` crate resizes it: 0 to 1, the range it clamps to.
    fn interleaved(&self) -> Rgba32FImage {
        Rgba32FImage::from_fn(self.extent.width as u32, self.extent.height as u32, |x, y| {
            Rgba(self.pixel(x, y).map(|sample| sample / 255.0))
        })
    }
}

/// The size limits, for whoever makes or plans a picture.
pub(crate) fn check_size(size: Extent) -> Result<(), PictureError> {
    if size.shortest() == 0 {
        return Err(PictureError::NoPixels { size });
    }
    if size.longest() > MAX_SIDE || size.width as u64 * size.height as u64 > MAX_PIXELS as u64 {
        return Err(PictureError::TooLarge { size });
    }
    Ok(())
}

fn check_samples(what: &'static str, given: usize, planes: usize, size: Extent) -> Result<(), PictureError> {
    let needed = planes * size.plane();
    if given == needed {
        return Ok(());
    }
    Err(PictureError::Samples { what, given, needed, size })
}

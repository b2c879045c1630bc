//! Pictures: how they are read from files, written to files, and resized in between.
//!
//! A [`Picture`] holds three planes of floats, so that 16-bit sources lose nothing and a dream is rounded exactly
//! once, when it is saved. Transparency, the colour profile and light brighter than white are kept alongside; the
//! network does not touch them.

mod animation;
mod coding;
mod encode;
mod error;
mod format;
mod gather;
mod jpeg;
mod light;
mod mark;
mod note;
mod openexr;
mod profile;
mod read;
mod remark;
mod resample;
mod size;
pub mod sky;
mod strangers;
pub(crate) mod tensors;
mod write;

use crate::extent::Extent;
use gather::Gatherer;

pub(crate) use animation::{AnimationError, AnimationFile};
pub use error::PictureError;
pub use format::{Depth, Format, FormatError, is_picture};
pub use note::{beside, read_recipe, read_recipe_in};
use read::guarded;
pub use read::{ReadOptions, WantedSize};
pub use remark::Remark;
pub use size::{Size, SizeError};
pub use strangers::is_shadow;
pub use write::{SaveOptions, to_byte, to_word};

/// The longest side a picture may have, in pixels: the limit of JPEG and GIF.
pub const MAX_SIDE: usize = 65_535;

/// The maximum number of pixels of a picture: 268 million, 3 GiB as float planes.
pub const MAX_PIXELS: usize = 1 << 28;

/// The maximum number of bytes read from a picture's file if its size is not known beforehand: the largest
/// accepted picture with the widest samples.
pub const MAX_FILE: u64 = 16 * MAX_PIXELS as u64;

/// A picture: colour as planar floats, and transparency if it has any.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    extent: Extent,
    rgb: Vec<f32>,
    alpha: Option<Vec<u16>>,
    /// Linear light outside 0 to 1, planar like the colours; only float formats hold any (see [`light`]).
    excess: Option<Vec<f32>>,
    profile: Option<Vec<u8>>,
    coding: Option<coding::Coding>,
    depth: Depth,
    remarks: Vec<Remark>,
}

impl Picture {
    /// Makes an opaque picture from planar `[3][height][width]` samples, red first, 0 to 255.
    ///
    /// # Errors
    /// A side of zero, a picture over [`MAX_SIDE`] or [`MAX_PIXELS`], or a wrong number of samples.
    pub fn from_rgb(extent: Extent, rgb: Vec<f32>) -> Result<Self, PictureError> {
        check_size(extent)?;
        check_samples("the colour", rgb.len(), 3, extent)?;
        Ok(Self::plain(extent, rgb, None))
    }

    /// A picture of which nothing but the colours is known.
    fn plain(extent: Extent, rgb: Vec<f32>, alpha: Option<Vec<u16>>) -> Self {
        let (depth, remarks) = (Depth::Eight, Vec::new());
        Self { extent, rgb, alpha, excess: None, profile: None, coding: None, depth, remarks }
    }

    /// The same colours with this transparency: `[height][width]`, from 0 (transparent) to 65535 (opaque), or
    /// none.
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

    /// The colours only, laid out as in [`Picture::rgb`].
    pub fn into_rgb(self) -> Vec<f32> {
        self.rgb
    }

    /// The luma of each pixel (BT.601), `[height][width]`, 0 to 255. Greys keep their value to the bit.
    pub fn luma(&self) -> Vec<f32> {
        let plane = self.extent.plane();
        let (red, rest) = self.rgb.split_at(plane);
        let (green, blue) = rest.split_at(plane);
        let pixels = red.iter().zip(green).zip(blue);
        pixels.map(|((r, g), b)| g + 0.299 * (r - g) + 0.114 * (b - g)).collect()
    }

    /// The transparency: `[height][width]`, from 0 (transparent) to 65535 (opaque). `None` for an opaque picture.
    pub fn alpha(&self) -> Option<&[u16]> {
        self.alpha.as_deref()
    }

    /// The ICC profile that says what the colours mean, as it was in the file. The levels are those of the file:
    /// nothing is converted.
    pub fn profile(&self) -> Option<&[u8]> {
        self.profile.as_deref()
    }

    /// The depth of the file's samples. The picture is saved with the same depth unless something else is asked
    /// for. It is 8 bits for a picture that comes from no file.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// This picture with noise added to every sample, with this standard deviation in grey levels, drawn from a
    /// seed. The noise is the sum of twelve uniform draws, which is close enough to a Gaussian, and exact on
    /// every machine.
    pub fn grained(&self, deviation: f32, seed: u64) -> Self {
        use rand_pcg::rand_core::{Rng, SeedableRng};
        // Not the random numbers that the shifts are drawn from with this seed.
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(!seed);
        // Integers below 2^16, twelve of which f32 adds without rounding; their variance is 2^32 / 12.
        let mut four = || {
            let bits = random.next_u64();
            (0..4).map(|part| f32::from((bits >> (16 * part)) as u16)).sum::<f32>()
        };
        let mut noise = || (four() + four() + four() - 6.0 * 65_535.0) / 65_536.0;
        let mut grained = self.clone();
        grained.rgb.iter_mut().for_each(|sample| *sample += deviation * noise());
        grained
    }

    /// This picture at another size and any aspect ratio, resampled with a Lanczos filter with three lobes (which
    /// averages when it shrinks); alpha too. Results stay within 0 to 255.
    ///
    /// # Errors
    /// A side of zero, or a size over [`MAX_SIDE`] or [`MAX_PIXELS`].
    pub fn resized(&self, to: Extent) -> Result<Self, PictureError> {
        check_size(to)?;
        if to == self.extent {
            return Ok(self.clone());
        }
        let mut gatherer = Gatherer::new(self.extent, to);
        for y in 0..self.extent.height as u32 {
            let row: Vec<[f32; 4]> = (0..self.extent.width as u32).map(|x| self.pixel(x, y)).collect();
            gatherer.row(&row);
        }
        let mut resized = gatherer.finish();
        resized.profile.clone_from(&self.profile);
        resized.coding.clone_from(&self.coding);
        resized.depth = self.depth;
        resized.excess = self.excess.as_ref().map(|excess| light::resized_planes(excess, self.extent, to));
        Ok(resized)
    }

    /// The same, but consumes this picture: one that already has that size is not copied.
    ///
    /// # Errors
    /// As for [`Picture::resized`].
    pub fn into_resized(self, to: Extent) -> Result<Self, PictureError> {
        if to == self.extent { Ok(self) } else { self.resized(to) }
    }

    /// This picture scaled down or up to fit `size`, with its aspect ratio kept (see [`Size::fit`]).
    ///
    /// # Errors
    /// If the result is over [`MAX_PIXELS`].
    pub fn fit(&self, size: Size) -> Result<Self, PictureError> {
        self.resized(size.fit(self.extent))
    }

    /// Collects planes from RGBA pixels in 8-bit units. If all are opaque, there is no alpha.
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
        Self::plain(extent, rgb, alpha)
    }

    /// What the owner of the file may not expect; empty for a picture that was not read from a file.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Whether both have exactly the same pixels, whatever else is known about them.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let planes = (&self.rgb, &self.alpha, &self.excess);
        self.extent == other.extent && planes == (&other.rgb, &other.alpha, &other.excess)
    }

    /// What the file says about its colours that a file of this format has no place for.
    pub fn left_behind(&self, format: Format) -> Option<&'static str> {
        let coding = self.coding.as_ref().is_some_and(coding::Coding::differs) && format != Format::Png;
        match (self.profile.is_some() && !format.keeps_profile(), coding) {
            (true, _) => Some("colour profile"),
            (false, true) if self.profile.is_none() => {
                Some("statement of what its colours mean (gAMA, cHRM or cICP)")
            }
            _ => None,
        }
    }

    /// One pixel as RGBA in 8-bit units.
    fn pixel(&self, x: u32, y: u32) -> [f32; 4] {
        let plane = self.extent.plane();
        let index = y as usize * self.extent.width + x as usize;
        let solid = self.alpha.as_ref().map_or(255.0, |alpha| f32::from(alpha[index]) / 257.0);
        [self.rgb[index], self.rgb[plane + index], self.rgb[2 * plane + index], solid]
    }
}

/// Checks the size limits, for code that makes or plans a picture.
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

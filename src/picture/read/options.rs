//! How a picture is read.

use std::path::Path;

use crate::extent::Extent;
use crate::files::bytes::ByteSize;
use crate::picture::{PictureError, Size};

/// How a picture is read. The default is whole, whatever memory that takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions {
    /// The size that it is given on the way: the result is that of [`Picture::resized`], but what is shrunk is never
    /// whole in memory as floats.
    ///
    /// [`Picture::resized`]: crate::picture::Picture::resized
    pub size: WantedSize,
    /// The most bytes that reading it may take.
    pub memory: Option<u64>,
}

/// Which size a picture is given while it is read.
#[derive(Clone, Copy, Debug, Default)]
pub enum WantedSize {
    /// Its own.
    #[default]
    Own,
    /// It is made to fit, if that makes it smaller.
    Fit(Size),
    /// This, whatever its shape, if that is smaller.
    Exactly(Extent),
}

/// Bytes of a pixel of a picture: three floats and alpha.
const GATHERED: u64 = 14;

/// Bytes of a pixel of linear light while it becomes a picture: four floats, levels, alpha, and the excess.
const LIGHT: u64 = 16 + 14 + 12;

/// What unpacking a picture takes, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// For each pixel of the result.
    pub(super) pixel: u64,
    /// At the most until it is unpacked: the result, the packed picture, and what the decoder makes on the way.
    pub(super) on_the_way: u64,
}

impl ReadOptions {
    /// The size that a picture of this size is given. None is made larger here: that saves no memory.
    pub(super) fn fit(&self, size: Extent) -> Extent {
        let wanted = match self.size {
            WantedSize::Own => size,
            WantedSize::Fit(wanted) => wanted.fit(size),
            WantedSize::Exactly(wanted) => wanted,
        };
        if wanted.plane() > size.plane() { size } else { wanted }
    }

    /// Says, before anything is allocated, whether there is room for a picture that is unpacked as a whole.
    pub(super) fn check(&self, path: &Path, size: Extent, demand: Demand) -> Result<(), PictureError> {
        let unpacked = demand.pixel * size.plane() as u64;
        let gathered = GATHERED * self.fit(size).plane() as u64;
        // These follow each other: the picture is unpacked, turned (which makes a copy), and collected row by
        // row.
        let needed = demand.on_the_way.max(2 * unpacked).max(unpacked + gathered + rows(size));
        self.check_bytes(path, size, needed)
    }

    /// The same for one that is read row by row.
    pub(super) fn check_rows(&self, path: &Path, size: Extent) -> Result<(), PictureError> {
        self.check_bytes(path, size, rows(size) + GATHERED * self.fit(size).plane() as u64)
    }

    /// The same for one of linear light, which is shrunk when it is whole.
    pub(super) fn check_light(&self, path: &Path, size: Extent) -> Result<(), PictureError> {
        let (stored, made) = (size.plane() as u64, self.fit(size).plane() as u64);
        self.check_bytes(path, size, LIGHT * stored + if stored == made { 0 } else { LIGHT * made })
    }

    fn check_bytes(&self, path: &Path, size: Extent, needed: u64) -> Result<(), PictureError> {
        match self.memory.filter(|&memory| needed > memory) {
            None => Ok(()),
            Some(memory) => Err(PictureError::NoRoom {
                path: path.to_owned(),
                size,
                needed: ByteSize(needed),
                memory: ByteSize(memory),
            }),
        }
    }
}

/// Bytes of as many rows as the filter reaches over, as floats.
fn rows(size: Extent) -> u64 {
    16 * 12 * size.width as u64
}

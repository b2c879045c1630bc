//! Sizes as a user writes them, and the size that they give a picture.

use std::fmt;
use std::str::FromStr;

use super::MAX_SIDE;
use crate::extent::Extent;

/// How large a picture should become. Written as `N` (longest side) or `WxH` (a box).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The longest side, in pixels, 1 to [`MAX_SIDE`].
    Within(usize),
    /// The picture fits inside this box and touches it; each side in pixels, 1 to [`MAX_SIDE`].
    Box(Extent),
}

impl Size {
    /// The size of a picture of this size (both sides at least 1) scaled to fit: the aspect ratio is kept, one
    /// side touches the box, and the other is rounded to the nearest pixel and at least 1.
    pub fn fit(self, Extent { height, width }: Extent) -> Extent {
        let within = self.exact();
        // Widened, because a box times a side may not fit into 32 bits.
        let scale = |side: usize, to: usize, from: usize| {
            let (side, to, from) = (side as u64, to as u64, from as u64);
            ((2 * side * to + from) / (2 * from)).max(1) as usize
        };
        if within.width as u64 * height as u64 <= within.height as u64 * width as u64 {
            Extent::new(scale(height, within.width, width), within.width)
        } else {
            Extent::new(within.height, scale(width, within.height, height))
        }
    }

    /// The size itself, if there is no picture to fit: a square, or the box.
    pub fn exact(self) -> Extent {
        match self {
            Self::Within(side) => Extent::square(side),
            Self::Box(sides) => sides,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(side) => write!(formatter, "{side}"),
            Self::Box(sides) => write!(formatter, "{sides}"),
        }
    }
}

/// Why a text is not a [`Size`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{text}' is not a size: {reason}; give the longest side in pixels (640) or a box (640x480), \
     each side from 1 to {MAX_SIDE}"
)]
pub struct SizeError {
    text: String,
    reason: &'static str,
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let side =
            |digits: &str| parse_side(digits).map_err(|reason| SizeError { text: text.to_owned(), reason });
        Ok(match text.split_once(['x', 'X']) {
            None => Self::Within(side(text)?),
            Some((width, height)) => {
                let width = side(width)?;
                Self::Box(Extent { height: side(height)?, width })
            }
        })
    }
}

fn parse_side(digits: &str) -> Result<usize, &'static str> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it must be made of whole numbers");
    }
    // Digits that do not parse are too many.
    match digits.parse().unwrap_or(usize::MAX) {
        0 => Err("a side is zero"),
        side if side > MAX_SIDE => Err("a side is too long"),
        side => Ok(side),
    }
}

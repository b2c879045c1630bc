//! Sizes as a user writes them, and what they make of a picture's own.

use std::fmt;
use std::str::FromStr;

use super::MAX_SIDE;

/// How large a picture should become. Written as `N` (longest side) or `WxH` (a box).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The longest side, in pixels, 1 to [`MAX_SIDE`].
    Within(usize),
    /// The picture fits inside this box and touches it.
    Box {
        /// Width of the box in pixels, 1 to [`MAX_SIDE`].
        width: usize,
        /// Height of the box in pixels, 1 to [`MAX_SIDE`].
        height: usize,
    },
}

impl Size {
    /// The size, `(width, height)` in pixels, of a `width` x `height` picture (both at least 1) scaled to
    /// fit: shape kept, one side touching the box, the other rounded to the nearest pixel and at least 1.
    pub fn fit(self, width: usize, height: usize) -> (usize, usize) {
        let (box_width, box_height) = match self {
            Size::Within(side) => (side, side),
            Size::Box { width, height } => (width, height),
        };
        // Widened, because a box times a side need not fit 32 bits.
        let scale = |side: usize, to: usize, from: usize| {
            let (side, to, from) = (side as u64, to as u64, from as u64);
            ((2 * side * to + from) / (2 * from)).max(1) as usize
        };
        if box_width as u64 * height as u64 <= box_height as u64 * width as u64 {
            (box_width, scale(height, box_width, width))
        } else {
            (scale(width, box_height, height), box_height)
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Size::Within(side) => write!(formatter, "{side}"),
            Size::Box { width, height } => write!(formatter, "{width}x{height}"),
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
            None => Size::Within(side(text)?),
            Some((width, height)) => Size::Box { width: side(width)?, height: side(height)? },
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

//! When a frame is shown: whole ticks of a stream's clock, never rounded.

use std::fmt;
use std::str::FromStr;

/// The length of a tick, as a fraction of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBase {
    numerator: u32,
    denominator: u32,
}

impl TimeBase {
    /// So many parts of a second; `None` if that is no length.
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        (numerator > 0 && denominator > 0).then_some(Self { numerator, denominator })
    }

    /// The fraction.
    pub fn parts(self) -> (u32, u32) {
        (self.numerator, self.denominator)
    }

    /// So many ticks in seconds.
    pub fn seconds(self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.numerator) / f64::from(self.denominator)
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for TimeBase {
    type Err = ();

    /// As ffprobe writes it: `1/12800`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (numerator, denominator) = text.split_once('/').ok_or(())?;
        let whole = |text: &str| text.parse().map_err(drop);
        Self::new(whole(numerator)?, whole(denominator)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_a_fraction_of_a_second() {
        let tick: TimeBase = "1001/30000".parse().expect("a fraction");
        assert_eq!((tick.parts(), tick.to_string().as_str()), ((1001, 30_000), "1001/30000"));
        assert_eq!(tick.seconds(30_000), 1001.0);
        for wrong in ["0/1", "1/0", "1", "1/x", "-1/25", ""] {
            assert_eq!(wrong.parse::<TimeBase>(), Err(()), "{wrong}");
        }
    }
}

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
    /// A thousandth of a second.
    pub const MILLISECOND: Self = Self { numerator: 1, denominator: 1000 };

    /// A tick of this fraction of a second; `None` if that is not a valid length.
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        (numerator > 0 && denominator > 0).then_some(Self { numerator, denominator })
    }

    /// The numerator and the denominator.
    pub fn parts(self) -> (u32, u32) {
        (self.numerator, self.denominator)
    }

    /// Converts ticks to seconds.
    pub fn seconds(self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.numerator) / f64::from(self.denominator)
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// Why a text is not a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a frame rate; give frames per second, above 0 and up to 1000: 25, 29.97 or 30000/1001")]
pub struct RateError(String);

impl TimeBase {
    /// The tick for this many frames per second: `25`, `29.97`, `30000/1001`.
    ///
    /// # Errors
    /// The text is not such a number.
    pub fn of_rate(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError(text.to_owned());
        let whole = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (frames, seconds) = match (text.split_once('/'), text.split_once('.')) {
            (Some((frames, seconds)), _) => (whole(frames)?, whole(seconds)?),
            (None, None) => (whole(text)?, 1),
            (None, Some((_, fraction))) => {
                let places = u32::try_from(fraction.len()).map_err(|_| wrong())?;
                (whole(&text.replacen('.', "", 1))?, 10_u32.checked_pow(places).ok_or_else(wrong)?)
            }
        };
        let tick = Self::new(seconds, frames).ok_or_else(wrong)?;
        if frames / 1000 > seconds { Err(wrong()) } else { Ok(tick) }
    }
}

impl FromStr for TimeBase {
    type Err = ();

    /// Parses the form that ffprobe writes: `1/12800`.
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

    #[test]
    fn a_rate_is_a_number_or_a_fraction() {
        for (rate, parts) in
            [("25", (1, 25)), ("29.97", (100, 2997)), ("30000/1001", (1001, 30_000)), ("0.5", (10, 5))]
        {
            assert_eq!(TimeBase::of_rate(rate).map(TimeBase::parts), Ok(parts), "{rate}");
        }
        for wrong in ["", "0", "-1", "inf", "25fps", "1/0", "5000", ".", "1.2.3", "1e3"] {
            assert!(TimeBase::of_rate(wrong).is_err(), "{wrong}");
        }
    }
}

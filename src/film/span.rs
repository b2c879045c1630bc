//! A part of a film, between two moments.

use std::fmt;
use std::str::FromStr;

/// A moment of a film.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Moment {
    /// This many seconds after its beginning.
    Seconds(f64),
    /// The time of this frame, the first being 0.
    Frame(usize),
}

/// Why a text is not a [`Moment`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a time in a film; give seconds (90 or 90.5), minutes (1:30.5), hours (0:01:30), or a frame (2250f)"
)]
pub struct MomentError(String);

/// A part of a film: the frames at or after the first moment and before the second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// Where it begins, if not at the beginning of the film.
    pub from: Option<Moment>,
    /// Where it ends, if not at the end of the film.
    pub to: Option<Moment>,
}

impl Span {
    /// Whether it is the whole film.
    pub fn is_whole(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// The filter that keeps only this part of a film whose times start at `beginning`.
    pub(super) fn filter(&self, beginning: f64) -> Option<String> {
        let part = |moment: Option<Moment>, place: &str| {
            moment.map(|moment| match moment {
                Moment::Seconds(seconds) => format!("{place}={:.6}", seconds + beginning),
                Moment::Frame(number) => format!("{place}_frame={number}"),
            })
        };
        let parts: Vec<String> = part(self.from, "start").into_iter().chain(part(self.to, "end")).collect();
        (!parts.is_empty()).then(|| format!("trim={}", parts.join(":")))
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let wrong = || MomentError(text.to_owned());
        if let Some(number) = text.strip_suffix('f') {
            return number.parse().map(Self::Frame).map_err(|_| wrong());
        }
        let mut parts = text.rsplit(':');
        let mut seconds = parts.next().and_then(number).ok_or_else(wrong)?;
        // The order matters: otherwise one part too many would be taken.
        for (factor, part) in [60.0, 3600.0].into_iter().zip(parts.by_ref()) {
            let whole: u32 = part.parse().map_err(|_| wrong())?;
            seconds += f64::from(whole) * factor;
        }
        // A century, which every clock used later can represent.
        if parts.next().is_none() && seconds < 3.2e9 { Ok(Self::Seconds(seconds)) } else { Err(wrong()) }
    }
}

/// Digits with at most one point among them.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| plain)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds}"),
            Self::Frame(number) => write!(f, "{number}f"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_seconds_or_frames() {
        for (text, moment) in [
            ("90", Moment::Seconds(90.0)),
            ("0.04", Moment::Seconds(0.04)),
            ("1:30.5", Moment::Seconds(90.5)),
            ("1:00:00", Moment::Seconds(3600.0)),
            ("120f", Moment::Frame(120)),
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
        for wrong in ["", "f", "-1", "1:", ":1", "1:2:3:4", "inf", "1e3", "1.2.3", "5 f", "99999999999"] {
            let error = wrong.parse::<Moment>().expect_err(wrong).to_string();
            assert!(error.contains(&format!("'{wrong}'")), "{error}");
        }
    }

    #[test]
    fn a_part_is_a_filter() {
        let span = Span { from: Some(Moment::Seconds(1.5)), to: Some(Moment::Frame(50)) };
        assert_eq!(span.filter(1.4).as_deref(), Some("trim=start=2.900000:end_frame=50"));
        assert_eq!(Span::default().filter(0.0), None);
        assert!(Span::default().is_whole() && !span.is_whole());
    }
}

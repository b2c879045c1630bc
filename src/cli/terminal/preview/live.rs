//! Pictures of a film in the terminal: the newest, at a rate that can be watched.

use std::time::{Duration, Instant};

use super::{Preview, show};
use crate::picture::{Picture, PictureError};

/// How long a picture stays at least: a terminal takes a while to draw one, and so do people to see it.
const LEAST: Duration = Duration::from_secs(1);

/// A terminal that shows a film as it is dreamed.
pub(crate) struct Live {
    preview: Preview,
    pace: Pace,
}

/// When a picture is shown.
#[derive(Default)]
struct Pace {
    last: Option<Instant>,
}

impl Pace {
    /// Whether a picture is shown that is there now.
    fn shows(&mut self, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|last| now.duration_since(last) >= LEAST);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

impl Live {
    pub(crate) fn new(preview: Preview) -> Self {
        Self { preview, pace: Pace::default() }
    }

    /// Shows a picture, unless the one before came just now; `aside` makes place for it.
    ///
    /// # Errors
    /// It cannot be put into the form that the terminal takes.
    pub(crate) fn show(
        &mut self,
        picture: &Picture,
        aside: impl FnOnce(&dyn Fn()),
    ) -> Result<(), PictureError> {
        if self.pace.shows(Instant::now()) {
            let encoded = self.preview.encode(picture)?;
            aside(&|| show(&encoded));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stays_for_a_second() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let shown: Vec<u64> = (0..=2500)
            .step_by(40)
            .filter(|&milliseconds| pace.shows(start + Duration::from_millis(milliseconds)))
            .collect();
        assert_eq!(shown, [0, 1000, 2000]);
    }
}

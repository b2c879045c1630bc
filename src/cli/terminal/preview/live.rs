//! Previews of a film in the terminal: the newest frame, at a rate that can be watched.

use std::time::{Duration, Instant};

use super::{Preview, show};
use crate::picture::{Picture, PictureError};

/// The least time for which a picture stays: a terminal takes a while to draw it, and people to see it.
const LEAST: Duration = Duration::from_secs(1);

/// A terminal that shows a film as it is dreamed.
pub(crate) struct Live {
    preview: Preview,
    pace: Pace,
}

/// Decides when a picture is shown.
#[derive(Default)]
struct Pace {
    last: Option<Instant>,
}

impl Pace {
    /// Whether to show a picture that is ready now.
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

    /// Shows a picture, unless the last one was shown too recently. `aside` moves the progress line out of the
    /// way.
    ///
    /// # Errors
    /// The picture cannot be encoded for the terminal.
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

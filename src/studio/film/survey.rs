//! A look at a film before it is dreamed: what is in it, and how much time and space its dream will take.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::shooting::Shooting;
use super::trail::Leg;
use super::{FilmEvent, FilmRequest, Start};
use crate::carry::Junction;
use crate::extent::Extent;
use crate::files::output::OutputError;
use crate::studio::{Cancel, JobError, Seat};

/// What is known of a film, and an estimate of what its dream will take, based on two frames.
#[derive(Clone, Debug)]
pub struct Survey {
    /// How many frames there are.
    pub frames: usize,
    /// Their size.
    pub size: Extent,
    /// The frames that begin a shot, from 0, except for the first; `None` if every frame is dreamed on its own.
    pub cuts: Option<Vec<usize>>,
    /// The time for the first frame of a shot.
    pub first: Duration,
    /// The time for any other frame.
    pub later: Duration,
    /// The number of frames that were dreamed, and their size in bytes.
    tried: (usize, u64),
}

impl Survey {
    /// The estimated time for the whole film.
    pub fn time(&self) -> Duration {
        let shots = self.cuts.as_ref().map_or(1, |cuts| cuts.len() + 1);
        let times = |time: Duration, count: usize| time.mul_f64(count as f64);
        times(self.first, shots) + times(self.later, self.frames.saturating_sub(shots))
    }

    /// The estimated size of the pictures in bytes.
    pub fn bytes(&self) -> u64 {
        let (frames, bytes) = self.tried;
        (bytes as f64 / frames.max(1) as f64 * self.frames as f64) as u64
    }
}

/// The number of legs that are dreamed to measure the time: the first frame of a shot, and one that continues it.
const TRIED: usize = 2;

impl FilmRequest {
    /// Decodes the film to its end, finds its cuts, and dreams two legs. Keeps no files; `None` if it was
    /// cancelled.
    ///
    /// # Errors
    /// Whatever is wrong with the request or the film.
    pub fn survey(
        mut self,
        seat: &mut Seat,
        cancel: &Cancel,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<Option<Survey>, JobError> {
        self.check()?;
        let folder = tempfile::tempdir().map_err(|error| {
            let (path, reason) = (std::env::temp_dir(), error.to_string());
            JobError::from(OutputError::Write { path, reason })
        })?;
        (self.target, self.start) = (self.target.on_trial(folder.path()), Start::New);
        let Some(mut shooting) = self.begin(seat, TRIED, cancel, tell)? else { return Ok(None) };
        let mut looked = Looked::default();
        while let Some(leg) = shooting.scout.next()? {
            if !looked.at(&mut shooting, leg, cancel)? {
                return Ok(None);
            }
        }
        let carried = shooting.continuity.is_some();
        // The first leg was handed over in the time of the second, as it will be.
        shooting.outgoing.hand_over(&mut |_| {})?;
        let Looked { count, cuts, times, dreamed } = looked;
        let mut reel = shooting.outgoing.reel;
        let size = reel.size();
        reel.close()?;
        reel.flush()?;
        reel.finish(true, "")?;
        let first = times.first().copied().unwrap_or_default();
        Ok(Some(Survey {
            frames: count,
            size,
            cuts: carried.then_some(cuts),
            first,
            later: times.last().copied().unwrap_or(first),
            tried: (dreamed, bytes_in(folder.path())),
        }))
    }
}

/// The results so far.
#[derive(Default)]
struct Looked {
    /// The number of frames.
    count: usize,
    cuts: Vec<usize>,
    /// The time per frame of each leg that was dreamed.
    times: Vec<Duration>,
    /// The number of frames in those legs.
    dreamed: usize,
}

impl Looked {
    /// Processes the next leg. Returns `false` if that was cancelled.
    fn at(&mut self, shooting: &mut Shooting<'_>, leg: Leg, cancel: &Cancel) -> Result<bool, JobError> {
        let frames = leg.between.len() + 1;
        if leg.key.junction == Junction::Cut && self.count > 0 {
            self.cuts.push(self.count);
        }
        if self.times.len() < TRIED {
            let start = Instant::now();
            if !shooting.deliver(leg, cancel, &mut |_| {})? {
                return Ok(false);
            }
            self.times.push(start.elapsed() / frames as u32);
            self.dreamed += frames;
        }
        self.count += frames;
        Ok(!cancel.is_cancelled())
    }
}

/// The total size in bytes of all files in a folder.
fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}

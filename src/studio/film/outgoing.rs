//! Finished frames on their way into the film. The last one is handed over late, while the device is busy with the
//! next.

use std::mem;

use super::events::FilmEvent;
use crate::dream::{Overlay, Progress, Watcher};
use crate::film::{Digests, Frame, Reel};
use crate::machine::{Next, Reading};
use crate::studio::JobError;

/// A frame whose dream is done, and may still be on its way from the device.
pub(super) struct Finished {
    /// The frame of the source.
    pub(super) frame: Frame,
    /// The dream.
    pub(super) dream: Reading,
    /// How the dream is laid over the frame.
    pub(super) overlay: Overlay,
}

/// The way from the device into the film.
pub(super) struct Outgoing {
    pub(super) reel: Reel,
    /// The finished frame that was not handed over yet, if there is one.
    late: Option<Finished>,
    /// The number of frames that were handed over.
    frames: usize,
    /// The number of those in the current segment.
    segment: usize,
}

impl Outgoing {
    /// Begins after this many frames, at the beginning of a segment.
    pub(super) fn after(frames: usize, reel: Reel) -> Self {
        Self { reel, late: None, frames, segment: 0 }
    }

    /// The number of frames that are finished.
    pub(super) fn frames(&self) -> usize {
        self.frames + usize::from(self.late.is_some())
    }

    /// The number of frames in the current segment that are finished.
    pub(super) fn segment(&self) -> usize {
        self.segment + usize::from(self.late.is_some())
    }

    /// Ends the current segment, of which everything must have been handed over. Returns the number of its frames,
    /// and their digests if they are encoded.
    ///
    /// # Errors
    /// The segment cannot be written.
    pub(super) fn close(&mut self) -> Result<(usize, Option<Digests>), JobError> {
        let frames = mem::take(&mut self.segment);
        Ok((frames, self.reel.close()?))
    }

    /// Takes a finished frame, after handing over the one before.
    ///
    /// # Errors
    /// Those of [`Outgoing::hand_over`].
    pub(super) fn push(
        &mut self,
        finished: Finished,
        tell: &mut dyn FnMut(FilmEvent<'_>),
    ) -> Result<(), JobError> {
        self.hand_over(tell)?;
        self.late = Some(finished);
        Ok(())
    }

    /// Hands over the frame that is left, if there is one: waits for it, and lays the dream over it.
    ///
    /// # Errors
    /// The device has failed, or the frame cannot be written. That frame is lost.
    pub(super) fn hand_over(&mut self, tell: &mut dyn FnMut(FilmEvent<'_>)) -> Result<(), JobError> {
        let Some(Finished { frame, dream, overlay }) = self.late.take() else { return Ok(()) };
        let Frame { picture: source, time, lasts } = frame;
        let picture = overlay.lay(dream, &source)?;
        tell(FilmEvent::Frame { number: self.frames + 1, picture: &picture });
        self.reel.push(source, Frame { picture, time, lasts })?;
        (self.frames, self.segment) = (self.frames + 1, self.segment + 1);
        Ok(())
    }
}

/// Hands over a frame while the next one is dreamed: once its largest octave has begun, which keeps the device busy
/// for longest. Single iterations are not reported.
pub(super) struct Meanwhile<'a> {
    pub(super) outgoing: &'a mut Outgoing,
    pub(super) tell: &'a mut dyn FnMut(FilmEvent<'_>),
    /// Whether that went well so far. If not, the dream is stopped.
    pub(super) went: Result<(), JobError>,
}

impl Watcher for Meanwhile<'_> {
    fn turned(&mut self, now: Progress) -> Next {
        if now.octave == now.octaves && self.went.is_ok() {
            self.went = self.outgoing.hand_over(self.tell);
        }
        if self.went.is_ok() { Next::Go } else { Next::Stop }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::cpu::Cpu;
    use crate::dream::{Climbed, Config, Dream, Objective};
    use crate::extent::Extent;
    use crate::film::{Frames, Source, Span, Target};
    use crate::machine::{Coming, MachineError};
    use crate::net::Weights;
    use crate::picture::Picture;
    use crate::picture::sky::sky;

    const SIZE: Extent = Extent::new(32, 40);

    /// A dream that a device is still bringing, and whether it will.
    #[derive(Debug)]
    struct Late {
        waited: Arc<Mutex<Vec<String>>>,
        comes: bool,
    }

    impl Coming for Late {
        fn wait(self: Box<Self>) -> Result<Vec<f32>, MachineError> {
            self.waited.lock().expect("no panic").push("waited".to_owned());
            match self.comes {
                true => Ok(vec![0.0; 3 * SIZE.plane()]),
                false => Err(MachineError::Device("it was lost".to_owned())),
            }
        }
    }

    /// A watcher that writes down when it is told something.
    struct Written<'a>(Meanwhile<'a>, Arc<Mutex<Vec<String>>>);

    impl Watcher for Written<'_> {
        fn turned(&mut self, now: Progress) -> Next {
            self.1.lock().expect("no panic").push(format!("octave {}", now.octave));
            self.0.turned(now)
        }
    }

    fn picture() -> Picture {
        sky(SIZE, 3).expect("a small picture")
    }

    /// A reel that writes pictures into this folder.
    fn outgoing(folder: &Path) -> Outgoing {
        let from = folder.join("from");
        std::fs::create_dir(&from).expect("mine");
        picture().save(from.join("1.png")).expect("a picture");
        let source = Source::of_pictures(&from).expect("a folder").expect("with a picture");
        let facts = Frames::start(&source, Span::default()).expect("frames").facts();
        let target = Target::new(folder.join("%03d.png"), None, None, true).expect("a folder");
        Outgoing::after(0, Reel::begin(&source, Span::default(), &target, facts, 0).expect("a reel"))
    }

    fn dream() -> Dream {
        let objectives = vec![Objective::l2("conv2/3x3")];
        let config = Config { objectives, octaves: 2.into(), iterations: 2.into(), ..Config::default() };
        Dream::prepare(&Cpu::new(), &Weights::embedded(), SIZE, &config).expect("a dream")
    }

    /// A finished frame that will come, or not, is pushed, and another one is dreamed. Returns what happened in order,
    /// and how it ended.
    fn next_dream(comes: bool) -> (Vec<String>, bool, Result<(), JobError>) {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut outgoing, mut dream) = (outgoing(folder.path()), dream());
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let late = Late { waited: Arc::clone(&log), comes };
        let frame = Frame { picture: picture(), time: 0, lasts: None };
        let finished = Finished { frame, dream: Reading::Coming(Box::new(late)), overlay: dream.overlay() };
        let (of_frames, told) = (Arc::clone(&log), RefCell::new(0));
        let mut tell = |event: FilmEvent<'_>| {
            let FilmEvent::Frame { number, .. } = event else { return };
            *told.borrow_mut() += 1;
            of_frames.lock().expect("no panic").push(format!("frame {number}"));
        };
        outgoing.push(finished, &mut tell).expect("there is none before");
        assert_eq!((outgoing.frames(), outgoing.segment(), *told.borrow()), (1, 1, 0));
        let meanwhile = Meanwhile { outgoing: &mut outgoing, tell: &mut tell, went: Ok(()) };
        let mut written = Written(meanwhile, Arc::clone(&log));
        let source = picture();
        let run = dream.over(&source);
        let Climbed { complete, .. } = dream.climb(&run, &mut written).expect("a dream");
        let went = written.0.went;
        outgoing.hand_over(&mut tell).expect("nothing is left");
        assert_eq!((outgoing.frames(), *told.borrow()), (usize::from(comes), usize::from(comes)));
        let log = log.lock().expect("no panic").clone();
        (log, complete, went)
    }

    #[test]
    fn a_frame_is_handed_over_in_the_largest_octave_of_the_next() {
        let (log, complete, went) = next_dream(true);
        assert_eq!(log, ["octave 1", "octave 1", "octave 2", "waited", "frame 1", "octave 2"]);
        assert!(complete && went.is_ok());
    }

    #[test]
    fn a_frame_that_does_not_come_stops_the_next() {
        let (log, complete, went) = next_dream(false);
        assert_eq!(log[..4], ["octave 1", "octave 1", "octave 2", "waited"]);
        assert!(!complete && went.expect_err("it was lost").to_string().contains("it was lost"));
    }

    #[test]
    fn a_finished_frame_pushes_out_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut outgoing, overlay) = (outgoing(folder.path()), dream().overlay());
        let mut told = Vec::new();
        let mut tell = |event: FilmEvent<'_>| {
            let FilmEvent::Frame { number, picture } = event else { return };
            told.push((number, picture.rgb()[0]));
        };
        for level in [1.0_f32, 2.0, 3.0] {
            let frame = Frame { picture: picture(), time: 0, lasts: None };
            let dream = Reading::Here(vec![level; 3 * SIZE.plane()]);
            outgoing.push(Finished { frame, dream, overlay: overlay.clone() }, &mut tell).expect("written");
        }
        assert_eq!((outgoing.frames(), outgoing.segment()), (3, 3));
        outgoing.hand_over(&mut tell).expect("written");
        assert_eq!(outgoing.close().expect("closed").0, 3);
        assert_eq!((outgoing.frames(), outgoing.segment()), (3, 0));
        let red = Config::default().mean[2];
        assert_eq!(told, [(1, 1.0 + red), (2, 2.0 + red), (3, 3.0 + red)]);
        assert!(folder.path().join("003.png").exists());
    }
}

//! Films as they are: where they cut.

use std::path::Path;

use libtest_mimic::Failed;
use puppyslug::carry::{Junction, Shots};
use puppyslug::film::{Frames, Source, Span};
use testkit::{Trial, shared};

/// Films, and the frames with which their shots begin after the first.
const FILMS: [(&str, &[usize]); 2] = [("bikes.mp4", &[30, 76, 137, 187, 242]), ("carphone.mp4", &[])];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |(name, cuts): (&str, &'static [usize])| {
        let title = format!("{name} cuts where it does");
        match shared(&format!("motion/films/{name}")) {
            Ok(path) => Trial::test(title, move || check(&path, cuts)),
            Err(why) => Trial::missing(title, why),
        }
    };
    FILMS.into_iter().map(trial).collect()
}

fn check(path: &Path, expected: &[usize]) -> Result<(), Failed> {
    let source = Source::open(path, None)?;
    let mut frames = Frames::start(&source, Span::default())?;
    let mut shots = Shots::default();
    let (mut found, mut number) = (Vec::new(), 0);
    let mut coming = frames.next_frame()?;
    while let Some(frame) = coming {
        coming = frames.next_frame()?;
        if shots.join(&frame.picture, coming.as_ref().map(|next| &next.picture)) == Junction::Cut {
            found.push(number);
        }
        number += 1;
    }
    // The first frame begins a shot in any case.
    if found[1..] == *expected { Ok(()) } else { Err(format!("{found:?} and not {expected:?}").into()) }
}

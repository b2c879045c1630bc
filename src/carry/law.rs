//! How much of a dream is carried, and how much is dreamed in a frame.

use super::blocks::Blocks;

/// The law of doses. A dream stays as strong as a still's if what fades of it in a frame is dreamed again in that
/// frame: if `1 - carry` of it is gone, `1 - carry` of all of a still's steps are taken. Where more is gone,
/// because the place was hidden or because the finest waves do not survive being moved, more steps are taken.
/// Where the waves are stronger than they should be, they are weakened.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// The part of what a dream added that stays from one frame to the next, 0 to 1.
    pub carry: f32,
    /// For each octave, smallest first: the iterations of a still divided by those of a frame that continues a
    /// shot.
    pub shares: Vec<f32>,
}

/// The fraction of `carry` that is carried where the motion cannot be relied on. A dream grows faster out of
/// another one than out of nothing, but only what can be relied on counts as present.
pub(super) const LEAST: f32 = 0.94;
/// By what factor the finest waves are aimed stronger than before where something moves: moving by a pixel weakens
/// them.
const FINEST: f32 = 1.14;
/// How much extra is dreamed: each missing part is weighted by 1 + `HASTE` times that part.
pub(super) const HASTE: f32 = 3.0;
/// The largest dose: one step of a still.
pub(super) const LONGEST: f32 = 1.0;
/// The factor for the doses of the largest octave: most of what the network sees in a frame, it sees there.
pub(super) const LARGEST: f32 = 1.2;
/// The factor for the doses of the other octaves: the steps of the largest one restore some of what is missing in
/// them.
const SMALLER: f32 = 0.25;
/// How many times the usual strength a place that comes into view may have and keep.
const RICHEST: f32 = 2.0;

impl Law {
    /// The fraction of what is carried that counts as present.
    pub(super) fn counted(&self, reliable: f32) -> f32 {
        reliable / 255.0 / (reliable / 255.0).max(LEAST)
    }

    /// The intended strength of each place. `there` is the intended strength carried along with the motion;
    /// `moves` says how much each place moves (0 to 1).
    pub(super) fn aim(&self, there: &Blocks, moves: &[f32]) -> Blocks {
        let (mut aim, last) = (there.clone(), self.shares.len() - 1);
        let ahead = |(aim, moves): (&mut f32, &f32)| *aim *= 1.0 + (FINEST - 1.0) * moves;
        aim.bands[last].iter_mut().zip(moves).for_each(ahead);
        aim
    }

    /// Takes the strength that its dream gave to a place that has come into view as the intended one, if that is
    /// more than usual. Otherwise a class would stay pale wherever the camera goes.
    pub(super) fn welcome(aim: &mut Blocks, found: &Blocks, fresh: &[f32], usual: &[f32]) {
        for ((aim, found), usual) in aim.bands.iter_mut().zip(&found.bands).zip(usual) {
            for ((aim, found), fresh) in aim.iter_mut().zip(found).zip(fresh) {
                *aim += fresh * (found.min(RICHEST * usual).max(*aim) - *aim);
            }
        }
    }

    /// The fraction of the waves to keep where they have the strength `found`.
    pub(super) fn kept(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        found.with(aim, |_, found, aim| if found > aim { aim / found } else { 1.0 })
    }

    /// The fraction of its steps that each place takes in each octave, smallest first.
    ///
    /// A place lacks `1 - found / aim` of an octave's waves, and never less than nothing.
    pub(super) fn doses(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        found.with(aim, |octave, found, aim| {
            let lack = lack(found, aim);
            let times = if octave + 1 == self.shares.len() { LARGEST } else { SMALLER };
            (times * self.shares[octave] * lack * (1.0 + HASTE * lack)).min(LONGEST)
        })
    }
}

/// The missing fraction of a strength. If the intended strength is zero, the fraction is undefined, and a whole
/// dream is taken.
fn lack(found: f32, aim: f32) -> f32 {
    if aim > 0.0 { (1.0 - found / aim).max(0.0) } else { 1.0 }
}

//! How much of a dream is carried, and how much is dreamed in a frame.

use super::blocks::Blocks;

/// The law of doses. A still's dream of this many iterations stands if what fades of it in a frame is dreamed in that frame:
/// with `1 - carry` of it gone, `1 - carry` of all its steps. Where more is gone, because it was hidden, or because the
/// finest waves do not survive their way, more of them. And where there is more than there should be, it is made weaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// The part of what a dream added that stays from one frame to the next, 0 to 1.
    pub carry: f32,
    /// For each octave, smallest first: how many times as many iterations a still has as a frame.
    pub shares: Vec<f32>,
}

/// How much of `carry` is carried where nothing can be relied on. A dream grows faster out of another than out of nothing,
/// though only what can be relied on counts as there.
pub(super) const LEAST: f32 = 0.94;
/// How much stronger the finest waves are to be than they were where something moves: a pixel's way costs them some.
const FINEST: f32 = 1.14;
/// By how much more is dreamed than is missing, for each part that is missing.
pub(super) const HASTE: f32 = 3.0;
/// The longest step, of a still's.
pub(super) const LONGEST: f32 = 1.0;
/// How many times the dose of the largest octave is taken: what the network sees in a frame it sees there.
pub(super) const LARGEST: f32 = 1.2;
/// How many times the doses of the others are: the steps of the largest bring back some of what is missing in them.
const SMALLER: f32 = 0.25;
/// How many times as strong as usual what comes into view may be and stay so.
const RICHEST: f32 = 2.0;

impl Law {
    /// How much of what is carried counts as there.
    pub(super) fn counted(&self, reliable: f32) -> f32 {
        reliable / 255.0 / (reliable / 255.0).max(LEAST)
    }

    /// How strong a place is to be whose dream has come along from where it was this strong, and which moves (0 to 1).
    pub(super) fn aim(&self, there: &Blocks, moves: &[f32]) -> Blocks {
        let (mut aim, last) = (there.clone(), self.shares.len() - 1);
        let ahead = |(aim, moves): (&mut f32, &f32)| *aim *= 1.0 + (FINEST - 1.0) * moves;
        aim.bands[last].iter_mut().zip(moves).for_each(ahead);
        aim
    }

    /// Takes what has come into view for as strong as its dream made it, if that is more than usual. Otherwise a class
    /// would stay pale wherever a film goes.
    pub(super) fn welcome(aim: &mut Blocks, found: &Blocks, fresh: &[f32], usual: &[f32]) {
        for ((aim, found), usual) in aim.bands.iter_mut().zip(&found.bands).zip(usual) {
            for ((aim, found), fresh) in aim.iter_mut().zip(found).zip(fresh) {
                *aim += fresh * (found.min(RICHEST * usual).max(*aim) - *aim);
            }
        }
    }

    /// What part of waves stays that are this strong.
    pub(super) fn kept(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        found.with(aim, |_, found, aim| if found > aim { aim / found } else { 1.0 })
    }

    /// How much of its steps each place takes in each octave, smallest first.
    ///
    /// A place lacks `1 - found / aim` of an octave's waves, at least nothing.
    pub(super) fn doses(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        found.with(aim, |octave, found, aim| {
            let lack = lack(found, aim);
            let times = if octave + 1 == self.shares.len() { LARGEST } else { SMALLER };
            (times * self.shares[octave] * lack * (1.0 + HASTE * lack)).min(LONGEST)
        })
    }
}

/// What part of a strength is missing. Where there is to be none, nothing says how much is: a whole dream.
fn lack(found: f32, aim: f32) -> f32 {
    if aim > 0.0 { (1.0 - found / aim).max(0.0) } else { 1.0 }
}

//! How much of a dream is carried, and how much is dreamed in a frame.

use super::blocks::{Blocks, WEAKEST};

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
const FINEST: f32 = 1.15;
/// How much extra is dreamed: each missing part is weighted by 1 + `HASTE` times that part.
pub(super) const HASTE: f32 = 3.0;
/// The largest dose: one step of a still.
pub(super) const LONGEST: f32 = 1.0;
/// The factor for the doses of the largest octave: most of what the network sees in a frame, it sees there.
pub(super) const LARGEST: f32 = 1.25;
/// The factor for the doses of the other octaves, one of which is climbed in a frame: the steps of the largest one
/// restore some of what is missing in them.
const SMALLER: f32 = 0.24;
/// By what factor the waves of the other octaves may become stronger in a frame without a step being taken: half of what
/// the usual carrying takes from them.
const MENDED: f32 = 1.01;
/// By what factor the waves of the other octaves are aimed stronger than before: such doses leave them a little below
/// what is aimed at.
const COARSER: f32 = 1.04;
/// How many times the usual strength a place that comes into view may have and keep.
const RICHEST: f32 = 2.0;
/// How many times the finest waves of the shot's first dream a frame's may have, in mean squares. Frames dreamed alone
/// differ by as much; without a limit, edges of strong waves that do not quite fit where the flow leads would add up
/// over a shot.
const SHARPEST: f64 = 1.1;

impl Law {
    /// The fraction of what the last dream added that is carried, given the reliability of the motion (0 to 255).
    pub(super) fn carried(&self, reliable: f32) -> f32 {
        self.carry * (reliable / 255.0).max(LEAST)
    }

    /// The fraction of what the last dream added that counts as present.
    pub(super) fn counted(&self, reliable: f32) -> f32 {
        self.carry * reliable / 255.0
    }

    /// The intended strength of each place. `there` is the intended strength carried along with the motion;
    /// `moves` says how much each place moves (0 to 1).
    pub(super) fn aim(&self, there: &Blocks, moves: &[f32]) -> Blocks {
        let last = self.shares.len() - 1;
        let mut aim = there.with(there, |octave, aim, _| if octave < last { COARSER * aim } else { aim });
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

    /// The fraction of the waves to keep where they have the strength `found`; a little more than all of them where
    /// smaller octaves lack some.
    pub(super) fn kept(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        found.with(aim, |octave, found, aim| {
            let most = if octave + 1 == self.shares.len() { 1.0 } else { MENDED };
            if found > 0.0 { (aim / found).min(most) } else { 1.0 }
        })
    }

    /// The fraction of its steps that each place takes in each octave, smallest first.
    ///
    /// A place lacks `1 - found / aim` of an octave's waves, and never less than nothing. Of the octaves smaller than the
    /// largest, only the one that lacks most takes any steps; the others wait for later frames.
    pub(super) fn doses(&self, found: &Blocks, aim: &Blocks) -> Blocks {
        let last = self.shares.len() - 1;
        let mut doses = found.with(aim, |octave, found, aim| {
            let lack = lack(found, aim);
            let times = if octave == last { LARGEST } else { SMALLER };
            (times * self.shares[octave] * lack * (1.0 + HASTE * lack)).min(LONGEST)
        });
        let sums: Vec<f64> = doses.bands[..last].iter().map(|doses| sum(doses)).collect();
        let turn = (0..last).max_by(|&one, &other| sums[one].total_cmp(&sums[other]));
        let waiting = doses.bands[..last].iter_mut().enumerate().filter(|(octave, _)| Some(*octave) != turn);
        waiting.for_each(|(_, doses)| doses.fill(0.0));
        doses
    }

    /// The mean square of the finest waves over all blocks that have any, given that of each block. Infinite if there
    /// are none, so that it limits nothing.
    pub(super) fn finest(fineness: &[f32]) -> f32 {
        let blocks = having_any(fineness);
        if blocks > 0.0 { (sum(fineness) / blocks) as f32 } else { f32::INFINITY }
    }

    /// The fraction of its finest waves that each block loses, times -1, so that there are not many more of them than
    /// the shot's first dream had, whose [mean](Self::finest) was `first`. They are taken from where they are
    /// strongest compared with `aim`, the intended strength of the largest octave's waves.
    pub(super) fn trims(fineness: &[f32], aim: &[f32], first: f32) -> Vec<f32> {
        let limit = SHARPEST * f64::from(first) * having_any(fineness);
        let most = |level: f32, aim: f32| (level * aim.max(WEAKEST)).powi(2);
        let left = |level: f32| -> f64 {
            fineness.iter().zip(aim).map(|(found, &aim)| f64::from(found.min(most(level, aim)))).sum()
        };
        if sum(fineness) <= limit || !limit.is_finite() {
            return vec![0.0; fineness.len()];
        }
        let (mut low, mut high) = (0.0, 1.0);
        while left(high) < limit {
            high *= 2.0;
        }
        // Four digits, which is more than the measure deserves.
        for _ in 0..13 {
            let middle = 0.5 * (low + high);
            *if left(middle) > limit { &mut high } else { &mut low } = middle;
        }
        // The amplitude has to fall by the root of this. But what is taken away is what counts as finest waves of
        // them, which is less than they are: taken once that does too little, and twice comes near.
        let trim = |(&found, &aim): (&f32, &f32)| (most(low, aim) / found).min(1.0) - 1.0;
        fineness.iter().zip(aim).map(trim).collect()
    }

    /// The fraction of the drift of its coarse colours that each block loses, times -1, where this fraction of it has
    /// come into view. Coarse colours stay those of the dream in which a place came into view: every frame's few steps
    /// would draw others, so that even places flicker and the colours of a still wander.
    pub(super) fn steadies(&self, fresh: &[f32]) -> Vec<f32> {
        fresh.iter().map(|fresh| self.carry * (fresh - 1.0)).collect()
    }
}

fn sum(values: &[f32]) -> f64 {
    values.iter().copied().map(f64::from).sum()
}

/// How many blocks have waves at all, given their mean squares.
fn having_any(squares: &[f32]) -> f64 {
    squares.iter().filter(|&&square| square > WEAKEST * WEAKEST).count() as f64
}

/// The missing fraction of a strength. If the intended strength is zero, the fraction is undefined, and a whole
/// dream is taken.
fn lack(found: f32, aim: f32) -> f32 {
    if aim > 0.0 { (1.0 - found / aim).max(0.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    /// The finest waves that are left if so much is taken of them: it is taken twice, in the amplitude.
    fn left(fineness: &[f32], trims: &[f32]) -> Vec<f32> {
        fineness.iter().zip(trims).map(|(found, trim)| found * (1.0 + trim)).collect()
    }

    #[test]
    fn smaller_octaves_are_mended_and_nothing_is_stronger_than_intended() {
        let blocks = |smaller: [f32; 3], largest: [f32; 3]| Blocks {
            grid: Extent::new(1, 3),
            bands: vec![smaller.to_vec(), largest.to_vec()],
        };
        let law = Law { carry: 0.99, shares: vec![1.0; 2] };
        let found = blocks([1.0, 0.998, 0.0], [1.0, 0.5, 0.0]);
        let kept = law.kept(&found, &blocks([2.0, 1.0, 1.0], [0.25, 1.0, 1.0]));
        assert_eq!(kept, blocks([MENDED, 1.0 / 0.998, 1.0], [0.25, 1.0, 1.0]));
    }

    #[test]
    fn the_smaller_octave_that_lacks_most_is_climbed_with_the_largest() {
        let blocks = |bands: [[f32; 2]; 3]| Blocks {
            grid: Extent::new(1, 2),
            bands: bands.map(|band| band.to_vec()).to_vec(),
        };
        let law = Law { carry: 0.99, shares: vec![1.0; 3] };
        let aim = blocks([[1.0; 2]; 3]);
        for (smaller, climbed) in [([[0.9, 0.9], [1.0, 0.7]], 1), ([[0.9, 0.7], [0.9, 0.8]], 0)] {
            let doses = law.doses(&blocks([smaller[0], smaller[1], [0.5, 1.0]]), &aim);
            assert!(doses.bands[climbed][1] > 0.0 && doses.bands[1 - climbed] == [0.0; 2], "{doses:?}");
            assert!(doses.bands[2][0] > 0.0 && doses.bands[2][1] == 0.0, "{doses:?}");
        }
        let alone = Law { carry: 0.99, shares: vec![1.0] };
        let one = Blocks { grid: Extent::new(1, 1), bands: vec![vec![0.5]] };
        assert!(alone.doses(&one, &one.map(|_| 1.0)).bands[0][0] > 0.0);
    }

    #[test]
    fn the_finest_waves_lose_what_is_too_much_where_it_is() {
        let (aim, even) = ([2.0, 2.0, 4.0, 4.0], [1.0, 1.0, 4.0, 4.0]);
        let first = Law::finest(&even);
        assert_eq!(first, 2.5);
        assert_eq!(Law::trims(&even, &aim, first), [0.0; 4], "as many as at first");
        assert_eq!(Law::trims(&even.map(|found| 1.09 * found), &aim, first), [0.0; 4], "a few more");
        let uneven = [1.0, 9.0, 4.0, 4.0];
        let trims = Law::trims(&uneven, &aim, first);
        assert!(
            trims[1] < -0.5 && trims[1] > -1.0 && [trims[0], trims[2], trims[3]] == [0.0; 3],
            "{trims:?}"
        );
        let left = sum(&left(&uneven, &trims));
        assert!((left / 11.0 - 1.0).abs() < 1e-3, "1.1 times the ten that there were, not {left}");
    }

    #[test]
    fn a_dream_that_covers_more_may_have_more() {
        let (small, large) = ([4.0, 0.0, 0.0, 0.0], [4.0, 4.0, 4.0, 0.0]);
        assert_eq!(Law::trims(&large, &[2.0, 0.0, 0.0, 0.0], Law::finest(&small)), [0.0; 4]);
        let trims = Law::trims(&large.map(|found| 2.0 * found), &[2.0, 0.0, 0.0, 0.0], Law::finest(&small));
        assert!(trims[1] < -0.4, "twice as strong is too strong");
        let none = Law::finest(&[0.0; 4]);
        assert_eq!(Law::trims(&large, &[0.0; 4], none), [0.0; 4], "where nothing was, nothing is too much");
        assert_eq!(Law::trims(&[0.0; 4], &[0.0; 4], 1.0), [0.0; 4]);
    }
}

//! Makes the dreams of a film's frames one continuous dream: what a frame's dream added is carried into the next
//! frame, along the optical flow, and only what is missing there is dreamed anew.
//!
//! ```text
//!   residual of the last frame ──► along the flow ──► times how much is carried ──► no stronger than it was
//!                                                                                             │
//!   this frame + carried residual: where its dream begins ◄───────────────────────────────────┤
//!   how strong it is to be there - how strong it is, as far as it can be relied on: doses ◄───┘
//!
//!   the frame's dream ──► no more of the finest waves than in the shot's first dream, and no other coarse colours
//!   than what was carried: what is shown and carried on
//! ```
//!
//! [`Law`] decides how much is carried, and [`Motion`] says from where. A [`Carrier`] holds a shot in progress,
//! and [`Shots`] finds where the next one begins. The work on pixels is done by plans
//! ([`plan::motion`](crate::plan::motion), [`plan::carry`](crate::plan::carry)) on the dream's own device. For
//! the law, only values per block are read back, and its decisions per block are sent there.

mod between;
mod blocks;
mod cut;
mod kept;
mod law;
mod motion;

use crate::dream::tiles::Companions;
use crate::dream::{Carried, to_network};
use crate::extent::Extent;
use crate::machine::{Execution, Machine, MachineError, Parcel, Reading};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::carry::{CarryPlan, CarrySettings, plan_carry};
use blocks::Blocks;

pub use cut::{Junction, Shots};
pub use kept::Kept;
pub use law::Law;
pub use motion::{Motion, Tracker};

/// A shot in progress: its last frame, and what the dream added to it.
#[derive(Debug)]
pub struct Carrier {
    law: Law,
    /// What is subtracted from each channel to convert a picture to the dream's units.
    mean: [f32; 3],
    plan: CarryPlan,
    /// Also holds what the dream added.
    execution: Box<dyn Execution>,
    /// What the dream of the current frame added, once it is dreamed.
    added: Option<Added>,
    shot: Option<Shot>,
}

/// What is known of that which a dream added.
#[derive(Debug)]
struct Added {
    strength: Blocks,
    /// The mean square of the finest waves: see [`Law::finest`].
    finest: f32,
}

#[derive(Debug)]
struct Shot {
    /// The intended strength of what the dream adds; at first, the strength of the shot's first dream.
    aim: Blocks,
    /// The mean of that first strength over all blocks, for places that come into view.
    usual: Vec<f32>,
    /// The mean square of the finest waves of that first dream.
    finest: f32,
    /// The fraction of each block that has come into view in the current frame, 0 to 1; set before its dream, read
    /// after it.
    fresh: Vec<f32>,
    /// How far most of the picture has moved since that dream, down and right, in pixels.
    moved: [f32; 2],
}

impl Carrier {
    /// Prepares for dreams with these octaves, smallest first, the last being the size of the frames, and with
    /// this `mean`. If the dream runs on the same machine, no picture has to leave it.
    ///
    /// # Errors
    /// The machine's, for frames too large for it.
    ///
    /// # Panics
    /// If there is no octave.
    pub fn new(
        machine: &dyn Machine,
        law: Law,
        octaves: Vec<Extent>,
        mean: [f32; 3],
    ) -> Result<Self, MachineError> {
        let plan = Self::plan(octaves, mean);
        let execution = machine.load(&plan.plan, &Weights::none())?;
        Ok(Self { law, mean, plan, execution, added: None, shot: None })
    }

    fn plan(octaves: Vec<Extent>, mean: [f32; 3]) -> CarryPlan {
        let bounds = mean.map(|mean| (-mean, 255.0 - mean));
        plan_carry(&CarrySettings { octaves, bounds })
    }

    /// Forgets everything: the next frame is dreamed as if it were the first.
    pub fn cut(&mut self) {
        self.shot = None;
    }

    /// Begins a frame that has moved in this way since the last one. Returns what its dream begins with, or `None`
    /// for the first frame of a shot.
    ///
    /// # Errors
    /// The machine's own.
    pub fn begin(&mut self, source: &Picture, motion: &Motion) -> Result<Option<Carried>, MachineError> {
        let Self { law, mean, plan, execution, shot, .. } = self;
        execution.write(plan.source, &to_network(source, *mean))?;
        let Some(shot) = shot else { return Ok(None) };
        execution.lay(plan.motion, &motion.cells)?;
        execution.run_once(plan.begin, &[])?;
        let reliable = motion.reliable();
        shot.moved.iter_mut().zip(motion.most()).for_each(|(moved, by)| *moved -= by);
        shot.aim = shot.aim.along(motion.vectors(), reliable, &shot.usual);
        shot.fresh = reliable.iter().map(|known| 1.0 - known / 255.0).collect();
        let moves: Vec<f32> = motion.vectors().map(|[down, right]| down.hypot(right).min(1.0)).collect();
        let aim = law.aim(&shot.aim, &moves);
        let carried: Vec<f32> = reliable.iter().map(|&reliable| law.carried(reliable)).collect();
        let counted: Vec<f32> = reliable.iter().map(|&reliable| law.counted(reliable)).collect();
        let found = strength(plan, &mut **execution)?;
        let kept = law.kept(&found.times(&carried), &aim);
        execution.write(plan.parts, &kept.times(&carried).bands.concat())?;
        execution.run_once(plan.compose, &[])?;
        let present = found.with(&kept, |_, found, kept| found * kept).times(&counted);
        let doses = law.doses(&present, &aim).bands.concat();
        Ok(Some(Carried { picture: execution.lift(plan.begun)?, doses, moved: shot.moved }))
    }

    /// Takes the result of the current frame's dream, in the dream's units. Returns what is shown of it: where it has
    /// too many of the finest waves, they are fewer, and coarse colours are those that were carried.
    ///
    /// # Errors
    /// The machine's own.
    pub fn dreamed(&mut self, dream: &Parcel) -> Result<Reading, MachineError> {
        let Self { law, plan, execution, added, shot, .. } = self;
        execution.lay(plan.dream, dream)?;
        execution.run_once(plan.examine, &[])?;
        let (strength, fineness) = (strength(plan, &mut **execution)?, execution.read(plan.fineness)?);
        *added = Some(Added { strength, finest: Law::finest(&fineness) });
        match shot {
            Some(shot) => {
                let trims = Law::trims(&fineness, shot.aim.largest(), shot.finest);
                execution.write(plan.trims, &[trims, law.steadies(&shot.fresh)].concat())?;
                execution.run_once(plan.trim, &[])?;
            }
            None => execution.lay(plan.shown, dream)?,
        }
        execution.request(plan.shown)
    }

    /// Makes the current frame the last one, once it is dreamed.
    ///
    /// # Errors
    /// The machine's own.
    pub fn keep(&mut self) -> Result<(), MachineError> {
        self.execution.run_once(self.plan.keep, &[])?;
        let Some(Added { strength, finest }) = self.added.take() else { return Ok(()) };
        match &mut self.shot {
            Some(shot) => Law::welcome(&mut shot.aim, &strength, &shot.fresh, &shot.usual),
            None => {
                let (usual, fresh) = (strength.means(), vec![0.0; strength.grid.plane()]);
                self.shot = Some(Shot { aim: strength, usual, finest, fresh, moved: [0.0; 2] });
            }
        }
        Ok(())
    }
}

/// The plans of a [`Tracker`] and a [`Carrier`] for dreams with these octaves, smallest first: to find out how much
/// memory they take, which does not depend on any number in them.
///
/// # Panics
/// If there is no octave.
pub fn companions(octaves: &[Extent]) -> Companions {
    let size = octaves[octaves.len() - 1];
    Companions {
        device: vec![Tracker::plan(size).plan],
        pictures: vec![Carrier::plan(octaves.to_vec(), [0.0; 3]).plan],
    }
}

/// The strength of the current waves: the root mean square over all channels, in each block and around it.
fn strength(plan: &CarryPlan, execution: &mut dyn Execution) -> Result<Blocks, MachineError> {
    let squares = Blocks::of(plan.strength.shape, execution.read(plan.strength)?);
    Ok(squares.map(f32::sqrt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Cpu;
    use crate::dream::to_rgb;
    use crate::plan::blocks::grid;

    const SIZES: [Extent; 2] = [Extent::new(24, 40), Extent::new(48, 80)];
    const CARRY: f32 = 0.9;
    const MEAN: [f32; 3] = [104.0, 117.0, 123.0];

    /// A carrier whose dream added waves to an even gray, that gray, and the waves.
    fn dreamed() -> (Carrier, Picture, Vec<f32>) {
        let size = SIZES[1];
        let law = Law { carry: CARRY, shares: vec![4.0, 4.0] };
        let mut carrier = Carrier::new(&Cpu::new(), law, SIZES.to_vec(), MEAN).expect("room for it");
        let gray = Picture::from_rgb(size, vec![128.0; 3 * size.plane()]).expect("a picture");
        let waves: Vec<f32> =
            (0..3 * size.plane()).map(|at| if (at / 3) % 2 == 0 { 20.0 } else { -20.0 }).collect();
        assert!(carrier.begin(&gray, &Motion::none(size)).expect("a frame").is_none());
        dream(&mut carrier, &waves, 1.0);
        (carrier, gray, waves)
    }

    /// Sets the dream of a frame to the gray plus this multiple of the waves.
    fn dream(carrier: &mut Carrier, waves: &[f32], times: f32) {
        let rgb = waves.iter().map(|wave| 128.0 + times * wave).collect();
        let dream = Picture::from_rgb(SIZES[1], rgb).expect("a picture");
        carrier.dreamed(&to_network(&dream, MEAN).into()).expect("room for it");
        carrier.keep().expect("room for it");
    }

    /// The strength of what a frame begins with, over that gray, relative to these waves. At the edges of the
    /// picture the waves are weaker than in its middle, which costs a few hundredths.
    fn strength(begun: &Carried, waves: &[f32]) -> f64 {
        let square = |sum: f64, cell: f32| sum + f64::from(cell * cell);
        let cells = begun.picture.read().expect("cells");
        let found = to_rgb(&cells, MEAN).map(|cell| cell - 128.0).fold(0.0, square);
        (found / waves.iter().copied().fold(0.0, square)).sqrt()
    }

    /// The dose of the finest waves in the middle of the picture.
    fn middle(begun: &Carried) -> f32 {
        let grid = grid(SIZES[1]);
        begun.doses[grid.plane()..][grid.width * (grid.height / 2) + grid.width / 2]
    }

    #[test]
    fn where_nothing_moves_the_dream_fades_and_as_much_is_dreamed() {
        let (mut carrier, gray, waves) = dreamed();
        let begun = carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame").expect("a shot");
        let stays = strength(&begun, &waves);
        assert!((f64::from(CARRY) - 0.03..f64::from(CARRY) + 0.001).contains(&stays), "{stays}");
        let expected = law::LARGEST * 4.0 * (1.0 - CARRY) * (1.0 + law::HASTE * (1.0 - CARRY));
        assert!((middle(&begun) / expected - 1.0).abs() < 0.2, "{} for {expected}", middle(&begun));
    }

    #[test]
    fn where_nothing_is_known_a_whole_dream_is_dreamed_over_what_there_is() {
        let (mut carrier, gray, waves) = dreamed();
        let motion = Motion::alike(SIZES[1], [0.0; 3]);
        let begun = carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
        let (stays, most) = (strength(&begun, &waves), f64::from(law::LEAST * CARRY));
        assert!((most - 0.03..most + 0.001).contains(&stays), "{stays} of {most}");
        assert!(begun.doses.iter().all(|&dose| dose == law::LONGEST));
    }

    #[test]
    fn a_dream_that_has_grown_is_made_as_strong_as_it_was() {
        let (mut carrier, gray, _) = dreamed();
        // None of the finest, which have a limit of their own.
        let waves: Vec<f32> = (0..3 * SIZES[1].plane()).map(|at| 20.0 * (at as f32 / 1.6).sin()).collect();
        carrier.cut();
        [1.0, 2.0].into_iter().for_each(|times| dream(&mut carrier, &waves, times));
        let begun = carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame").expect("a shot");
        let stays = strength(&begun, &waves);
        assert!((0.95..1.05).contains(&stays) && middle(&begun) < 0.02, "{stays}, {}", middle(&begun));
    }

    /// What is shown of a dream of the gray plus this.
    fn shown(carrier: &mut Carrier, added: &[f32]) -> Vec<f32> {
        let rgb = added.iter().map(|added| 128.0 + added).collect();
        let dream = Picture::from_rgb(SIZES[1], rgb).expect("a picture");
        let shown = carrier.dreamed(&to_network(&dream, MEAN).into()).expect("room for it");
        to_rgb(&shown.wait().expect("cells"), MEAN).map(|cell| cell - 128.0).collect()
    }

    #[test]
    fn a_dream_is_shown_as_it_is_unless_it_has_too_much_of_the_finest_waves() {
        let (mut carrier, gray, waves) = dreamed();
        carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame").expect("a shot");
        let apart = |shown: &[f32], waves: &[f32]| {
            shown.iter().zip(waves).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        // Adding and subtracting the mean rounds each number twice.
        let exact = 4.0 * 256.0 * f32::EPSILON;
        assert!(apart(&shown(&mut carrier, &waves), &waves) < exact, "as many as in the first dream");
        // Half as much again, which is 1.5 squared in energy.
        let more: Vec<f32> = waves.iter().map(|wave| 1.5 * wave).collect();
        let less = shown(&mut carrier, &more);
        assert!(apart(&less, &more) > 5.0, "too many");
        carrier.cut();
        assert!(apart(&shown(&mut carrier, &more), &more) < exact, "the first dream of a shot");
    }

    #[test]
    fn coarse_colours_stay_what_they_were_except_where_something_came_into_view() {
        // A Gaussian of 12 pixels leaves `exp(-2 (12 pi / 80)^2)` = 0.64 of a wave of 80 pixels that goes on for ever,
        // and 0.705 of this one, whose first and last cells are repeated beyond the edges. That is its drift.
        let slow = |at: usize| 40.0 * (std::f32::consts::TAU * (at % 80) as f32 / 80.0).sin();
        let slow: Vec<f32> = (0..3 * SIZES[1].plane()).map(slow).collect();
        for (reliable, stays) in [(255.0, 1.0 - 0.705 * CARRY), (0.0, 1.0)] {
            let (mut carrier, gray, waves) = dreamed();
            let more: Vec<f32> = waves.iter().zip(&slow).map(|(wave, slow)| wave + slow).collect();
            let motion = Motion::alike(SIZES[1], [0.0, 0.0, reliable]);
            carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
            let shown = shown(&mut carrier, &more);
            let product = |a: &[f32]| a.iter().zip(&slow).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            let found = (product(&shown) - product(&waves)) / product(&slow);
            // The Gaussian is cut off at three deviations, which is a hundredth.
            assert!((found - f64::from(stays)).abs() < 0.01, "{found} of it stays, not {stays}");
        }
    }

    /// The intended strength of the finest waves in the middle, after a frame with this reliability (0 to 255)
    /// whose dream is this multiple of the first one's.
    fn aim_after(reliable: f32, times: f32) -> f32 {
        let (mut carrier, gray, waves) = dreamed();
        let motion = Motion::alike(SIZES[1], [0.0, 0.0, reliable]);
        carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
        dream(&mut carrier, &waves, times);
        let aim = &carrier.shot.expect("a shot").aim;
        aim.bands[1][aim.grid.plane() / 2 + aim.grid.width / 2]
    }

    #[test]
    fn what_comes_into_view_stays_as_strong_as_its_dream_made_it() {
        let usual = aim_after(0.0, 1.0);
        let times = |reliable: f32, times: f32| aim_after(reliable, times) / usual;
        assert!((times(0.0, 1.5) - 1.5).abs() < 0.05, "{}", times(0.0, 1.5));
        assert!((times(0.0, 3.0) - 2.0).abs() < 0.05, "{}", times(0.0, 3.0));
        assert!((times(0.0, 0.5) - 1.0).abs() < 0.01, "it is no weaker than usual");
        assert!((times(255.0, 1.5) - 1.0).abs() < 0.05, "what was there stays as it was");
    }

    #[test]
    fn a_carrier_that_is_taken_up_goes_on_as_the_first_would() {
        let (mut first, gray, _) = dreamed();
        let kept = |carrier: &mut Carrier| carrier.kept().expect("cells");
        let of_first = kept(&mut first).expect("a shot");
        let (mut second, ..) = dreamed();
        second.cut();
        assert!(kept(&mut second).is_none() && second.take_up(of_first.clone()).expect("room for it"));
        assert_eq!(kept(&mut second), Some(of_first.clone()));
        let motion = Motion::alike(SIZES[1], [0.0, 0.3, 100.0]);
        let begun = |carrier: &mut Carrier| {
            let Carried { picture, doses, moved } =
                carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
            (picture.read().expect("cells").into_owned(), doses, moved)
        };
        assert_eq!(begun(&mut first), begun(&mut second));
        let law = Law { carry: CARRY, shares: vec![1.0] };
        let mut smaller = Carrier::new(&Cpu::new(), law, vec![SIZES[0]], MEAN).expect("room for it");
        assert!(!smaller.take_up(of_first).expect("room for it") && kept(&mut smaller).is_none());
    }

    #[test]
    fn a_shot_begins_with_nothing() {
        let (mut carrier, gray, _) = dreamed();
        carrier.cut();
        assert!(carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame").is_none());
    }
}

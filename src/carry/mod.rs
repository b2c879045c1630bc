//! What makes a film of dreams one dream: what a frame's dream added is carried into the next frame, along the flow, and
//! only what it lacks there is dreamed anew.
//!
//! ```text
//!   residual of the last frame ──► along the flow ──► times how much is carried ──► no stronger than it was
//!                                                                                             │
//!   this frame + carried residual: where its dream begins ◄───────────────────────────────────┤
//!   how strong it is to be there - how strong it is, as far as it can be relied on: doses ◄───┘
//! ```
//!
//! [`Law`] says how much, [`Motion`] where from; a [`Carrier`] is a shot under way, and [`Shots`] tell where the next
//! begins.

mod between;
mod blocks;
mod blur;
mod cut;
mod kept;
mod law;
mod motion;
mod still;
mod waves;

use crate::dream::Carried;
use crate::extent::Extent;
use crate::flow::Warper;
use crate::picture::{Picture, PictureError};
use blocks::Blocks;
use waves::Waves;

pub use cut::{Junction, Shots};
pub use kept::Kept;
pub use law::Law;
pub use motion::{Motion, Tracker};

/// A shot under way: its last frame, and what the dream added to that.
#[derive(Debug)]
pub struct Carrier {
    law: Law,
    octaves: Vec<Extent>,
    warper: Warper,
    shot: Option<Shot>,
}

#[derive(Debug)]
struct Shot {
    /// What the dream added to the last frame, in gray levels: `[3][height][width]`.
    residual: Vec<f32>,
    /// How strong that is to be: at first what the shot's first dream came to.
    aim: Blocks,
    /// The same in the mean, for places that come into view.
    usual: Vec<f32>,
    /// What part of each block has come into view in the frame at work, 0 to 1; set before its dream, read after it.
    fresh: Vec<f32>,
    /// How far most of the picture has moved since that dream, down and right, in pixels.
    moved: [f32; 2],
}

impl Carrier {
    /// For dreams of these octaves, smallest first; the last is the size of the frames.
    ///
    /// # Panics
    /// If there is no octave.
    pub fn new(law: Law, octaves: Vec<Extent>) -> Self {
        assert!(!octaves.is_empty(), "a dream has an octave");
        Self { law, octaves, warper: Warper::default(), shot: None }
    }

    /// Forgets everything: the next frame is dreamed as if it were the first.
    pub fn cut(&mut self) {
        self.shot = None;
    }

    /// What the dream of a frame begins with that moved so since the last; `None` for the first of a shot.
    ///
    /// # Errors
    /// None that a frame of the right size has.
    pub fn begin(&mut self, source: &Picture, motion: &Motion) -> Result<Option<Carried>, PictureError> {
        let Some(shot) = &mut self.shot else { return Ok(None) };
        let mut begun = self.warper.warp(&motion.back, &shot.residual);
        let size = source.extent();
        let (law, reliable) = (&self.law, &motion.reliable);
        for channel in begun.chunks_exact_mut(size.plane()) {
            channel.iter_mut().zip(reliable).for_each(|(cell, &reliable)| *cell *= law.carried(reliable));
        }
        shot.moved.iter_mut().zip(motion.most()).for_each(|(moved, by)| *moved -= by);
        shot.aim = shot.aim.along(&motion.back, reliable, &shot.usual);
        shot.fresh = shot.aim.means_of(reliable, size).iter().map(|known| 1.0 - known / 255.0).collect();
        let moves: Vec<f32> = motion.back.vectors().map(|[down, right]| down.hypot(right).min(1.0)).collect();
        let aim = law.aim(&shot.aim, &shot.aim.means_of(&moves, size));
        let waves = Waves::of(begun, &self.octaves);
        let found = waves.strength();
        let kept = law.kept(&found, &aim);
        let begun = waves.times(&kept);
        let counted: Vec<f32> = reliable.iter().map(|&reliable| law.counted(reliable)).collect();
        let found =
            found.with(&kept, |_, found, kept| found * kept).times(&shot.aim.means_of(&counted, size));
        let doses = law.doses(&found, &aim, &self.octaves);
        let over = |(carried, source): (&f32, &f32)| (source + carried).clamp(0.0, 255.0);
        let picture = begun.iter().zip(source.rgb()).map(over).collect();
        Ok(Some(Carried { picture: Picture::from_rgb(source.extent(), picture)?, doses, moved: shot.moved }))
    }

    /// Takes in what a frame's dream came to.
    pub fn keep(&mut self, source: &Picture, dream: &Picture) {
        let residual: Vec<f32> =
            dream.rgb().iter().zip(source.rgb()).map(|(dream, source)| dream - source).collect();
        match &mut self.shot {
            Some(shot) => {
                let found = Waves::of(residual.clone(), &self.octaves).strength();
                Law::welcome(&mut shot.aim, &found, &shot.fresh, &shot.usual);
                shot.residual = residual;
            }
            None => {
                let aim = Waves::of(residual.clone(), &self.octaves).strength();
                let usual = aim.means();
                let fresh = vec![0.0; aim.grid.plane()];
                self.shot = Some(Shot { residual, aim, usual, fresh, moved: [0.0; 2] });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [Extent; 2] = [Extent::new(24, 40), Extent::new(48, 80)];
    const CARRY: f32 = 0.9;

    /// A carrier with a dream that added waves to an even gray, and that gray.
    fn dreamed() -> (Carrier, Picture, Vec<f32>) {
        let size = SIZES[1];
        let mut carrier = Carrier::new(Law { carry: CARRY, shares: vec![2.0, 4.0] }, SIZES.to_vec());
        let gray = Picture::from_rgb(size, vec![128.0; 3 * size.plane()]).expect("a picture");
        let waves: Vec<f32> =
            (0..3 * size.plane()).map(|at| if (at / 3) % 2 == 0 { 20.0 } else { -20.0 }).collect();
        let dream =
            Picture::from_rgb(size, waves.iter().map(|wave| 128.0 + wave).collect()).expect("a picture");
        carrier.keep(&gray, &dream);
        (carrier, gray, waves)
    }

    /// How many times as strong as some waves what a frame begins with is, over that gray. At the edges of the picture the
    /// waves are not as strong as in its middle, which costs them some hundredths.
    fn strength(begun: &Carried, waves: &[f32]) -> f64 {
        let square = |sum: f64, cell: f32| sum + f64::from(cell * cell);
        let found = begun.picture.rgb().iter().map(|cell| cell - 128.0).fold(0.0, square);
        (found / waves.iter().copied().fold(0.0, square)).sqrt()
    }

    /// The dose of the finest waves in the middle of the picture.
    fn middle(begun: &Carried) -> f32 {
        begun.doses[1][SIZES[1].width * SIZES[1].height / 2 + SIZES[1].width / 2]
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
        let motion = Motion { reliable: vec![0.0; SIZES[1].plane()], ..Motion::none(SIZES[1]) };
        let begun = carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
        let (stays, most) = (strength(&begun, &waves), f64::from(law::LEAST * CARRY));
        assert!((most - 0.03..most + 0.001).contains(&stays), "{stays} of {most}");
        assert!(begun.doses.iter().flatten().all(|&dose| dose == law::LONGEST));
    }

    #[test]
    fn a_dream_that_has_grown_is_made_as_strong_as_it_was() {
        let (mut carrier, gray, waves) = dreamed();
        let grown = waves.iter().map(|wave| 128.0 + 2.0 * wave).collect();
        carrier.keep(&gray, &Picture::from_rgb(SIZES[1], grown).expect("a picture"));
        let begun = carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame").expect("a shot");
        let stays = strength(&begun, &waves);
        assert!((0.95..1.05).contains(&stays) && middle(&begun) < 0.02, "{stays}, {}", middle(&begun));
    }

    /// How strong the finest waves are to be in the middle after a frame of which this can be relied on, 0 to 255, whose
    /// dream came to so many times the first one's.
    fn aim_after(reliable: f32, times: f32) -> f32 {
        let (mut carrier, gray, waves) = dreamed();
        let motion = Motion { reliable: vec![reliable; SIZES[1].plane()], ..Motion::none(SIZES[1]) };
        carrier.begin(&gray, &motion).expect("a frame").expect("a shot");
        let grown = waves.iter().map(|wave| 128.0 + times * wave).collect();
        carrier.keep(&gray, &Picture::from_rgb(SIZES[1], grown).expect("a picture"));
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
        let kept = first.kept().expect("a shot");
        let (mut second, ..) = dreamed();
        second.cut();
        assert!(second.kept().is_none() && second.take_up(kept.clone()));
        assert_eq!(second.kept(), Some(kept.clone()));
        let motion = Motion { reliable: vec![100.0; SIZES[1].plane()], ..Motion::none(SIZES[1]) };
        let begun = first.begin(&gray, &motion).expect("a frame");
        assert!(begun.is_some() && begun == second.begin(&gray, &motion).expect("a frame"));
        let mut smaller = Carrier::new(Law { carry: CARRY, shares: vec![1.0] }, vec![SIZES[0]]);
        assert!(!smaller.take_up(kept) && smaller.kept().is_none());
    }

    #[test]
    fn a_shot_begins_with_nothing() {
        let (mut carrier, gray, _) = dreamed();
        carrier.cut();
        assert_eq!(carrier.begin(&gray, &Motion::none(SIZES[1])).expect("a frame"), None);
    }
}

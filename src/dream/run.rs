//! Running a loaded dream: over which picture, from which start, and with which watcher.

use std::fmt;
use std::ops::ControlFlow;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::ascent::Ascent;
use super::carried::Carried;
use super::landing::{Landing, Standing};
use super::tiles::Canvas;
use super::{
    Cancel, Climbed, Config, Dream, DreamError, Dreamed, Found, Progress, Steering, Watcher,
    planes_for_network,
};
use crate::machine::{Jitter, Turn};
use crate::picture::Picture;
use crate::plan::View;
use crate::plan::dream::OctavePhases;

/// An iteration that is about to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which octave, from 1, the smallest.
    pub octave: usize,
    /// Which iteration of it, from 1.
    pub iteration: usize,
}

/// The settings of an iteration.
type Schedule<'a> = dyn Fn(Place) -> Config + 'a;

/// What a single run of a dream is given. The next run may be given something else.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// What is dreamed over, in the size that the dream was prepared for.
    pub picture: &'a Picture,
    /// Where the climb starts, in the same size; `None` to start at the picture itself.
    pub start: Option<&'a Picture>,
    /// The earlier dream that this one continues, for a dream that was prepared for that; `None` for no
    /// earlier dream.
    pub carried: Option<&'a Carried>,
    /// The seed from which the shifts are drawn.
    pub seed: u64,
    /// Guide, likeness and masks, in the same number and sizes as the dream was prepared with; `None` for
    /// those that it was prepared with.
    pub steering: Option<&'a Steering>,
    /// The state from which a dream over this picture continues; `None` to start at the beginning.
    pub standing: Option<&'a Standing>,
    /// The settings of each iteration, for a dream whose numbers move; `None` for the dream's own.
    pub schedule: Option<&'a Schedule<'a>>,
    /// Stops the run from another thread. What has been dreamed by then is enlarged to full size.
    pub cancel: Option<&'a Cancel>,
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { picture, start, carried, seed, steering, standing, schedule, cancel } = self;
        f.debug_struct("Run")
            .field("picture", picture)
            .field("start", start)
            .field("carried", carried)
            .field("seed", seed)
            .field("steering", steering)
            .field("standing", standing)
            .field("schedule", &schedule.is_some())
            .field("cancel", cancel)
            .finish()
    }
}

/// Number of iterations that run before their reports are read. A larger block keeps the device busier, but a
/// zero gradient is detected later.
const BLOCK: usize = 32;

impl Dream {
    /// A run over a picture with everything else as the dream was prepared.
    pub fn over<'a>(&self, picture: &'a Picture) -> Run<'a> {
        Run {
            picture,
            start: None,
            carried: None,
            seed: self.config.seed,
            steering: None,
            standing: None,
            schedule: None,
            cancel: None,
        }
    }

    /// Dreams over a picture. `watch` is told of every iteration, possibly a few late, and may stop the
    /// dream. What has been dreamed by then is enlarged to full size and returned.
    pub fn run(
        &mut self,
        picture: &Picture,
        watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Dreamed, DreamError> {
        self.run_with(&self.over(picture), &mut |now| watch(now))
    }

    /// The same with everything that a run may be given.
    ///
    /// # Errors
    /// [`DreamError::Fixed`] if the run brings something that the dream was not loaded for; errors of the
    /// machine.
    pub fn run_with(&mut self, run: &Run<'_>, watcher: &mut dyn Watcher) -> Result<Dreamed, DreamError> {
        let Climbed { complete, found } = self.climb(run, watcher)?;
        let overlay = self.overlay_under(run.steering.unwrap_or(&self.steering));
        let picture = overlay.finish(self.unfinished(run.picture)?, run.picture);
        Ok(Dreamed { picture, complete, found })
    }

    /// The same, but leaves the picture where it is, and as it is before contrast, strength, colour and masks are
    /// applied. [`Dream::request`] and [`Dream::overlay`] make it the finished dream.
    ///
    /// # Errors
    /// As for [`Dream::run_with`].
    pub fn climb(&mut self, run: &Run<'_>, watcher: &mut dyn Watcher) -> Result<Climbed, DreamError> {
        // The grain is already in a carried dream.
        let grain = Some(self.config.grain).filter(|&grain| grain > 0.0 && run.carried.is_none());
        let grained = grain.map(|grain| run.start.unwrap_or(run.picture).grained(grain, run.seed));
        let run = &Run { start: grained.as_ref().or(run.start), ..*run };
        self.bring(run)?;
        let mut random = Pcg64Mcg::seed_from_u64(run.seed);
        let (mut complete, mut found) = (true, Vec::new());
        let done = run.standing.map_or(0, |standing| standing.done);
        let octaves = self.plan.octaves.len();
        for (number, octave) in self.plan.octaves.clone().into_iter().enumerate() {
            // Shifts are drawn for finished octaves too, because later octaves need the numbers that follow.
            let mut jitters = self.draw(&mut random, number);
            if let Some(carried) = run.carried {
                let times = octave.size.width as f32 / run.picture.width() as f32;
                jitters.iter_mut().for_each(|jitter| *jitter = carried.along(*jitter, times));
            }
            if number < done {
                continue;
            }
            let idle = self.dials(&self.config, number);
            self.execution.run_once(octave.enter, &idle)?;
            if number == 0 && run.start.is_some() {
                self.execution.run_once(self.plan.begin, &idle)?;
            }
            let is_idle = run.carried.is_some_and(|carried| !carried.climbs(number, octaves));
            if complete && !is_idle {
                complete = self.climb_octave(number, octave, &jitters, run, watcher, &mut found)?;
            }
            if let Some(leave) = octave.leave {
                self.execution.run_once(leave, &idle)?;
            }
            if complete {
                let (done, mean) = (number + 1, self.config.mean);
                watcher.landed(&mut Landing {
                    execution: &mut *self.execution,
                    octave,
                    done,
                    octaves,
                    mean,
                })?;
            }
        }
        Ok(Climbed { complete, found })
    }

    /// Checks what a run brings, and writes it to the machine.
    fn bring(&mut self, run: &Run<'_>) -> Result<(), DreamError> {
        let (input, mean) = (self.plan.input, self.config.mean);
        for picture in [Some(run.picture), run.start].into_iter().flatten() {
            self.check_size(picture)?;
        }
        self.check_steering(run)?;
        self.check_carried(run.carried)?;
        match run.carried {
            Some(carried) => self.execution.lay(input, &carried.picture)?,
            None => self.write_picture(input, run.picture, mean)?,
        }
        if let Some(source) = self.plan.source {
            self.write_picture(source, run.picture, mean)?;
        }
        let steering = run.steering.unwrap_or(&self.steering);
        for (&view, mask) in self.plan.masks.iter().zip(&steering.masks) {
            self.execution.write(view, &mask.over(run.picture))?;
        }
        if run.steering.is_some() {
            for &(number, view) in &self.plan.plan.given {
                self.execution.write(view, &steering.cells()[number])?;
            }
            self.tiler.as_mut().map_or(Ok(()), |tiler| tiler.give(steering.cells()))?;
        }
        self.execution.run_once(self.plan.bases, &self.dials(&self.config, 0))?;
        self.dose(run.carried)?;
        if let Some(start) = run.start {
            self.write_picture(self.plan.start, start, mean)?;
        }
        run.standing.map_or(Ok(()), |standing| self.restore(standing))
    }

    pub(super) fn check_size(&self, picture: &Picture) -> Result<(), DreamError> {
        let (loaded, asked) = (self.plan.input.shape.extent(), picture.extent());
        if loaded == asked {
            return Ok(());
        }
        let (loaded, asked) = (loaded.to_string(), asked.to_string());
        Err(DreamError::Fixed { setting: "size of the picture".to_owned(), loaded, asked })
    }

    fn check_steering(&self, run: &Run<'_>) -> Result<(), DreamError> {
        let Some(steering) = run.steering else { return Ok(()) };
        let lengths = |steering: &Steering| steering.cells().iter().map(Vec::len).collect::<Vec<_>>();
        let counts = |steering: &Steering| steering.masks.len().to_string();
        let differ = |setting: &str, loaded: String, asked: String| {
            let setting = setting.to_owned();
            if loaded == asked { Ok(()) } else { Err(DreamError::Fixed { setting, loaded, asked }) }
        };
        differ("number of masks", counts(&self.steering), counts(steering))?;
        let size = |steering: &Steering| format!("{:?}", lengths(steering));
        differ("size of the guide's features", size(&self.steering), size(steering))
    }

    /// Writes channel by channel, so that large pictures are not in memory twice.
    fn write_picture(&mut self, view: View, picture: &Picture, mean: [f32; 3]) -> Result<(), DreamError> {
        for (channel, plane) in planes_for_network(picture, mean).enumerate() {
            self.execution.write(view.channels(channel, 1), &plane.collect::<Vec<f32>>())?;
        }
        Ok(())
    }

    /// Checks that a dream can continue from this state, and writes it to the machine.
    fn restore(&mut self, standing: &Standing) -> Result<(), DreamError> {
        let Some(last) = standing.done.checked_sub(1) else { return Ok(()) };
        let detail = self.plan.octaves.get(last).and_then(|octave| octave.detail);
        match detail.filter(|view| view.shape.len() == standing.detail.len()) {
            Some(view) => Ok(self.execution.write(view, &standing.detail)?),
            None => Err(DreamError::Standing { done: standing.done, octaves: self.plan.octaves.len() }),
        }
    }

    /// The shifts of an octave.
    fn draw(&self, random: &mut Pcg64Mcg, octave: usize) -> Vec<Jitter> {
        let (iterations, jitter) = (*self.config.iterations.at(octave), *self.config.jitter.at(octave));
        let limit = self.tiler.as_ref().map_or(jitter, |tiler| jitter.max(tiler.shift(octave)));
        (0..iterations).map(|_| draw(random, limit)).collect()
    }

    /// The dials of iterations of an octave, counted from 0, for these settings.
    pub(super) fn dials(&self, config: &Config, octave: usize) -> Vec<f32> {
        if self.plan.plan.dials.is_empty() {
            return Vec::new();
        }
        self.plan.plan.dials.values(&self.movable.numbers(config, octave))
    }

    /// The settings of an iteration, counted from 0, if the run has a schedule.
    fn scheduled(
        &self,
        run: &Run<'_>,
        octave: usize,
        iteration: usize,
    ) -> Result<Option<Config>, DreamError> {
        let Some(schedule) = run.schedule else { return Ok(None) };
        let config = schedule(Place { octave: octave + 1, iteration: iteration + 1 });
        self.check_adoptable(&config)?;
        Ok(Some(config))
    }

    /// Runs the iterations of one octave, counted from 0, and appends what they `found`. Returns `false` if
    /// they were stopped.
    fn climb_octave(
        &mut self,
        number: usize,
        octave: OctavePhases,
        jitters: &[Jitter],
        run: &Run<'_>,
        watcher: &mut dyn Watcher,
        found: &mut Vec<Found>,
    ) -> Result<bool, DreamError> {
        let sizes = (number + 1, self.plan.octaves.len());
        let mut ascent = Ascent::new(sizes, octave, jitters.len(), self.config.mean, run.cancel, watcher);
        if self.tiler.is_some() {
            self.climb_in_tiles(number, octave, jitters, run, &mut ascent, found)?;
            return ascent.conclude(&self.config, &self.before_relu);
        }
        for (block, jitters) in jitters.chunks(BLOCK).enumerate() {
            let mut dials = Vec::new();
            for turn in 0..jitters.len() {
                let config = self.scheduled(run, number, BLOCK * block + turn)?;
                dials.push(self.dials(config.as_ref().unwrap_or(&self.config), number));
            }
            let turns = jitters.iter().zip(&dials).map(|(&jitter, dials)| Turn { jitter, dials });
            let turns: Vec<Turn<'_>> = turns.collect();
            let reports = self.execution.run(
                octave.climb,
                &turns,
                self.plan.report,
                octave.picture,
                &mut |turned| ascent.turned(BLOCK * block, turned),
            )?;
            found.extend(ascent.account(&reports));
            self.look(octave, &mut ascent)?;
            if ascent.has_ended() {
                break;
            }
        }
        ascent.conclude(&self.config, &self.before_relu)
    }

    /// Delivers a picture that was asked for when no iteration was left to bring it.
    fn look(&mut self, octave: OctavePhases, ascent: &mut Ascent<'_>) -> Result<(), DreamError> {
        if ascent.wants_to_look() {
            ascent.look(self.execution.read(octave.picture)?);
        }
        Ok(())
    }

    /// The same where the network sees the picture tile by tile.
    fn climb_in_tiles(
        &mut self,
        number: usize,
        octave: OctavePhases,
        jitters: &[Jitter],
        run: &Run<'_>,
        ascent: &mut Ascent<'_>,
        found: &mut Vec<Found>,
    ) -> Result<(), DreamError> {
        let report = self.plan.report;
        for (turn, &jitter) in jitters.iter().enumerate() {
            let config = self.scheduled(run, number, turn)?;
            let config = config.as_ref().unwrap_or(&self.config);
            let (dials, numbers) = (self.dials(config, number), self.movable.numbers(config, number));
            let Some(tiler) = &mut self.tiler else { break };
            let (tiles, of_tiles) = (tiler.tiles(number), tiler.dials(&numbers));
            let (picture, gradients) = (octave.picture, &self.plan.gradients[number]);
            let mut canvas = Canvas { execution: &mut *self.execution, picture, gradients };
            let mut tiled = |done| ascent.tiled(turn, done, tiles);
            let Some(values) = tiler.run(number, &mut canvas, jitter, &of_tiles, &mut tiled)? else { break };
            for (climb, value) in values.into_iter().enumerate() {
                self.execution.write(report.channels(2 * climb, 1), &[value])?;
            }
            let now = Turn { jitter, dials: &dials };
            let reports = self
                .execution
                .run(octave.climb, &[now], report, picture, &mut |turned| ascent.turned(turn, turned))?;
            found.extend(ascent.account(&reports));
            self.look(octave, ascent)?;
            if ascent.has_ended() {
                break;
            }
        }
        Ok(())
    }
}

/// Two uniform random integers in `-limit..=limit`: across, then down, in the notebook's order.
fn draw(random: &mut Pcg64Mcg, limit: u32) -> Jitter {
    let mut one = || {
        let choices = 2 * u64::from(limit) + 1;
        let scaled = (u128::from(random.next_u64()) * u128::from(choices)) >> 64;
        scaled as i32 - limit as i32
    };
    let right = one();
    Jitter { down: one(), right }
}

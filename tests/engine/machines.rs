//! What a machine promises beyond its steps: the same bits every time, every turn watched, and a whole dream
//! that is the oracle's.

use std::sync::Arc;

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::{Execution, Jitter, Machine, Next, Turn, Turned};
use puppyslug::net::{Shape, Weights};
use puppyslug::plan::dream::{Climb, DreamPlan, DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::shaping::{Normalise, Shaping};
use puppyslug::plan::{PhaseId, Step, View, step};
use testkit::{
    Random, Trial, on_each_machine,
    oracle::{self, Memory},
    relative_distance, small_weights,
};

const TURNS: [Jitter; 3] =
    [Jitter { down: 3, right: -5 }, Jitter { down: -11, right: 0 }, Jitter { down: 40, right: 7 }];

/// How far the dream may be from the oracle's, relative to how far it has moved: six gradients, each as
/// near as golden ones are (1e-5), each added to the picture that the next one is taken of.
const DREAM: f64 = 6e-5;

/// A dream of two octaves over the small network.
struct Dream {
    plan: DreamPlan,
    weights: Weights,
    picture: Vec<f32>,
    mask: Vec<f32>,
    /// What the plan is given, by number.
    given: Vec<Vec<f32>>,
}

impl Dream {
    fn new(shaping: Shaping) -> Self {
        Self::climbing(shaping, &[], &[None])
    }

    /// Under each of three masks, and something else everywhere.
    fn masked(shaping: Shaping) -> Self {
        Self::climbing(shaping, &[], &[Some(0), Some(1), Some(2), None])
    }

    /// The same, in both octaves after a guide of nine columns and in a direction as well.
    fn guided() -> Self {
        let guide = Aim::Guide(Given { number: 0, columns: 9 });
        let direction = Aim::Direction(Given { number: 1, columns: 1 });
        let more = [("a/output", guide, 0.3), ("b/output", direction, -0.7)];
        Self::climbing(Shaping::default(), &more, &[None])
    }

    /// With a gradient under each of these masks: of all targets under the first, of a layer of its own under others.
    fn climbing(shaping: Shaping, more: &[(&str, Aim, f32)], masks: &[Option<usize>]) -> Self {
        let weights = small_weights();
        let find = |name: &str| weights.network().find(name).expect("a layer of the small network");
        let more = more.iter().map(|&(name, aim, weight)| Target { layer: find(name), aim, weight });
        let more: Vec<Target> = more.collect();
        let target =
            |(name, weight): (&str, f32)| Target { layer: find(name), aim: Aim::HalfSquares, weight };
        let octave = |size, targets: &[Target]| {
            let others = masks[1..].iter().map(|&mask| Climb { targets: vec![target(("a/3x3", 1.0))], mask });
            let first = Climb { targets: [targets, &more].concat(), mask: masks[0] };
            let climbs = [first].into_iter().chain(others).collect();
            OctaveSettings { size, climbs, step: 1.5, shaping: shaping.clone() }
        };
        let settings = DreamSettings {
            octaves: vec![
                octave(Extent::new(19, 25), &[target(("b/output", 1.0))]),
                octave(Extent::new(27, 35), &[("b/output", 1.0), ("a/3x3", -0.5)].map(target)),
            ],
            bounds: [(-104.0, 151.0), (-116.0, 139.0), (-122.0, 133.0)],
            masks: masks.iter().flatten().count(),
            moving: false,
            carried: false,
            iteration: Iteration::default(),
        };
        let plan = plan_dream(weights.network(), &settings).expect("large enough");
        let count = plan.input.shape.len();
        let picture = Random::named("a picture to dream over").fill(count, |random| 100.0 * random.unit());
        let mask = (0..count / 3).map(|at| [0.0, 0.3, 1.0][at % 3]).collect();
        let mut random = Random::named("what is given");
        let given = plan.plan.given.iter().map(|(_, view)| random.fill(view.shape.len(), Random::mixed));
        Self { given: given.collect(), plan, weights, picture, mask }
    }

    fn load(&self, machine: &dyn Machine) -> Result<Box<dyn Execution>, Failed> {
        let mut execution = machine.load(&self.plan.plan, &self.weights)?;
        for ((_, view), cells) in self.plan.plan.given.iter().zip(&self.given) {
            execution.write(*view, cells)?;
        }
        Ok(execution)
    }

    /// The whole loop. Returns the picture and all reports.
    fn run(&self, execution: &mut dyn Execution) -> Result<(Vec<f32>, Vec<f32>), Failed> {
        execution.write(self.plan.input, &self.picture)?;
        self.plan.masks.iter().try_for_each(|&mask| execution.write(mask, &self.mask))?;
        execution.run_once(self.plan.bases, &[])?;
        let mut reports = Vec::new();
        for octave in &self.plan.octaves {
            execution.run_once(octave.enter, &[])?;
            let mut watch = |_| Next::Go;
            reports.extend(
                execution
                    .run(octave.climb, &TURNS.map(Turn::from), self.plan.report, octave.picture, &mut watch)?
                    .concat(),
            );
            if let Some(leave) = octave.leave {
                execution.run_once(leave, &[])?;
            }
        }
        Ok((execution.read(self.plan.output)?, reports))
    }

    /// The same by the oracle, whose buffers share no memory: what the plan means.
    fn by_oracle(&self) -> (Vec<f32>, Vec<f32>) {
        let mut memory = Memory::separate(&self.plan.plan);
        memory.write(self.plan.input, self.picture.iter().copied().map(f64::from));
        for ((_, view), cells) in self.plan.plan.given.iter().zip(&self.given) {
            memory.write(*view, cells.iter().copied().map(f64::from));
        }
        for &mask in &self.plan.masks {
            memory.write(mask, self.mask.iter().copied().map(f64::from));
        }
        let run = |memory: &mut Memory, phase: PhaseId, jitter: Jitter| {
            for step in &self.plan.plan.phases[phase.index()].steps {
                oracle::run(step, memory, &self.weights, jitter);
            }
        };
        let read = |memory: &Memory, view: View| -> Vec<f32> {
            memory.read(view).iter().map(|&value| value as f32).collect()
        };
        run(&mut memory, self.plan.bases, Jitter::default());
        let mut reports = Vec::new();
        for octave in &self.plan.octaves {
            run(&mut memory, octave.enter, Jitter::default());
            for jitter in TURNS {
                run(&mut memory, octave.climb, jitter);
                reports.extend(read(&memory, self.plan.report));
            }
            octave.leave.into_iter().for_each(|leave| run(&mut memory, leave, Jitter::default()));
        }
        (read(&memory, self.plan.output), reports)
    }
}

/// What every machine must do with a dream.
type Promise = fn(&Dream, &dyn Machine) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let dream = Arc::new(Dream::new(Shaping::default()));
    let tests: [(&str, Promise); 6] = [
        ("the same dream has the same bits", the_same_bits),
        ("a dream is the oracle's", the_oracles_dream),
        ("every turn is watched in order", every_turn_is_watched),
        ("what is looked at is that of its turn", a_look_is_that_of_its_turn),
        ("a break ends the run", a_break_ends_the_run),
        ("views are written and read where they are", views_are_where_they_are),
    ];
    let trials = tests.into_iter().flat_map(|(name, test)| {
        let dream = dream.clone();
        on_each_machine(name, move |machine| test(&dream, machine))
    });
    let guided = Arc::new(Dream::guided());
    let guided_tests: [(&str, Promise); 3] = [
        ("what is not a number in a guide is reported", what_is_no_number_shows),
        ("the same guided dream has the same bits", the_same_bits),
        ("a guided dream is the oracle's", the_oracles_dream),
    ];
    let guided_trials = guided_tests.into_iter().flat_map(|(name, test)| {
        let guided = guided.clone();
        on_each_machine(name, move |machine| test(&guided, machine))
    });
    let mut trials: Vec<Trial> = trials.chain(guided_trials).collect();
    trials.extend(shaped());
    trials
}

/// The same with everything that a gradient and a picture may be put through.
fn shaped() -> Vec<Trial> {
    let held = Shaping {
        normalise: Normalise::Deviation,
        smooth: Some(TURNS.len()),
        laplacian: 3,
        variation: Some((1.0, 2.0)),
        pull: (0.05, 0.2),
        guard: true,
        ..Shaping::default()
    };
    // Adam makes much of a gradient's smallest cells, so that no two machines agree on where it goes.
    let adam = Shaping { adam: true, normalise: Normalise::RootMeanSquare, ..held.clone() };
    let levelled = Dream::new(held.clone());
    let (held, adam) = (Arc::new(Dream::masked(held)), Arc::new(Dream::masked(adam)));
    let tests: [(&str, &Arc<Dream>, Promise); 3] = [
        ("the same shaped dream has the same bits", &held, the_same_bits),
        ("a shaped dream is the oracle's", &held, the_oracles_dream),
        ("the same dream of Adam's has the same bits", &adam, the_same_bits),
    ];
    let trials = tests.into_iter().flat_map(|(name, dream, test)| {
        let dream = dream.clone();
        on_each_machine(name, move |machine| test(&dream, machine))
    });
    let levels = Trial::test("every level of a gradient has a deviation of 1", move || are_level(&levelled));
    trials.chain([levels]).collect()
}

/// Root mean squares of what is levelled in the first turn: four levels of the pyramid, then all of it.
fn are_level(dream: &Dream) -> Result<(), Failed> {
    let mut memory = Memory::separate(&dream.plan.plan);
    memory.write(dream.plan.input, dream.picture.iter().copied().map(f64::from));
    let mut deviations = Vec::new();
    for phase in [dream.plan.bases, dream.plan.octaves[0].enter, dream.plan.octaves[0].climb] {
        let gradients = phase == dream.plan.octaves[0].climb;
        for step in &dream.plan.plan.phases[phase.index()].steps {
            oracle::run(step, &mut memory, &dream.weights, TURNS[0]);
            match step {
                Step::Level(step::Level { x, .. }) if gradients && x.shape.channels == 3 => {
                    let cells = memory.read(*x);
                    let square = cells.iter().map(|x| x * x).sum::<f64>() / cells.len() as f64;
                    deviations.push((x.shape.height, square.sqrt()));
                }
                _ => {}
            }
        }
    }
    // The fifth takes a mean away, and only the sixth divides again.
    let [levels @ .., _, last] = &deviations[..] else { return Err("nothing is levelled".into()) };
    let heights: Vec<usize> = levels.iter().map(|(height, _)| *height).collect();
    let all_one = levels.iter().chain([last]).all(|(_, deviation)| (deviation - 1.0).abs() < 1e-6);
    ensure(heights == [19, 10, 5, 3] && all_one, "the levels are not as strong as each other")
}

fn the_same_bits(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    let mut execution = dream.load(machine)?;
    let first = bits(dream.run(execution.as_mut())?);
    let again = bits(dream.run(execution.as_mut())?);
    let anew = bits(dream.run(dream.load(machine)?.as_mut())?);
    ensure(first == again, "the second run differs from the first")?;
    ensure(first == anew, "a second loading differs from the first")
}

fn bits((picture, reports): (Vec<f32>, Vec<f32>)) -> Vec<u32> {
    picture.into_iter().chain(reports).map(f32::to_bits).collect()
}

fn the_oracles_dream(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    let (found, reports) = dream.run(dream.load(machine)?.as_mut())?;
    let (expected, expected_reports) = dream.by_oracle();
    let moved = relative_distance(&expected, &dream.picture);
    let distance = relative_distance(&found, &expected) / moved;
    let of_reports = relative_distance(&reports, &expected_reports);
    eprintln!("{}: dream {distance:.1e}, reports {of_reports:.1e} of {DREAM:.1e}", machine.name());
    ensure(moved > 1e-3, "the dream does not move")?;
    ensure(distance <= DREAM && of_reports <= DREAM, "the dream is not the oracle's")?;
    // The negative control: the right picture, a cell aside.
    let mut other = found;
    other.rotate_left(1);
    ensure(relative_distance(&other, &expected) / moved > DREAM, "a shifted picture was not noticed")
}

/// The reports of five turns are those of five runs of one turn.
fn every_turn_is_watched(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    let turns = [TURNS[0], TURNS[1], TURNS[2], TURNS[0], TURNS[1]];
    let octave = dream.plan.octaves[0];
    let mut watched = Vec::new();
    let mut execution = entered(dream, machine)?;
    let mut watch = |turned: Turned| {
        watched.push(turned.turn);
        Next::Go
    };
    let together =
        execution.run(octave.climb, &turns.map(Turn::from), dream.plan.report, octave.picture, &mut watch)?;
    ensure(
        together.len() == turns.len() && watched == [0, 1, 2, 3, 4],
        "not all turns were run and watched",
    )?;
    let mut execution = entered(dream, machine)?;
    for (turn, jitter) in turns.into_iter().enumerate() {
        execution
            .run(octave.climb, &[jitter.into()], dream.plan.report, octave.picture, &mut |_| Next::Go)?;
        let report = execution.read(dream.plan.report)?;
        ensure(together[turn] == report, "a report is not that of its turn")?;
    }
    ensure(together.windows(2).all(|pair| pair[0] != pair[1]), "reports do not change")
}

/// What a look brings is what a run of as many turns leaves, and it comes while later turns are still to be run.
fn a_look_is_that_of_its_turn(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    const MANY: usize = 12;
    let octave = dream.plan.octaves[0];
    let turns: [Turn<'_>; MANY] = std::array::from_fn(|turn| TURNS[turn % TURNS.len()].into());
    let mut looks: Vec<(usize, Vec<f32>)> = Vec::new();
    let mut watch = |Turned { turn, seen }: Turned| {
        looks.extend(seen.map(|cells| (turn, cells)));
        if turn == 1 || turn == 6 { Next::Look } else { Next::Go }
    };
    let mut execution = entered(dream, machine)?;
    let reports = execution.run(octave.climb, &turns, dream.plan.report, octave.picture, &mut watch)?;
    ensure(reports.len() == MANY, "a look ends no run")?;
    let at: Vec<usize> = looks.iter().map(|&(turn, _)| turn).collect();
    ensure(at.len() == 2 && at[0] > 1 && at[1] > 6 && at[1] < MANY, format!("looks came with turns {at:?}"))?;
    for (turn, cells) in looks {
        let mut execution = entered(dream, machine)?;
        let as_many = &turns[..=turn];
        execution.run(octave.climb, as_many, dream.plan.report, octave.picture, &mut |_| Next::Go)?;
        ensure(execution.read(octave.picture)? == cells, format!("turn {turn} left something else"))?;
        let (one_less, report) = (&turns[..turn], dream.plan.report);
        let mut execution = entered(dream, machine)?;
        execution.run(octave.climb, one_less, report, octave.picture, &mut |_| Next::Go)?;
        ensure(execution.read(octave.picture)? != cells, "one turn less leaves the same")?;
    }
    Ok(())
}

fn a_break_ends_the_run(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    const MANY: usize = 50;
    let mut execution = entered(dream, machine)?;
    let mut watched = 0;
    let mut watch = |_| {
        watched += 1;
        Next::Stop
    };
    let turns = [Turn::default(); MANY];
    let octave = dream.plan.octaves[0];
    let reports = execution.run(octave.climb, &turns, dream.plan.report, octave.picture, &mut watch)?;
    let count = reports.len();
    ensure((1..MANY).contains(&count), "the break was ignored")?;
    ensure(watched == count, "turns were run and not watched")
}

/// An execution at the start of its first octave.
fn entered(dream: &Dream, machine: &dyn Machine) -> Result<Box<dyn Execution>, Failed> {
    let mut execution = dream.load(machine)?;
    execution.write(dream.plan.input, &dream.picture)?;
    execution.run_once(dream.plan.bases, &[])?;
    execution.run_once(dream.plan.octaves[0].enter, &[])?;
    Ok(execution)
}

/// A column that is not a number is chosen by every cell, wherever among the columns it is.
fn what_is_no_number_shows(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    let mut given = dream.plan.plan.given.iter().zip(&dream.given);
    let Some((&(_, view), guide)) = given.find(|((number, _), _)| *number == 0) else {
        return Err("the plan is given no guide".into());
    };
    for at in [0, 4, 8] {
        let mut execution = entered(dream, machine)?;
        let mut cells = guide.clone();
        cells[at] = f32::NAN;
        execution.write(view, &cells)?;
        let octave = dream.plan.octaves[0];
        let turns = [TURNS[0].into()];
        let reports =
            execution.run(octave.climb, &turns, dream.plan.report, octave.picture, &mut |_| Next::Go)?;
        // By its value the loop knows: where one column is not a number, the gradient may be one all the same.
        let value = reports[0][0];
        ensure(value.is_nan(), format!("column {at}: {value}"))?;
    }
    Ok(())
}

/// A slice in the middle of a buffer is written without touching what is around it.
fn views_are_where_they_are(dream: &Dream, machine: &dyn Machine) -> Result<(), Failed> {
    let mut execution = dream.load(machine)?;
    let whole = dream.plan.input;
    let slice = View { offset: whole.offset + 7, shape: Shape::new(1, 1, 9), ..whole };
    let numbers: Vec<f32> = (0..9).map(|n| n as f32 + 0.5).collect();
    execution.write(whole, &dream.picture)?;
    execution.write(slice, &numbers)?;
    let mut expected = dream.picture.clone();
    expected[7..16].copy_from_slice(&numbers);
    ensure(execution.read(whole)? == expected, "a write touched its neighbours or missed its place")?;
    ensure(execution.read(slice)? == numbers, "a slice is read elsewhere")
}

fn ensure(holds: bool, complaint: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint.into().into()) }
}

//! What one run of a loaded dream is given, and the next may be given otherwise.

use std::ops::ControlFlow;
use std::thread;

use libtest_mimic::Failed;
use puppyslug::dream::tiles::{TileMode, Tiling};
use puppyslug::dream::{
    Cancel, Config, Controls, Dream, DreamError, FIXED, Mask, Objective, Place, Progress, References, Run,
    Steering, Watcher,
};
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Next};
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::shaping::Normalise;
use testkit::{Trial, on_each_machine};

use super::ensure;

/// Height and width.
const SIZE: Extent = Extent::new(64, 96);

type Promise = fn(&dyn Machine) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 9] = [
        ("grain is noise on the start", grain_is_noise_on_the_start),
        ("a start of its own", a_start_of_its_own),
        ("seed, masks and guide belong to the run", what_belongs_to_the_run),
        ("numbers move between runs and within one", numbers_move),
        ("numbers move in tiles too", numbers_move_in_tiles),
        ("what is fixed is refused by name", what_is_fixed),
        ("any thread can cancel", any_thread_can_cancel),
        ("the picture can be seen on the way", the_picture_is_seen),
        ("the last iteration of a block can be seen", the_last_iteration_is_seen),
    ];
    let each = |(name, test): (&str, Promise)| on_each_machine(&format!("runs: {name}"), test);
    tests.into_iter().flat_map(each).collect()
}

fn config() -> Config {
    Config {
        objectives: vec![Objective::l2("inception_3a/output"), Objective::l2("conv2/3x3")],
        octaves: 2.into(),
        iterations: 3.into(),
        jitter: 5.into(),
        ..Config::for_weights(&Weights::embedded())
    }
}

fn picture() -> Picture {
    sky(SIZE, 7).expect("a small sky")
}

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The dream that is loaded for these settings.
fn anew(machine: &dyn Machine, config: &Config, references: &References) -> Result<Picture, DreamError> {
    let mut dream = Dream::prepare_with(machine, &Weights::embedded(), SIZE, config, references)?;
    Ok(dream.run(&picture(), &mut go_on)?.picture)
}

fn same(what: &str, found: &Picture, expected: &Picture) -> Result<(), Failed> {
    ensure(found == expected, || format!("{what}: not the same bits"))
}

fn different(what: &str, found: &Picture, other: &Picture) -> Result<(), Failed> {
    ensure(found != other, || format!("{what}: it makes no difference"))
}

fn a_start_of_its_own(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, other) = (picture(), sky(SIZE, 8)?);
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &config())?;
    let plain = dream.run(&picture, &mut go_on)?.picture;
    let mut from = |start| {
        let run = Run { start: Some(start), ..dream.over(&picture) };
        dream.run_with(&run, &mut { go_on }).map(|dreamed| dreamed.picture)
    };
    same("the picture itself as the start", &from(&picture)?, &plain)?;
    let elsewhere = from(&other)?;
    different("another start", &elsewhere, &plain)?;
    // It is still a dream over the picture: detail of the first octave on top of it.
    different("another picture", &elsewhere, &dream.run(&other, &mut go_on)?.picture)?;
    same("afterwards", &dream.run(&picture, &mut go_on)?.picture, &plain)
}

fn grain_is_noise_on_the_start(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, none) = (picture(), References::default());
    let grained = |grain, seed| Config { grain, seed, jitter: 0.into(), ..config() };
    let plain = anew(machine, &grained(0.0, 1), &none)?;
    let coarse = anew(machine, &grained(12.0, 1), &none)?;
    different("grain", &coarse, &plain)?;
    same("the same seed again", &anew(machine, &grained(12.0, 1), &none)?, &coarse)?;
    different("another seed", &anew(machine, &grained(12.0, 2), &none)?, &coarse)?;
    // What it means: a dream that starts from the noisy picture.
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &grained(0.0, 1))?;
    let noisy = picture.grained(12.0, 1);
    let run = Run { start: Some(&noisy), ..dream.over(&picture) };
    same("the start by hand", &dream.run_with(&run, &mut { go_on })?.picture, &coarse)
}

fn what_belongs_to_the_run(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = Weights::embedded();
    let config = Config {
        objectives: vec!["guide:inception_3a/output".parse()?, Objective::l2("conv2/3x3")],
        ..config()
    };
    let half = |left: bool| {
        let row: Vec<f32> =
            (0..SIZE.width).map(|x| if (2 * x < SIZE.width) == left { 255.0 } else { 0.0 }).collect();
        Picture::from_rgb(SIZE, row.repeat(3 * SIZE.height)).map(Mask::Picture)
    };
    let references = |guide, left| -> Result<References, DreamError> {
        Ok(References {
            guide: Some(sky(Extent::new(32, 40), guide)?),
            masks: vec![half(left)?],
            ..References::default()
        })
    };
    let (first, second) = (references(1, true)?, references(2, false)?);
    let mut dream = Dream::prepare_with(machine, &weights, SIZE, &config, &first)?;
    let picture = picture();
    let plain = dream.run(&picture, &mut go_on)?.picture;
    let steering = Steering::of(&second, machine, &weights, &config, SIZE)?;
    let run = Run { steering: Some(&steering), seed: 3, ..dream.over(&picture) };
    let steered = dream.run_with(&run, &mut { go_on })?.picture;
    same(
        "other references and seed",
        &steered,
        &anew(machine, &Config { seed: 3, ..config.clone() }, &second)?,
    )?;
    different("other references and seed", &steered, &plain)?;
    let original = Steering::of(&first, machine, &weights, &config, SIZE)?;
    let run = Run { steering: Some(&original), ..dream.over(&picture) };
    same("the first again", &dream.run_with(&run, &mut { go_on })?.picture, &plain)?;
    // What the plan was made for stays.
    let larger = References { guide: Some(sky(Extent::new(32, 48), 2)?), ..second.clone() };
    let none = References { masks: Vec::new(), ..second };
    for (references, word) in [(larger, "guide"), (none, "number of masks")] {
        let steering = Steering::of(&references, machine, &weights, &config, SIZE)?;
        let run = Run { steering: Some(&steering), ..dream.over(&picture) };
        let refused = dream.run_with(&run, &mut { go_on }).map(|dreamed| dreamed.complete);
        ensure(matches!(&refused, Err(DreamError::Fixed { setting, .. }) if setting.contains(word)), || {
            format!("{word}: {refused:?}")
        })?;
    }
    Ok(())
}

/// Settings whose numbers differ from [`config`]'s in every way that may be.
fn others() -> Vec<Config> {
    let weighed = |weights: [f32; 2]| {
        let mut config = config();
        config.objectives.iter_mut().zip(weights).for_each(|(objective, weight)| objective.weight = weight);
        config
    };
    let controls = |controls| Config { controls, ..config() };
    vec![
        config(),
        Config { step: 2.5.into(), mean: [100.0, 110.0, 120.0], ..config() },
        weighed([0.5, -2.0]),
        controls(Controls { tv: (2.0, 1.5), ..Controls::default() }),
        controls(Controls { keep: (0.1, 0.3), l2: 2.0, ..Controls::default() }),
        controls(Controls { smooth: true, ..Controls::default() }),
        config(),
    ]
}

fn numbers_move(machine: &dyn Machine) -> Result<(), Failed> {
    let none = References::default();
    let mut dream = Dream::prepare_moving(machine, &Weights::embedded(), SIZE, &config(), &none)?;
    let picture = picture();
    for (number, other) in others().iter().enumerate() {
        dream.adopt(other)?;
        let moved = dream.run(&picture, &mut go_on)?.picture;
        same(&format!("settings {number}"), &moved, &anew(machine, other, &none)?)?;
    }
    // Weight 0 leaves an objective out.
    let mut idle = config();
    idle.objectives[0].weight = 0.0;
    let without = Config { objectives: idle.objectives[1..].to_vec(), ..config() };
    dream.adopt(&idle)?;
    same("weight 0", &dream.run(&picture, &mut go_on)?.picture, &anew(machine, &without, &none)?)?;
    // Within a run: the same settings all along are those of the dream, others are not.
    dream.adopt(&config())?;
    let plain = dream.run(&picture, &mut go_on)?.picture;
    let mut scheduled = |schedule: &dyn Fn(Place) -> Config| {
        let run = Run { schedule: Some(schedule), ..dream.over(&picture) };
        dream.run_with(&run, &mut { go_on }).map(|dreamed| dreamed.picture)
    };
    same("a schedule that changes nothing", &scheduled(&|_| config())?, &plain)?;
    let stronger = |place: Place| match (place.octave, place.iteration) {
        (2, 3) => Config { step: 3.0.into(), ..config() },
        _ => config(),
    };
    let changed = scheduled(&stronger)?;
    different("a longer last step", &changed, &plain)?;
    // A list of steps says the same of a whole octave.
    let by_list = Config { step: puppyslug::dream::PerOctave::new(vec![1.5, 3.0]), ..config() };
    let by_octave =
        |place: Place| Config { step: if place.octave == 2 { 3.0 } else { 1.5 }.into(), ..config() };
    same("a step for each octave", &scheduled(&by_octave)?, &anew(machine, &by_list, &none)?)
}

fn numbers_move_in_tiles(machine: &dyn Machine) -> Result<(), Failed> {
    let none = References::default();
    let tiling = Tiling { tile: Some(48), tile_mode: Some(TileMode::Fast), memory_limit: None };
    let tiled = |config: Config| Config { tiling: tiling.clone(), octaves: 1.into(), ..config };
    let mut dream = Dream::prepare_moving(machine, &Weights::embedded(), SIZE, &tiled(config()), &none)?;
    ensure(dream.memory().tiles.is_some(), || "there are no tiles".to_owned())?;
    for other in others().into_iter().map(tiled) {
        dream.adopt(&other)?;
        let moved = dream.run(&picture(), &mut go_on)?.picture;
        same("in tiles", &moved, &anew(machine, &other, &none)?)?;
    }
    Ok(())
}

fn what_is_fixed(machine: &dyn Machine) -> Result<(), Failed> {
    let none = References::default();
    let weights = Weights::embedded();
    let mut moving = Dream::prepare_moving(machine, &weights, SIZE, &config(), &none)?;
    let controls = |controls| Config { controls, ..config() };
    let asked = [
        ("objectives", Config { objectives: vec![Objective::l2("conv2/3x3")], ..config() }),
        ("octaves", Config { octaves: 1.into(), ..config() }),
        ("min_edge", Config { min_edge: 40, ..config() }),
        ("octave_scale", Config { octave_scale: 1.5, ..config() }),
        ("controls.normalize", controls(Controls { normalize: Normalise::Deviation, ..Controls::default() })),
        ("controls.laplacian", controls(Controls { laplacian: 1, ..Controls::default() })),
        (
            "controls.optimizer",
            controls(Controls {
                optimizer: puppyslug::dream::controls::Optimizer::Adam,
                ..Controls::default()
            }),
        ),
        ("controls.guard", controls(Controls { guard: true, ..Controls::default() })),
        ("tiling", Config { tiling: Tiling { tile: Some(48), ..Tiling::default() }, ..config() }),
    ];
    let listed: Vec<&str> = FIXED.iter().map(|&(setting, _)| setting).collect();
    ensure(listed == asked.each_ref().map(|(setting, _)| *setting), || format!("{listed:?}"))?;
    for (setting, other) in &asked {
        let refused = moving.adopt(other);
        let by_name = matches!(&refused, Err(DreamError::Fixed { setting: named, .. }) if named == setting);
        ensure(by_name, || format!("{setting}: {refused:?}"))?;
    }
    // Without having been prepared for it, a dream keeps its numbers, and nothing else.
    let mut fixed = Dream::prepare(machine, &weights, SIZE, &config())?;
    let longer = Config { step: 2.0.into(), ..config() };
    let refused = fixed.adopt(&longer);
    ensure(matches!(&refused, Err(DreamError::Fixed { setting, .. }) if setting == "step"), || {
        format!("{refused:?}")
    })?;
    moving.adopt(&longer)?;
    let free = Config { iterations: 1.into(), jitter: 0.into(), seed: 9, ..config() };
    fixed.adopt(&free)?;
    same(
        "iterations, jitter and seed",
        &fixed.run(&picture(), &mut go_on)?.picture,
        &anew(machine, &free, &none)?,
    )
}

fn any_thread_can_cancel(machine: &dyn Machine) -> Result<(), Failed> {
    let many = Config { iterations: 100_000.into(), octaves: 1.into(), ..config() };
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &many)?;
    let (cancel, picture) = (Cancel::default(), picture());
    let (begun, begins) = std::sync::mpsc::channel();
    let canceller = cancel.clone();
    let waiting = thread::spawn(move || begins.recv().is_ok_and(|()| !canceller.cancel()));
    let moved = thread::spawn(move || {
        let run = Run { cancel: Some(&cancel), ..dream.over(&picture) };
        let mut watch = |_: Progress| {
            let _ = begun.send(());
            ControlFlow::Continue(())
        };
        dream.run_with(&run, &mut watch).map(|dreamed| (dreamed.complete, dreamed.found.len()))
    });
    ensure(waiting.join().is_ok_and(|first| first), || "nobody else cancels".to_owned())?;
    let (complete, iterations) = moved.join().map_err(|_| "the dream panicked")??;
    ensure(!complete && (1..100_000).contains(&iterations), || format!("{iterations} iterations"))
}

/// Asks for a look after some iterations.
struct Curious {
    wishes: fn(Progress) -> bool,
    looks: Vec<(Progress, Picture)>,
}

impl Curious {
    fn after(wishes: fn(Progress) -> bool) -> Self {
        Self { wishes, looks: Vec::new() }
    }
}

impl Watcher for Curious {
    fn turned(&mut self, now: Progress) -> Next {
        if (self.wishes)(now) { Next::Look } else { Next::Go }
    }

    fn seen(&mut self, now: Progress, picture: Picture) {
        self.looks.push((now, picture));
    }
}

fn the_picture_is_seen(machine: &dyn Machine) -> Result<(), Failed> {
    let long = Config { iterations: 8.into(), ..config() };
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &long)?;
    let picture = picture();
    let plain = dream.run(&picture, &mut go_on)?.picture;
    let mut curious = Curious::after(|_| true);
    let seen = dream.run_with(&dream.over(&picture), &mut curious)?.picture;
    same("a dream that is looked at", &seen, &plain)?;
    let sizes = dream.octave_sizes();
    for octave in [1, 2] {
        let looks: Vec<_> = curious.looks.iter().filter(|(now, _)| now.octave == octave).collect();
        ensure(!looks.is_empty(), || format!("nothing was seen in octave {octave}"))?;
        for (now, picture) in looks {
            let size = picture.extent();
            ensure(size == sizes[octave - 1] && now.iteration < 9, || format!("{now:?}: {size}"))?;
        }
    }
    ensure(curious.looks.windows(2).all(|pair| pair[0].1 != pair[1].1), || "it does not change".to_owned())
}

/// Iterations are handed to a machine in blocks of 32, and it brings a picture with one of the block.
fn the_last_iteration_is_seen(machine: &dyn Machine) -> Result<(), Failed> {
    let long = Config { iterations: 33.into(), ..config() };
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &long)?;
    let picture = picture();
    let mut curious = Curious::after(|now| [32, 33].contains(&now.iteration));
    dream.run_with(&dream.over(&picture), &mut curious)?;
    let seen: Vec<_> = curious.looks.iter().map(|(now, _)| (now.octave, now.iteration)).collect();
    let all = [(1, 32), (1, 33), (2, 32), (2, 33)];
    ensure(seen == all, || format!("seen after octave and iteration {seen:?}, wished after {all:?}"))
}

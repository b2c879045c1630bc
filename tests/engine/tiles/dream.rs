//! Whole dreams in tiles.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::dream::controls::Optimizer;
use puppyslug::dream::tiles::{TileMode, Tiling};
use puppyslug::dream::{
    Config, Controls, Dream, DreamError, Likeness, Mask, Progress, References, Run, Standing,
};
use puppyslug::extent::Extent;
use puppyslug::machine::{Ceiling, Execution, Kind, Machine, MachineError};
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::Plan;
use puppyslug::plan::shaping::Normalise;
use testkit::{Trial, on_each_machine, psnr};

/// Decibels that the issue asks for: a difference of a quarter of a gray level.
const SAME: f64 = 60.0;
const SIZE: Extent = Extent::new(240, 320);

/// What must be so on a machine.
type Promise = fn(&dyn Machine) -> Result<(), Failed>;

/// What has nothing to do with which machine it is.
type Fact = fn() -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 3] = [
        ("a dream in exact tiles is the dream without", exact_is_the_same_dream),
        ("what is planned beforehand fits a limit", a_limit_of_memory),
        ("progress counts tiles, and a break ends between two", progress_counts_tiles),
    ];
    let once: [(&str, Fact); 5] = [
        ("every control works in tiles", every_control),
        ("masks, guides and directions work in tiles", everything_given),
        ("a dream in tiles is taken up again", standing),
        ("tiles that cannot be are refused", refusals),
        ("a device that finds out late gets smaller tiles", late_refusals),
    ];
    let each = tests.into_iter().flat_map(|(name, test)| on_each_machine(name, test));
    each.chain(once.into_iter().map(|(name, test)| Trial::test(name, test).with_kind("cpu"))).collect()
}

/// Two octaves of two iterations; every cell sees 91 pixels.
fn config(objectives: &[&str], tiling: Tiling) -> Config {
    let objectives = objectives.iter().map(|text| text.parse().expect("an objective")).collect();
    let mean = Weights::embedded().mean();
    Config {
        objectives,
        octaves: 2.into(),
        iterations: 2.into(),
        jitter: 20.into(),
        mean,
        tiling,
        ..Config::default()
    }
}

fn tiling(tile: usize, mode: TileMode) -> Tiling {
    Tiling { tile: Some(tile), tile_mode: Some(mode), memory_limit: None }
}

fn exact(tile: usize) -> Tiling {
    tiling(tile, TileMode::Exact)
}

fn picture() -> Picture {
    sky(SIZE, 4).expect("a sky")
}

fn dream_with(
    machine: &dyn Machine,
    config: &Config,
    references: &References,
) -> Result<(Picture, Dream), DreamError> {
    let mut dream = Dream::prepare_with(machine, &Weights::embedded(), SIZE, config, references)?;
    let dreamed = dream.run(&picture(), &mut |_| ControlFlow::Continue(()))?;
    Ok((dreamed.picture, dream))
}

fn dream(machine: &dyn Machine, config: &Config) -> Result<(Picture, Dream), DreamError> {
    dream_with(machine, config, &References::default())
}

fn untiled(config: &Config) -> Config {
    Config { tiling: Tiling::default(), ..config.clone() }
}

fn expect(holds: bool, what: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

/// On the processor to the bit; on a GPU up to how it sums magnitudes.
fn exact_is_the_same_dream(machine: &dyn Machine) -> Result<(), Failed> {
    let config = config(&["l2:inception_3b/output"], exact(256));
    let (tiled, loaded) = dream(machine, &config)?;
    expect(loaded.memory().tiles.is_some(), "there are tiles")?;
    let (whole, loaded) = dream(machine, &untiled(&config))?;
    expect(loaded.memory().tiles.is_none(), "there are none")?;
    let near = psnr(tiled.rgb(), whole.rgb());
    println!("{}: {near:.1} dB", machine.kind());
    expect(near >= SAME, format!("{near:.1} dB"))?;
    expect(machine.kind() != Kind::Cpu || tiled == whole, "on the processor not a bit differs")?;
    // Fast tiles are another dream, and the comparison notices.
    let fast = Config { tiling: tiling(256, TileMode::Fast), ..config };
    let far = psnr(dream(machine, &fast)?.0.rgb(), whole.rgb());
    expect(far < SAME - 10.0, format!("fast tiles are as near: {far:.1} dB"))
}

fn a_limit_of_memory(machine: &dyn Machine) -> Result<(), Failed> {
    let free = config(&["l2:inception_3a/output"], Tiling::default());
    let needed = Dream::prepare(machine, &Weights::embedded(), SIZE, &free)?.memory().device;
    let limit = needed * 3 / 4;
    let tight = Config { tiling: Tiling { memory_limit: Some(limit), ..Tiling::default() }, ..free.clone() };
    let (tiled, loaded) = dream(machine, &tight)?;
    let memory = loaded.memory();
    println!("{}: {needed} bytes without tiles, {memory:?}", machine.kind());
    let tiles = memory.tiles.ok_or("the limit asks for tiles")?;
    let shared = machine.kind() == Kind::Cpu;
    let taken = memory.device + if shared { memory.pictures } else { 0 };
    expect(memory.free == Some(limit) && taken <= limit, format!("{memory:?} in {limit}"))?;
    // Whoever dreams by the chosen settings needs no limit, and has the same dream.
    let chosen = loaded.config().clone();
    expect(chosen.tiling == tiling(tiles.side, tiles.mode), format!("{:?}", chosen.tiling))?;
    expect(dream(machine, &chosen)?.0 == tiled, "the same tiles are the same dream")?;

    let tile_mode = Some(TileMode::Exact);
    let least = Config { tiling: Tiling { tile: None, tile_mode, memory_limit: Some(1 << 20) }, ..free };
    match Dream::prepare(machine, &Weights::embedded(), SIZE, &least) {
        Err(error @ DreamError::TooLarge { .. }) => {
            let text = error.to_string();
            expect(text.contains("1.0 MB are allowed by the memory limit") && text.contains("320x240"), text)
        }
        other => Err(format!("{:?}", other.map(|dream| dream.memory())).into()),
    }
}

fn progress_counts_tiles(machine: &dyn Machine) -> Result<(), Failed> {
    let config = Config {
        octaves: 1.into(),
        iterations: 2.into(),
        ..config(&["l2:conv2/3x3"], tiling(160, TileMode::Fast))
    };
    let mut dream = Dream::prepare(machine, &Weights::embedded(), SIZE, &config)?;
    let mut seen: Vec<Progress> = Vec::new();
    let dreamed = dream.run(&picture(), &mut |now| {
        seen.push(now);
        ControlFlow::Continue(())
    })?;
    let values: Vec<f32> = dreamed.found.iter().map(|found| found.value).collect();
    let steps: Vec<(usize, (usize, usize))> = seen.iter().map(|now| (now.iteration, now.tiles)).collect();
    let expected: Vec<_> = (1..=2).flat_map(|turn| (1..=4).map(move |tile| (turn, (tile, 4)))).collect();
    expect(steps == expected, format!("{steps:?}"))?;
    expect(values.len() == 2 && values[0] > 0.0 && values[1] > values[0], format!("{values:?}"))?;
    let mut count = 0;
    let stopped = dream.run(&picture(), &mut |_| {
        count += 1;
        if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    expect(count == 2 && !stopped.complete, "the break was not heard")?;
    // The first iteration was not done, so there was no step.
    let far =
        stopped.picture.rgb().iter().zip(picture().rgb()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    expect(far < 1e-3, format!("half an iteration moved the picture by {far}"))
}

/// Everything that shapes gradients and holds the picture back is in the loop, which is not in tiles.
fn every_control() -> Result<(), Failed> {
    let plain = Controls::default();
    for controls in [
        Controls { smooth: true, laplacian: 2, normalize: Normalise::Deviation, ..plain.clone() },
        Controls { tv: (3.0, 1.5), l2: 0.5, keep: (0.1, 0.3), ..plain.clone() },
        Controls { optimizer: Optimizer::Adam, guard: true, normalize: Normalise::RootMeanSquare, ..plain },
    ] {
        let config = Config { controls, ..config(&["l2:inception_3a/output"], exact(192)) };
        let tiled = dream(&Cpu::new(), &config)?.0;
        let whole = dream(&Cpu::new(), &untiled(&config))?.0;
        expect(tiled == whole, format!("{:?}", config.controls))?;
    }
    Ok(())
}

fn everything_given() -> Result<(), Failed> {
    let references = References {
        guide: Some(sky(Extent::new(64, 96), 9)?),
        like: Some(Likeness { picture: sky(Extent::square(80), 2)?, region: None }),
        masks: [0, 1].map(half).to_vec(),
        ..References::default()
    };
    let objectives = [
        "guide:inception_3a/output#1",
        "l2:conv2/3x3*0.01#1",
        "like:inception_3a/output#2",
        "neuron:inception_3a/output:7:3,30*5#2",
    ];
    let config = config(&objectives, exact(192));
    let tiled = dream_with(&Cpu::new(), &config, &references)?.0;
    let whole = dream_with(&Cpu::new(), &untiled(&config), &references)?.0;
    // A mean's scale may be rounded once more, and four iterations make ten times as much of that, each.
    let near = psnr(tiled.rgb(), whole.rgb());
    println!("masks, guides and directions: {near:.1} dB");
    expect(near >= SAME, format!("{near:.1} dB"))
}

/// White on one side.
fn half(side: usize) -> Mask {
    let row: Vec<f32> =
        (0..SIZE.width).map(|x| if x * 2 / SIZE.width == side { 255.0 } else { 0.0 }).collect();
    Mask::Picture(Picture::from_rgb(SIZE, row.repeat(3 * SIZE.height)).expect("a mask"))
}

fn standing() -> Result<(), Failed> {
    let config = config(&["l2:conv2/3x3"], tiling(96, TileMode::Fast));
    let mut dream = Dream::prepare(&Cpu::new(), &Weights::embedded(), SIZE, &config)?;
    let mut after: Option<Standing> = None;
    let mut landed = |landing: &mut puppyslug::dream::Landing<'_>| {
        after = after.take().or(landing.standing()?);
        Ok(())
    };
    let (picture, go_on) = (picture(), |_| ControlFlow::Continue(()));
    let all = dream.run_with(&dream.over(&picture), &mut (go_on, &mut landed))?.picture;
    let after = after.ok_or("the first octave hands something on")?;
    let mut again = Dream::prepare(&Cpu::new(), &Weights::embedded(), SIZE, &config)?;
    let run = Run { standing: Some(&after), ..again.over(&picture) };
    let rest = again.run_with(&run, &mut { go_on })?.picture;
    expect(all == rest, "the rest is the same to the bit")
}

fn refusals() -> Result<(), Failed> {
    let prepare = |objective: &str, tiling| {
        Dream::prepare(&Cpu::new(), &Weights::embedded(), SIZE, &config(&[objective], tiling))
    };
    let refused = |objective: &str, tiling, words: &[&str]| match prepare(objective, tiling) {
        Ok(dream) => Err(Failed::from(format!("taken: {:?}", dream.memory()))),
        Err(error) => {
            let text = error.to_string();
            expect(words.iter().all(|word| text.contains(word)), text)
        }
    };
    refused("l2:inception_4c/output", exact(128), &["128 pixels", "exact", "at least"])?;
    refused("logit:3", exact(128), &["loss3/classifier", "cannot be exact"])?;
    refused("l2:conv2/3x3", exact(0), &["tile is 0", "from 1 to 65535"])?;
    refused("l2:conv2/3x3", exact(3), &["3 pixels", "at least"])?;
    let limit = Tiling { memory_limit: Some(5), ..Tiling::default() };
    refused("l2:conv2/3x3", limit, &["memory limit is 5 bytes", "1 MiB or more"])?;
    // Left to itself, the program takes what can be.
    let free = Tiling { tile: Some(128), ..Tiling::default() };
    for objective in ["logit:3", "l2:inception_4c/output"] {
        let tiles = prepare(objective, free.clone())?.memory().tiles.ok_or("tiles were asked for")?;
        expect(tiles.mode == TileMode::Fast, format!("{objective}: {tiles:?}"))?;
    }
    let tiles = prepare("l2:conv2/3x3", free)?.memory().tiles.ok_or("tiles were asked for")?;
    expect(tiles.mode == TileMode::Exact, format!("{tiles:?}"))
}

/// A device that does not know how much memory it has until it is full, as most GPUs do not.
#[derive(Debug)]
struct Late {
    bytes: u64,
}

impl Machine for Late {
    fn name(&self) -> String {
        "late".to_owned()
    }

    fn kind(&self) -> Kind {
        Kind::Gpu
    }

    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64 {
        Cpu::new().weight_bytes(plan, weights)
    }

    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
        match plan.bytes() <= self.bytes {
            true => Cpu::new().load(plan, weights),
            false => Err(MachineError::TooLarge("it is full".to_owned())),
        }
    }

    fn check(&self, _: &Plan) -> Result<(), MachineError> {
        Ok(())
    }

    fn room(&self) -> Option<u64> {
        None
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        Cpu::new().ceiling()
    }
}

fn late_refusals() -> Result<(), Failed> {
    let config = config(&["l2:conv2/3x3"], Tiling::default());
    let (whole, loaded) = dream(&Cpu::new(), &config)?;
    let bytes = loaded.memory().device * 3 / 4;
    let (tiled, loaded) = dream(&Late { bytes }, &config)?;
    let memory = loaded.memory();
    expect(memory.device <= bytes && memory.tiles.is_some(), format!("{memory:?} in {bytes}"))?;
    expect(tiled == whole, "exact tiles are the same dream")?;
    // Asked for, exact tiles are as large as they may be; fast ones of another size would be another dream.
    let (side, bytes) = (memory.tiles.ok_or("tiles")?.side, memory.device * 3 / 4);
    let asked = |mode| Config { tiling: tiling(side, mode), ..config.clone() };
    let (tiled, loaded) = dream(&Late { bytes }, &asked(TileMode::Exact))?;
    let tiles = loaded.memory().tiles.ok_or("tiles")?;
    expect(tiles.side < side && tiled == whole, format!("{tiles:?}, and {side} were asked for"))?;
    match dream(&Late { bytes: bytes / 4 }, &asked(TileMode::Fast)) {
        Err(DreamError::Machine(MachineError::TooLarge(_))) => {}
        other => return Err(format!("{:?}", other.map(|(_, loaded)| loaded.memory())).into()),
    }
    match dream(&Late { bytes: 1000 }, &config) {
        Err(DreamError::Machine(MachineError::TooLarge(reason))) => expect(reason == "it is full", reason),
        other => Err(format!("{:?}", other.map(|(_, loaded)| loaded.memory())).into()),
    }
}

//! Motion and carrying as wholes: what stands still, what lies between pixels, which waves are whose, and what both machines
//! make of the same film.

use libtest_mimic::Failed;
use puppyslug::carry::{Carrier, Law, Motion, Tracker};
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Parcel};
use puppyslug::net::{Shape, Weights};
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::carry::{CarryPlan, CarrySettings, plan_carry};
use puppyslug::plan::{Builder, step};
use testkit::{Random, Trial, across_machines, on_each_machine};

const SIZE: Extent = Extent::new(48, 80);
const OCTAVES: [Extent; 3] = [Extent::new(12, 20), Extent::new(24, 40), SIZE];
const MEAN: [f32; 3] = [104.0, 117.0, 123.0];

type Promise = fn(&dyn Machine) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 7] = [
        ("what only grain moves stands still, and a slow pan goes on", grain),
        ("whole pixels are moved and not changed", whole_pixels),
        ("waves of four pixels lie between pixels as well", between_pixels),
        ("waves count in the octave that has room for them", waves_and_octaves),
        ("all waves together are the map, and each can be made weaker", together),
        ("the finest waves are those under five pixels, and can be taken away", finest),
        ("the same film is the same bits", same_bits),
    ];
    let mut trials: Vec<Trial> =
        tests.into_iter().flat_map(|(name, test)| on_each_machine(&format!("carry: {name}"), test)).collect();
    trials.push(across_machines("carry: both machines carry alike", alike));
    trials
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

/// Waves down and to the right that have moved to the right by so much, in a grain of one level.
fn grained(by: f32, seed: &str) -> Result<Picture, Failed> {
    let mut random = Random::named(seed);
    // Twelve even numbers of variance 1/3 each.
    let mut grain = move || (0..12).map(|_| random.unit()).sum::<f32>() / 2.0;
    let level = |at: usize| {
        let (row, column) = ((at / SIZE.width) as f32, (at % SIZE.width) as f32 - by);
        128.0 + 20.0 * ((0.4 * column).sin() + (0.4 * row).sin()) + grain()
    };
    let levels: Vec<f32> = (0..SIZE.plane()).map(level).collect();
    Ok(Picture::from_rgb(SIZE, levels.repeat(3))?)
}

fn grain(machine: &dyn Machine) -> Result<(), Failed> {
    let mut tracker = Tracker::new(machine, SIZE)?;
    let last = grained(0.0, "last")?;
    let still = tracker.motion(&last, &grained(0.0, "still")?)?.most();
    ensure(still == [0.0; 2], || format!("a still moves by {still:?}"))?;
    // A pixel comes from the left of where it is.
    let [_, right] = tracker.motion(&last, &grained(0.3, "pan")?)?.most();
    ensure((-0.4..-0.1).contains(&right), || format!("a pan by 0.3 moves by {right}"))
}

/// Maps seen along one vector everywhere.
fn followed(machine: &dyn Machine, map: &[f32], [down, right]: [f32; 2]) -> Result<Vec<f32>, Failed> {
    let mut builder = Builder::new();
    let [x, y] = [(); 2].map(|()| builder.buffer("map", Shape::of(map.len() / SIZE.plane(), SIZE)));
    let flow = builder.buffer("flow", Shape::of(2, SIZE));
    [x, y, flow].into_iter().for_each(|view| builder.keep(view));
    let phase = builder.phase("follow", vec![step::Follow { x, flow, y }.into()]);
    let mut execution = machine.load(&builder.finish(), &Weights::none())?;
    execution.write(x, map)?;
    execution.write(flow, &[vec![down; SIZE.plane()], vec![right; SIZE.plane()]].concat())?;
    execution.run_once(phase, &[])?;
    Ok(execution.read(y)?)
}

/// A wave of this length across and down, moved; its middle is 0 and its height 1.
fn wave(length: f32, [down, right]: [f32; 2]) -> Vec<f32> {
    let level = |at: usize| {
        let (row, column) = ((at / SIZE.width) as f32 + down, (at % SIZE.width) as f32 + right);
        (std::f32::consts::TAU * (0.6 * row + 0.8 * column) / length).sin()
    };
    (0..SIZE.plane()).map(level).collect()
}

fn whole_pixels(machine: &dyn Machine) -> Result<(), Failed> {
    let map = wave(3.0, [0.0; 2]);
    ensure(followed(machine, &map, [0.0; 2])? == map, || "moved by nothing, it changes".to_owned())?;
    let there = followed(machine, &map, [2.0, -3.0])?;
    ensure(there[10 * SIZE.width + 20] == map[12 * SIZE.width + 17], || "it is not there".to_owned())?;
    ensure(there[47 * SIZE.width] == map[47 * SIZE.width], || "beyond the edge is not the edge".to_owned())?;
    let far = followed(machine, &map, [1e9, -1e9])?;
    ensure(far[5] == map[47 * SIZE.width], || "far beyond is not the edge".to_owned())
}

/// The error of Lanczos' filter with four lobes for waves of four pixels, half the finest frequency, is below 2 %; that of
/// bilinear interpolation half way is 1 - cos(pi / 4) in each direction, 29 %. What is even stays so.
fn between_pixels(machine: &dyn Machine) -> Result<(), Failed> {
    for by in [[0.5, 0.5], [0.25, -0.7], [-1.5, 3.1]] {
        let maps = [wave(4.0, [0.0; 2]), vec![5.0; SIZE.plane()]].concat();
        let (found, expected) = (followed(machine, &maps, by)?, wave(4.0, by));
        let inner = |at: &usize| {
            (6..SIZE.height - 6).contains(&(at / SIZE.width))
                && (8..SIZE.width - 8).contains(&(at % SIZE.width))
        };
        let off = |at: usize| (found[at] - expected[at]).abs();
        let most = (0..SIZE.plane()).filter(inner).map(off).fold(0.0, f32::max);
        ensure(most < 0.02, || format!("{most} off at {by:?}"))?;
        // Sixteen weights that add up to 1 but for a rounding each, of a few units of 5.
        let uneven = found[SIZE.plane()..].iter().map(|cell| (cell - 5.0).abs()).fold(0.0, f32::max);
        ensure(uneven < 2e-5, || format!("{uneven} of 5 uneven at {by:?}"))?;
    }
    Ok(())
}

fn settings(octaves: &[Extent]) -> CarrySettings {
    CarrySettings { octaves: octaves.to_vec(), bounds: [(-1e3, 1e3); 3] }
}

/// The mean of the root mean squares of each octave's waves, of waves of this length and mean square 8.
fn strengths(machine: &dyn Machine, octaves: &[Extent], length: f32) -> Result<Vec<f32>, Failed> {
    let plan = plan_carry(&settings(octaves));
    let mut execution = machine.load(&plan.plan, &Weights::none())?;
    execution.write(plan.source, &vec![0.0; 3 * SIZE.plane()])?;
    let waves: Vec<f32> = wave(length, [0.0; 2]).iter().map(|wave| 4.0 * wave).collect();
    execution.write(plan.dream, &waves.repeat(3))?;
    execution.run_once(plan.examine, &[])?;
    let strength = execution.read(plan.strength)?;
    let bands = strength.chunks_exact(plan.strength.shape.plane());
    Ok(bands.map(|band| band.iter().map(|cell| cell.sqrt()).sum::<f32>() / band.len() as f32).collect())
}

fn waves_and_octaves(machine: &dyn Machine) -> Result<(), Failed> {
    for (length, band) in [(2.5, 2), (8.0, 1), (40.0, 0)] {
        let means = strengths(machine, &OCTAVES, length)?;
        let most = (0..3).max_by(|&a, &b| means[a].total_cmp(&means[b]));
        ensure(most == Some(band), || format!("waves of {length} pixels: {means:?}"))?;
    }
    // With one octave all of it is in one band: waves of 4 levels have a root mean square of 4 / sqrt(2).
    let means = strengths(machine, &OCTAVES[2..], 5.0)?;
    ensure((means[0] - 8.0_f32.sqrt()).abs() < 0.04, || format!("{means:?}"))
}

fn together(machine: &dyn Machine) -> Result<(), Failed> {
    let plan = plan_carry(&settings(&OCTAVES));
    let mut execution = machine.load(&plan.plan, &Weights::none())?;
    // Waves of eight pixels are the middle octave's.
    let map: Vec<f32> = wave(8.0, [0.0; 2]).iter().map(|wave| 4.0 * wave).collect::<Vec<_>>().repeat(3);
    let nowhere = [vec![0.0; 2 * SIZE.plane()], vec![255.0; SIZE.plane()]].concat();
    let mut composed = |parts: [f32; 3]| -> Result<Vec<f32>, Failed> {
        let CarryPlan { source, residual, motion, .. } = plan;
        execution.write(source, &vec![0.0; 3 * SIZE.plane()])?;
        execution.write(residual, &map)?;
        execution.write(motion, &nowhere)?;
        execution.run_once(plan.begin, &[])?;
        let cells = plan.parts.shape.plane();
        execution.write(plan.parts, &parts.map(|part| vec![part; cells]).concat())?;
        execution.run_once(plan.compose, &[])?;
        Ok(execution.read(plan.begun)?)
    };
    // Two differences are added up again: errors of a rounding each, of at most 8 levels.
    let whole = composed([1.0; 3])?;
    let apart = whole.iter().zip(&map).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    ensure(apart < 8.0 * 4.0 * f32::EPSILON, || format!("{apart} apart"))?;
    let squares = |cells: &[f32]| cells.iter().map(|cell| cell * cell).sum::<f32>();
    let left = (squares(&composed([1.0, 0.5, 1.0])?) / squares(&map)).sqrt();
    ensure((0.5..0.8).contains(&left), || format!("{left} is left"))
}

/// Four times what a Gaussian of 1.45 pixels leaves of a wave of this length is taken from it:
/// `(1 - exp(-2 (1.45 pi / length)^2))^4` is left. The Gaussian is cut off at five pixels, where 0.1 % of it lie beyond, which
/// makes a difference of less than 0.01. Edges are left out: what is repeated there is no wave.
fn finest(machine: &dyn Machine) -> Result<(), Failed> {
    let plan = plan_carry(&settings(&OCTAVES));
    let mut execution = machine.load(&plan.plan, &Weights::none())?;
    execution.write(plan.source, &vec![0.0; 3 * SIZE.plane()])?;
    for length in [2.5_f32, 3.0, 4.75, 7.0, 20.0] {
        let map = wave(length, [0.0; 2]).repeat(3);
        execution.write(plan.dream, &map)?;
        execution.run_once(plan.examine, &[])?;
        let part = (1.0 - (-2.0 * (1.45 * std::f32::consts::PI / length).powi(2)).exp()).powi(4);
        let grid = plan.fineness.shape.extent();
        let middle = execution.read(plan.fineness)?[grid.width * (grid.height / 2) + grid.width / 2];
        // The mean square of a wave is a half; in a few blocks it may be a few hundredths off.
        let found = (2.0 * middle).sqrt();
        ensure((found - part).abs() < 0.01 + 0.05 * part, || format!("{found} of {length}, not {part}"))?;
        let places = plan.trims.shape.plane();
        execution.write(plan.trims, &[vec![-0.5; places], vec![0.0; places]].concat())?;
        execution.run_once(plan.trim, &[])?;
        let shown = execution.read(plan.shown)?;
        let inner = |at: &usize| {
            (20..SIZE.height - 20).contains(&(at / SIZE.width))
                && (20..SIZE.width - 20).contains(&(at % SIZE.width))
        };
        let off = |at: usize| (shown[at] - (1.0 - 0.5 * part) * map[at]).abs();
        let most = (0..SIZE.plane()).filter(inner).map(off).fold(0.0, f32::max);
        ensure(most < 0.01, || format!("{most} off at {length}"))?;
    }
    Ok(())
}

/// A film of three frames whose dreams add the difference of two skies: what each begins with, and the doses.
fn film(machine: &dyn Machine) -> Result<Vec<Vec<f32>>, Failed> {
    let law = Law { carry: 0.9, shares: vec![2.0, 2.0, 4.0] };
    let mut carrier = Carrier::new(machine, law, OCTAVES.to_vec(), MEAN)?;
    let mut tracker = Tracker::new(machine, SIZE)?;
    let frames = [0, 2, 4].map(|by| window(&sky(Extent::new(60, 100), 3).expect("a small picture"), by));
    let mut found = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let motion = match number.checked_sub(1) {
            Some(last) => tracker.motion(&frames[last], frame)?,
            None => Motion::none(SIZE),
        };
        let begun = carrier.begin(frame, &motion)?;
        if let Some(begun) = &begun {
            found.push([&begun.picture.read()?[..], &begun.doses, &begun.moved].concat());
        }
        carrier.dreamed(&dreamed(frame))?;
        if number == 2 {
            let half = tracker.motion(&frames[1], &frames[1])?;
            found.push(carrier.between(&frames[1], &[half, motion], 0.25)?.wait()?);
        }
        carrier.keep()?;
    }
    let kept = carrier.kept()?.ok_or("nothing is kept")?;
    found.push([kept.residual, kept.aim, kept.usual, vec![kept.finest]].concat());
    Ok(found)
}

/// A part of a picture, so far to the right.
fn window(picture: &Picture, by: usize) -> Picture {
    let plane = picture.extent().plane();
    let cell = |at: usize| {
        let (channel, at) = (at / SIZE.plane(), at % SIZE.plane());
        picture.rgb()[channel * plane + at / SIZE.width * picture.width() + at % SIZE.width + by]
    };
    Picture::from_rgb(SIZE, (0..3 * SIZE.plane()).map(cell).collect()).expect("a small picture")
}

/// A dream of a frame, in the dream's units: waves of each octave, so that none of them lacks a part of nothing.
fn dreamed(frame: &Picture) -> Parcel {
    let [fine, middle, coarse] = [6.0, 14.0, 40.0].map(|length| wave(length, [0.0; 2]));
    let added: Vec<f32> =
        (0..SIZE.plane()).map(|at| 8.0 * fine[at] + 10.0 * middle[at] + 10.0 * coarse[at]).collect();
    let channels = frame.rgb().chunks_exact(SIZE.plane()).rev().zip(MEAN);
    let cells = channels
        .flat_map(|(channel, mean)| channel.iter().zip(&added).map(move |(cell, added)| cell + added - mean));
    cells.collect::<Vec<f32>>().into()
}

fn same_bits(machine: &dyn Machine) -> Result<(), Failed> {
    let bits = |found: Vec<Vec<f32>>| found.concat().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    ensure(bits(film(machine)?) == bits(film(machine)?), || "other bits the second time".to_owned())
}

/// Flows are alike within a hundredth of a pixel, by which waves of 8 levels and six pixels, 10 and 14, and 10 and 40 differ
/// by `0.01 * 2 pi * (8/6 + 10/14 + 10/40)` = 0.15 together, but for one vector in a thousand, which may lead anywhere: two
/// such sums are 56 levels apart at most. Each vector bears on a few numbers.
fn alike(machines: &[&dyn Machine]) -> Result<(), Failed> {
    let films = machines.iter().map(|machine| film(*machine)).collect::<Result<Vec<_>, _>>()?;
    for (number, (found, expected)) in films[1..].iter().flatten().zip(films[0].iter().cycle()).enumerate() {
        ensure(found.len() == expected.len(), || "not as many numbers".to_owned())?;
        let mut apart: Vec<f32> = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).collect();
        apart.sort_unstable_by(f32::total_cmp);
        let (nearly, most) = (apart[apart.len() * 99 / 100], apart[apart.len() - 1]);
        ensure(nearly < 0.15 && most <= 56.0, || format!("{number}: {nearly} apart, at most {most}"))?;
    }
    // Each is far from another.
    let apart = films[0][0].iter().zip(&films[0][1]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    ensure(apart > 2.0, || format!("two frames are only {apart} apart"))
}

//! Dreams that go on with an earlier one.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::dream::{
    Carried, Config, Controls, Dream, DreamError, Mask, Objective, Overlay, Progress, Purpose, References,
    Run,
};
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Reading};
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::blocks::grid;
use testkit::{Trial, on_each_machine};

use super::ensure;

const SIZE: Extent = Extent::new(64, 96);

type Promise = fn(&dyn Machine) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 7] = [
        ("with nothing carried it is the same dream", nothing_carried),
        ("with no dose nothing is added to what is carried", no_dose),
        ("an octave without doses is not climbed", idle_octave),
        ("what is finished later is what it was", finished_later),
        ("a dose counts where it is given, and under the mask", where_it_is_given),
        ("what has moved is dreamed as it was, where it is now", what_has_moved),
        ("what is not prepared for is refused", unprepared),
    ];
    let each = |(name, test): (&str, Promise)| on_each_machine(&format!("carried: {name}"), test);
    tests.into_iter().flat_map(each).collect()
}

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A plain dream, and those whose plans differ most from it.
fn configs() -> Vec<(Config, References)> {
    let plain = Config {
        objectives: vec![Objective::l2("inception_3a/output"), Objective::l2("conv2/3x3")],
        octaves: 2.into(),
        iterations: 2.into(),
        jitter: 5.into(),
        ..Config::for_weights(&Weights::embedded())
    };
    let controls = Controls { keep: (0.1, 0.3), guard: true, strength: 0.5, ..Controls::default() };
    let mut masked = plain.clone();
    masked.objectives[0].mask = Some(1);
    masked.objectives[1].mask = Some(2);
    let references = References { masks: vec![left(255.0), left(0.0)], ..References::default() };
    vec![
        (plain.clone(), References::default()),
        (Config { controls, grain: 4.0, ..plain }, References::default()),
        (masked, references),
    ]
}

/// This bright in its left half, and the reverse in its right.
fn left(level: f32) -> Mask {
    let row: Vec<f32> =
        (0..SIZE.width).map(|x| if 2 * x < SIZE.width { level } else { 255.0 - level }).collect();
    Mask::Picture(Picture::from_rgb(SIZE, row.repeat(3 * SIZE.height)).expect("a picture"))
}

fn prepared(machine: &dyn Machine, config: &Config, references: &References) -> Result<Dream, DreamError> {
    let purpose = Purpose { carried: true, ..Purpose::default() };
    Dream::prepare_for(purpose, machine, &Weights::embedded(), SIZE, config, references)
}

/// These doses in all octaves, by column.
fn carried(dream: &Dream, picture: &Picture, dose: impl Fn(f32) -> f32) -> Carried {
    let grid = grid(SIZE);
    let doses = (0..grid.plane()).map(|at| dose((at % grid.width) as f32 / grid.width as f32));
    let doses = doses.collect::<Vec<_>>().repeat(dream.octave_sizes().len());
    Carried { picture: in_its_units(dream, picture).into(), doses, moved: [0.0; 2] }
}

/// A picture as a dream has it: blue first, and without the mean.
fn in_its_units(dream: &Dream, picture: &Picture) -> Vec<f32> {
    let channels = picture.rgb().chunks_exact(picture.extent().plane()).rev().zip(dream.config().mean);
    channels.flat_map(|(channel, mean)| channel.iter().map(move |cell| cell - mean)).collect()
}

fn nothing_carried(machine: &dyn Machine) -> Result<(), Failed> {
    let picture = sky(SIZE, 7)?;
    for (number, (config, references)) in configs().iter().enumerate() {
        let mut plain = Dream::prepare_with(machine, &Weights::embedded(), SIZE, config, references)?;
        let mut dream = prepared(machine, config, references)?;
        let (plain_run, run) = (plain.over(&picture), dream.over(&picture));
        let expected = plain.run_with(&plain_run, &mut { go_on })?.picture;
        let found = dream.run_with(&run, &mut { go_on })?.picture;
        ensure(found == expected, || format!("settings {number}: not the same bits"))?;
        // Once something was carried, too.
        let begun = carried(&dream, &sky(SIZE, 8)?, |_| 0.5);
        let run = Run { carried: Some(&begun), ..dream.over(&picture) };
        let other = dream.run_with(&run, &mut { go_on })?.picture;
        ensure(other != expected, || format!("settings {number}: what is carried makes no difference"))?;
        let run = dream.over(&picture);
        let again = dream.run_with(&run, &mut { go_on })?.picture;
        ensure(again == expected, || format!("settings {number}: something stays behind"))?;
    }
    Ok(())
}

fn no_dose(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, lain) = (sky(SIZE, 7)?, sky(SIZE, 8)?);
    let (config, references) = &configs()[0];
    let mut dream = prepared(machine, config, references)?;
    let begun = carried(&dream, &lain, |_| 0.0);
    let run = Run { carried: Some(&begun), ..dream.over(&picture) };
    let found = dream.run_with(&run, &mut { go_on })?.picture;
    // Off by the mean and back, each rounded: 2^-17 of at most 256 gray levels, twice.
    for (found, expected) in found.rgb().iter().zip(lain.rgb()) {
        ensure((found - expected).abs() <= 4e-5, || format!("{found} instead of {expected}"))?;
    }
    Ok(())
}

fn idle_octave(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, (config, references)) = (sky(SIZE, 7)?, &configs()[0]);
    let mut dream = prepared(machine, config, references)?;
    let begun = carried(&dream, &sky(SIZE, 8)?, |_| 1.0);
    for idle in [0, 1] {
        let mut begun = begun.clone();
        let places = begun.doses.len() / 2;
        begun.doses[idle * places..][..places].fill(0.0);
        let run = Run { carried: Some(&begun), ..dream.over(&picture) };
        let mut climbed = Vec::new();
        let climb = dream.climb(&run, &mut |now: Progress| {
            climbed.push(now.octave);
            ControlFlow::Continue(())
        })?;
        ensure(climb.complete && climbed == [2 - idle; 2], || format!("climbed in octaves {climbed:?}"))?;
    }
    Ok(())
}

/// A dream that is asked for and finished later is that of a run, whatever was done to the dream in the meantime.
fn finished_later(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, other) = (sky(SIZE, 7)?, sky(SIZE, 8)?);
    for (number, (config, references)) in configs().iter().enumerate() {
        let mut dream = prepared(machine, config, references)?;
        let run = dream.over(&picture);
        let expected = dream.run_with(&run, &mut { go_on })?.picture;
        ensure(dream.climb(&run, &mut { go_on })?.complete, || "it was not stopped".to_owned())?;
        let (reading, handed, overlay) = (dream.request()?, dream.hand_on()?, dream.overlay());
        for mask in 0..references.masks.len() {
            dream.lay_mask(mask, &Picture::from_rgb(SIZE, vec![0.0; 3 * SIZE.plane()])?)?;
        }
        let later = dream.overlay();
        let run = dream.over(&other);
        dream.climb(&run, &mut { go_on })?;
        let cells = reading.wait()?;
        ensure(*cells == *handed.read()?, || format!("settings {number}: something else is handed on"))?;
        let lay = |overlay: &Overlay| overlay.lay(Reading::Here(cells.clone()), &picture);
        ensure(lay(&overlay)? == expected, || format!("settings {number}: another dream"))?;
        // The negative controls: the later dream, and the later masks.
        ensure(overlay.lay(dream.request()?, &picture)? != expected, || {
            format!("settings {number}: any dream")
        })?;
        let masked = !references.masks.is_empty();
        ensure((lay(&later)? != expected) == masked, || format!("settings {number}: the later masks"))?;
    }
    Ok(())
}

/// A picture that has gone round a corner is to the network what it was, if the shifts go along. What differs is the order in
/// which a mean over the picture is summed up: some roundings of a step, of a few gray levels at most.
fn what_has_moved(machine: &dyn Machine) -> Result<(), Failed> {
    let (picture, lain) = (sky(SIZE, 7)?, sky(SIZE, 8)?);
    let config = Config { octaves: 1.into(), ..configs()[0].0.clone() };
    let mut dream = prepared(machine, &config, &References::default())?;
    let mut over = |picture: &Picture, lain: &Picture, moved: [f32; 2]| -> Result<Picture, Failed> {
        let begun = Carried { moved, ..carried(&dream, lain, |_| 1.0) };
        let run = Run { carried: Some(&begun), ..dream.over(picture) };
        Ok(dream.run_with(&run, &mut { go_on })?.picture)
    };
    let (down, right) = (5, 13);
    let there = [down as f32 + 0.4, right as f32 - 0.3];
    let expected = rolled(&over(&picture, &lain, [0.0; 2])?, down, right)?;
    let apart = |found: &Picture| {
        found.rgb().iter().zip(expected.rgb()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    let (picture, lain) = (rolled(&picture, down, right)?, rolled(&lain, down, right)?);
    let moved = apart(&over(&picture, &lain, there)?);
    ensure(moved <= 2e-3, || format!("off by {moved} where the shifts go along"))?;
    // All strides of the network together are as good as none.
    let around = apart(&over(&picture, &lain, [there[0] - 64.0, there[1] + 32.0])?);
    ensure(around == moved, || format!("{around} instead of {moved} some strides further"))?;
    let not = apart(&over(&picture, &lain, [0.0; 2])?);
    ensure(not > 0.1, || format!("off by {not} only where they do not"))
}

/// A picture that was moved, and comes in again where it goes out.
fn rolled(picture: &Picture, down: usize, right: usize) -> Result<Picture, Failed> {
    let Extent { height, width } = picture.extent();
    let cell = |at: usize| {
        let (row, column) = (at / width % height, at % width);
        let from = (row + height - down) % height * width + (column + width - right) % width;
        picture.rgb()[at / (height * width) * height * width + from]
    };
    Ok(Picture::from_rgb(picture.extent(), (0..picture.rgb().len()).map(cell).collect())?)
}

fn where_it_is_given(machine: &dyn Machine) -> Result<(), Failed> {
    let picture = sky(SIZE, 7)?;
    // Under the second mask the dream goes right only, and the dose left of three quarters.
    for (config, references) in [&configs()[0], &configs()[2]] {
        let mut dream = prepared(machine, config, references)?;
        let begun = carried(&dream, &picture, |column| if column < 0.75 { 1.0 } else { 0.0 });
        let run = Run { carried: Some(&begun), ..dream.over(&picture) };
        let found = dream.run_with(&run, &mut { go_on })?.picture;
        let change = |columns: std::ops::Range<usize>| -> f32 {
            let cells = found.rgb().iter().zip(picture.rgb()).enumerate();
            let inside = cells.filter(|(at, _)| columns.contains(&(at % SIZE.width)));
            inside.map(|(_, (a, b))| (a - b).abs()).fold(0.0, f32::max)
        };
        // The smaller octave, 1.4 times coarser, is resized with a reach of one of its pixels.
        ensure(change(0..70) > 2.0, || format!("{} where there is a dose", change(0..70)))?;
        ensure(change(75..96) <= 4e-5, || format!("{} where there is none", change(75..96)))?;
    }
    Ok(())
}

fn unprepared(machine: &dyn Machine) -> Result<(), Failed> {
    let picture = sky(SIZE, 7)?;
    let (config, references) = &configs()[0];
    let refused = |dream: &mut Dream, carried: &Carried| -> Result<(), Failed> {
        let run = Run { carried: Some(carried), ..dream.over(&picture) };
        let refused = dream.run_with(&run, &mut { go_on }).map(|dreamed| dreamed.complete);
        ensure(matches!(&refused, Err(DreamError::Fixed { .. })), || format!("{refused:?}"))
    };
    let mut plain = Dream::prepare_with(machine, &Weights::embedded(), SIZE, config, references)?;
    let begun = carried(&plain, &picture, |_| 1.0);
    refused(&mut plain, &begun)?;
    let mut dream = prepared(machine, config, references)?;
    refused(&mut dream, &Carried { doses: begun.doses[1..].to_vec(), ..begun.clone() })?;
    let smaller = in_its_units(&dream, &sky(Extent::new(32, 96), 7)?);
    refused(&mut dream, &Carried { picture: smaller.into(), ..begun })
}

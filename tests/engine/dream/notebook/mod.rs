//! The notebook's whole loop, computed in f64 by scipy and PyTorch with the weights of 2015, against the
//! oracle and the machines.
//!
//! The loop is chaotic. At every maximum and every ReLU the gradient takes one way or another, and a
//! difference that changes the way somewhere is many times larger after the iteration than before. The
//! roundings of f32 are enough: two f32 programs, both right, end some 40 dB apart. So do not look for the
//! golden picture at the end of a machine's dream, all the less as scipy loses a column on the way (see
//! `scipy`) where the program clamps on purpose. What can be shown is more:
//!
//! * the oracle runs the plan in f64, imitates scipy, and ends at the golden picture, byte for byte: the plan
//!   is the notebook's loop;
//! * a machine that starts every single phase where the oracle does ends it where the oracle does: it makes
//!   no mistake anywhere, and only lets roundings grow;
//! * left alone from beginning to end, it ends near the oracle, and as near the golden picture as the lost
//!   column lets the oracle itself come.

mod golden;

use std::ops::ControlFlow;
use std::sync::LazyLock;

use libtest_mimic::Failed;
use puppyslug::dream::{Config, Dream, Objective};
use puppyslug::machine::{Execution, Jitter, Machine};
use puppyslug::plan::dream::OctavePhases;
use puppyslug::plan::{Plan, View};
use testkit::{GRADIENT, Trial, oracle::Memory, psnr, relative_distance, run_along_branches, unshared};

use super::scipy;
use super::{ensure, near};
use golden::{ITERATIONS, LAYER, Notebook, SIZES, Walk, to_network, truncated};

/// What is missing where the files are not.
static NOTEBOOK: LazyLock<Result<Notebook, String>> = LazyLock::new(Notebook::open);
/// The oracle's dream as the notebook has it.
static THEIRS: LazyLock<Walk> = LazyLock::new(|| notebook().walk(scipy::imitate));
/// The oracle's dream as the plan has it.
static OURS: LazyLock<Walk> = LazyLock::new(|| notebook().walk(|_, _| ()));

/// Of a machine's dream to the oracle's, in decibels. The cpu machine reached 40.7 and llvmpipe 43.1; eight
/// dreams of the cpu machine over the input moved by up to 1e-5, which is one rounding, reached 35.6 to 41.9.
const SAME_DREAM: f64 = 34.0;
/// Of a machine's dream to the golden picture. For want of the column that scipy loses, the oracle itself is
/// 32.6 dB away, and so were both machines and all eight.
const GOLDEN: f64 = 32.0;
/// A resized picture, relative: a position on the way is at most 200 and is found by a division and a product,
/// to 200 * 2^-22 = 5e-5 of a pixel; neighbours differ by a tenth of what samples are.
const RESIZED: f64 = 5e-6;

fn notebook() -> &'static Notebook {
    NOTEBOOK.as_ref().expect("only called where the files are")
}

pub(crate) fn trials() -> Vec<Trial> {
    if let Err(why) = &*NOTEBOOK {
        return vec![Trial::missing("the notebook's dream", why)];
    }
    let mut trials = vec![
        Trial::test("notebook: the oracle ends at the golden picture", the_oracle_is_the_notebook),
        Trial::test("notebook: the lost column is what parts us", the_lost_column_parts_us),
    ];
    trials.extend(testkit::on_each_machine("notebook: every phase is the oracle's", every_phase));
    trials.extend(testkit::on_each_machine("notebook: left alone it is the same dream", the_same_dream));
    trials
}

/// Byte for byte, in f64, after fifteen iterations of chaos: nothing whatever may be different. That the
/// plan without scipy's ways ends elsewhere is this test's control.
fn the_oracle_is_the_notebook() -> Result<(), Failed> {
    near("the oracle as scipy", &truncated(&THEIRS.end()), notebook().output.rgb(), f64::INFINITY)
}

fn the_lost_column_parts_us() -> Result<(), Failed> {
    let distance = psnr(&truncated(&OURS.end()), notebook().output.rgb());
    eprintln!("the oracle without scipy's edge: {distance:.1} dB");
    ensure(distance < GOLDEN + 1.0, || format!("a clamped dream is {distance:.1} dB from scipy's"))
}

/// Runs the dream phase by phase, each from the oracle's own state.
fn every_phase(machine: &dyn Machine) -> Result<(), Failed> {
    let Notebook { weights, plan, input, .. } = notebook();
    let mut execution = machine.load(&plan.plan, weights)?;
    execution.write(plan.input, &to_f32(&to_network(input)))?;
    execution.run_once(plan.bases, &[])?;
    for (&octave, states) in plan.octaves.iter().zip(&OURS.octaves) {
        let picture = notebook().picture(octave.climb);
        execution.run_once(octave.enter, &[])?;
        let distance = relative_distance(&execution.read(picture)?, &to_f32(&states[0]));
        ensure(distance <= RESIZED, || format!("an octave is entered {distance:e} away"))?;
        for state in states.windows(2) {
            let (before, after) = (to_f32(&state[0]), to_f32(&state[1]));
            let found = climb(execution.as_mut(), octave, picture, &before)?;
            judge(machine, octave, &before, &found, &after)?;
        }
        execution.write(picture, &to_f32(&states[ITERATIONS]))?;
        octave.leave.into_iter().try_for_each(|leave| execution.run_once(leave, &[]))?;
    }
    Ok(())
}

/// One turn from `from`.
fn climb(
    execution: &mut dyn Execution,
    octave: OctavePhases,
    picture: View,
    from: &[f32],
) -> Result<Vec<f32>, Failed> {
    execution.write(picture, from)?;
    execution.run_once(octave.climb, &[])?;
    Ok(execution.read(picture)?)
}

/// A step is as near the oracle's as its gradient is; or, where a branch was taken otherwise, as near the
/// oracle's along the machine's branches. (The picture's own roundings are 1e-6 of a step.)
fn judge(
    machine: &dyn Machine,
    octave: OctavePhases,
    before: &[f32],
    found: &[f32],
    after: &[f32],
) -> Result<(), Failed> {
    let distance =
        |expected: &[f32]| relative_distance(found, expected) / relative_distance(before, expected);
    let straight = distance(after);
    if straight <= GRADIENT {
        return Ok(());
    }
    let (along, forks) = step_along_branches(machine, octave, before)?;
    let along = distance(&along);
    eprintln!("{:?}: {straight:.1e} of a step; {forks} branches differ, along them {along:.1e}", octave.size);
    ensure(forks > 0 && along <= GRADIENT, || {
        format!("{straight:e} of a step away, {along:e} along branches")
    })
}

/// The oracle's next picture along the machine's branches, and at how many cells they fork.
fn step_along_branches(
    machine: &dyn Machine,
    octave: OctavePhases,
    before: &[f32],
) -> Result<(Vec<f32>, usize), Failed> {
    let Notebook { weights, plan, .. } = notebook();
    let picture = notebook().picture(octave.climb);
    let plan: Plan = unshared(&plan.plan);
    let mut execution = machine.load(&plan, weights)?;
    climb(execution.as_mut(), octave, picture, before)?;
    let mut memory = Memory::separate(&plan);
    memory.write(picture, before.iter().copied().map(f64::from));
    let steps = notebook().steps(octave.climb);
    let (jitter, machine) = (Jitter::default(), execution.as_mut());
    let forks = run_along_branches(steps, &mut memory, weights, jitter, machine)?;
    Ok((to_f32(memory.read(picture)), forks))
}

fn to_f32(cells: &[f64]) -> Vec<f32> {
    cells.iter().map(|&cell| cell as f32).collect()
}

/// From beginning to end through the library, whose defaults are the notebook's.
fn the_same_dream(machine: &dyn Machine) -> Result<(), Failed> {
    let golden = notebook().output.rgb();
    let found = dream(machine, LAYER)?;
    near("to the oracle", &found, &OURS.end(), SAME_DREAM)?;
    near("to the golden picture", &truncated(&found), golden, GOLDEN)?;
    // The controls: no dream at all, and another one.
    let other = dream(machine, "inception_4b/output")?;
    for (what, picture) in [("the input", notebook().input.rgb()), ("another layer's dream", &other)] {
        let [to_golden, to_oracle] = [golden, &OURS.end()].map(|end| psnr(&truncated(picture), end));
        eprintln!("{what}: {to_oracle:.1} dB to the oracle, {to_golden:.1} dB to the golden picture");
        let noticed = to_golden < GOLDEN && to_oracle < SAME_DREAM;
        ensure(noticed, || format!("{what} is as near as the dream itself"))?;
    }
    Ok(())
}

fn dream(machine: &dyn Machine, layer: &str) -> Result<Vec<f32>, Failed> {
    let Notebook { weights, input, .. } = notebook();
    let objectives = vec![Objective::l2(layer)];
    let config = Config {
        objectives,
        octaves: SIZES.len().into(),
        iterations: ITERATIONS.into(),
        jitter: 0.into(),
        ..Config::default()
    };
    let mut dream = Dream::prepare(machine, weights, input.extent(), &config)?;
    Ok(dream.run(input, &mut |_| ControlFlow::Continue(()))?.picture.into_rgb())
}

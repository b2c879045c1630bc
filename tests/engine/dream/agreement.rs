//! Two machines beside each other, in the classic loop with its jitter.
//!
//! The loop is chaotic (see `notebook`), so there is a horizon: before it two machines have the same picture,
//! behind it two of the same kind. Where it lies is luck: which branch is the first that roundings turn. Over
//! the forty iterations of a classic dream the machines ended 30.9 dB apart for one seed and 46.2 for the next,
//! and just so far apart end dreams of one machine over inputs that differ in their last bit. Inputs that
//! differ by a thousandth of a gray level turn many branches, and luck evens out: such twins are the measure
//! behind the horizon.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::dream::{Config, Dream};
use puppyslug::extent::Extent;
use puppyslug::machine::Machine;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use testkit::{Random, Trial, psnr};

use super::{ensure, near};

/// Before the horizon, in decibels: below half a gray level in the worst case, a difference nobody sees.
const SAME_PICTURE: f64 = 45.0;
/// In gray levels, and the most by which twins differ: far above any rounding, far below what can be seen.
const THOUSANDTH: f32 = 1e-3;
/// How much farther apart than twins machines may be: at most twice the difference.
const LIKE_TWINS: f64 = -20.0 * std::f64::consts::LOG10_2;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        testkit::across_machines("agreement: the embedded weights, before the horizon", |machines| {
            before_the_horizon(machines, &Weights::embedded(), 2)
        }),
        testkit::across_machines("agreement: the classic dream", the_classic_dream),
    ];
    let name = "agreement: the original weights, before the horizon";
    trials.push(match testkit::shared("weights/bvlc_googlenet.safetensors") {
        Ok(original) => testkit::across_machines(name, move |machines| {
            let weights = Weights::open(&original).expect("the original weights are in our format");
            before_the_horizon(machines, &weights, 1)
        }),
        Err(why) => Trial::missing(name, why),
    });
    trials
}

/// A few iterations in each octave of a grainy picture. Of 32 pairs of twins of these dreams (apart by a
/// thousandth or less) none was below 52 dB. The original weights are more chaotic than the embedded ones: with
/// two iterations their twins are down at 38 dB.
fn before_the_horizon(machines: &[&dyn Machine], weights: &Weights, iterations: usize) -> Result<(), Failed> {
    let picture = moved(&sky(Extent::new(150, 200), 7)?, 16.0, "grain"); // so that no two neighbours tie
    let mut ones = Vec::new();
    for seed in [0, 1] {
        let config = Config { iterations: iterations.into(), seed, ..Config::for_weights(weights) };
        let [one, other] = dreams(machines, weights, &picture, &config)?;
        near(&format!("seed {seed}"), &other, &one, SAME_PICTURE)?;
        ones.push(one);
    }
    // The control: the dream of another seed is another picture.
    ensure(psnr(&ones[1], &ones[0]) < SAME_PICTURE, || "another seed was not noticed".to_owned())
}

/// All defaults: four octaves of ten iterations.
fn the_classic_dream(machines: &[&dyn Machine]) -> Result<(), Failed> {
    let weights = Weights::embedded();
    let picture = sky(Extent::new(150, 200), 7)?;
    let config = Config::for_weights(&weights);
    let [one, other] = dreams(machines, &weights, &picture, &config)?;
    let twins = ["Castor", "Pollux", "Helen"].map(|name| {
        let twin = moved(&picture, THOUSANDTH, name);
        Ok(psnr(&dream(machines[0], &weights, &twin, &config)?, &one))
    });
    let twins = twins.into_iter().collect::<Result<Vec<f64>, Failed>>()?;
    let farthest = twins.iter().copied().fold(f64::INFINITY, f64::min);
    eprintln!("twins: {twins:.1?} dB");
    near("the machines", &other, &one, farthest + LIKE_TWINS)?;
    // The controls: no dream at all, and that of another seed.
    let config = Config { seed: 1, ..config };
    let stranger = dream(machines[0], &weights, &picture, &config)?;
    for (what, samples) in [("the input", picture.rgb()), ("another seed", &stranger)] {
        let distance = psnr(samples, &one);
        eprintln!("{what}: {distance:.1} dB");
        ensure(distance < farthest + LIKE_TWINS, || format!("{what} is as near as the machines"))?;
    }
    Ok(())
}

/// The same dream on two machines.
fn dreams(
    machines: &[&dyn Machine],
    weights: &Weights,
    picture: &Picture,
    config: &Config,
) -> Result<[Vec<f32>; 2], Failed> {
    let &[one, other] = machines else { return Err("there are two machines".into()) };
    Ok([dream(one, weights, picture, config)?, dream(other, weights, picture, config)?])
}

fn dream(
    machine: &dyn Machine,
    weights: &Weights,
    picture: &Picture,
    config: &Config,
) -> Result<Vec<f32>, Failed> {
    let mut dream = Dream::prepare(machine, weights, picture.extent(), config)?;
    let dreamed = dream.run(picture, &mut |_| ControlFlow::Continue(()))?;
    ensure(dream.octaves_left_out() == 0 && dreamed.complete, || "not the whole dream".to_owned())?;
    Ok(dreamed.picture.into_rgb())
}

/// Every sample somewhere else, by at most `distance`.
fn moved(picture: &Picture, distance: f32, name: &str) -> Picture {
    let mut random = Random::named(name);
    let mut moved = picture.clone();
    moved.rgb_mut().iter_mut().for_each(|sample| *sample += distance * random.unit());
    moved
}

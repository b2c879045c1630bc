//! Channels one after the other by one plan, and what they say of classes.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::dream::References;
use puppyslug::extent::Extent;
use puppyslug::machine::Machine;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::visualize::{Channels, Robustness, Start, Tap, Visualization, VisualizeConfig};
use testkit::{Trial, on_each_machine};

use crate::visualize::biased;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_each_machine("a channel by a shared plan is the channel", a_channel_by_a_shared_plan);
    trials.extend(on_each_machine("what never fires is dead", what_never_fires));
    trials.extend(on_each_machine("a channel speaks by its weights", a_channel_speaks_by_its_weights));
    trials
}

const SIZE: Extent = Extent::square(48);

fn config(steps: usize) -> VisualizeConfig {
    VisualizeConfig { steps, robustness: Robustness::Distill, ..VisualizeConfig::default() }
}

/// How far two pictures are apart at most.
fn distance(one: &Picture, other: &Picture) -> f32 {
    one.rgb().iter().zip(other.rgb()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Before ReLU there is no prelude, and each channel is what a visualisation of its own makes, whichever came before.
fn a_channel_by_a_shared_plan(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = Weights::embedded();
    let config = config(3);
    let layer = weights.network().find("inception_3a/3x3")?;
    let mut channels = Channels::prepare(machine, &weights, SIZE, layer, &config)?;
    let mut see = |channel| channels.see(channel, &|| false).map(|seen| seen.expect("nobody stops it"));
    let (first, other, again) = (see(7)?, see(90)?, see(7)?);
    let sum = "channel:inception_3a/3x3:90".parse()?;
    let references = References::default();
    let mut alone = Visualization::prepare(machine, &weights, SIZE, &sum, &config, &references)?;
    let alone = alone.run(Start::Noise, &mut |_| ControlFlow::Continue(()), &mut |_, _| Ok(()))?;
    if first.picture.rgb() != again.picture.rgb() {
        return Err("a channel depends on what came before".into());
    }
    // Gradients differ by roundings; Adam divides each by its own size, so that a cell whose gradient is all rounding goes its own
    // way: three steps of 0.05 of the largest part of a picture's spectrum are some levels.
    let [same, different] = [&other, &first].map(|it| distance(&it.picture, &alone.pictures[0].picture));
    match same < 1.0 && different > 10.0 * same.max(0.1) && other.fired {
        true => Ok(()),
        false => Err(format!("{same} levels from itself, {different} from another").into()),
    }
}

fn what_never_fires(machine: &dyn Machine) -> Result<(), Failed> {
    for (bias, fires) in [(0.0, true), (-1e6, false)] {
        let weights = biased(bias);
        let layer = weights.network().find("b/relu_1x1")?;
        let mut channels = Channels::prepare(machine, &weights, SIZE, layer, &config(40))?;
        let seen = channels.see(0, &|| false)?.expect("nobody stops it");
        if seen.fired != fires {
            return Err(format!("with a bias of {bias}, fired is {}", seen.fired).into());
        }
        if channels.see(0, &|| true)?.is_some() {
            return Err("it did not stop".into());
        }
    }
    Ok(())
}

/// Behind the last module a class is a weighted sum of means: what a channel says of it is its mean times its weight.
fn a_channel_speaks_by_its_weights(machine: &dyn Machine) -> Result<(), Failed> {
    let weights = Weights::embedded();
    let network = weights.network();
    let size = Extent::square(64);
    let rgb = (0..3 * size.plane()).map(|at| (at * 7919 % 256) as f32).collect();
    let picture = Picture::from_rgb(size, rgb)?;
    let mut tap = Tap::load(machine, &weights, size, network.find("inception_5b/output")?)?;
    let means = tap.see(&picture)?;
    let classifier = network.find("loss3/classifier")?;
    let filter = &weights.filter(classifier).weight;
    let loudest = (0..means.len()).max_by(|&a, &b| means[a].total_cmp(&means[b])).ok_or("no channel")?;
    let said = tap.speaks_for(loudest)?;
    let largest = said.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    for (class, &value) in said.iter().enumerate() {
        let expected = means[loudest] * filter[class * means.len() + loudest];
        // Differences of two logits, each a sum of 1024 products near 10: 16 roundings of 2^-24 times 10, over 2/256.
        if (value - expected).abs() > 2e-3 {
            return Err(format!("class {class}: {value} and not {expected}, of at most {largest}").into());
        }
    }
    if largest < 0.02 {
        return Err(format!("nothing is said: {largest} at most").into());
    }
    Ok(())
}

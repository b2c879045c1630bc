//! Every step that the whole GoogLeNet is made of, at a small picture's sizes.

use std::sync::Arc;

use puppyslug::extent::Extent;
use puppyslug::machine::Jitter;
use puppyslug::net::{LayerId, Weights};
use puppyslug::plan::dream::{Climb, DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::probe::plan_probe;
use puppyslug::plan::shaping::{Normalise, Shaping};
use puppyslug::plan::{Plan, Step};

use super::case::Case;

/// Odd, not square, and small enough for the deepest maps to have a single row.
const SIZE: Extent = Extent::new(45, 61);

/// The steps of several plans over the same weights.
pub(crate) fn cases(weights: &Arc<Weights>) -> Vec<Case> {
    let plans = [
        probe(weights, &[], &[("prob", Aim::HalfSquares), ("loss3/classifier", Aim::Neuron(3, None))]),
        probe(
            weights,
            &[],
            &[("inception_3b/5x5_reduce", Aim::HalfSquares), ("inception_3b/output", Aim::Channel(7))],
        ),
        probe(weights, &[], &[("pool5/7x7_s1", Aim::HalfSquares), ("pool3/3x3_s2", Aim::HalfSquares)]),
        probe(
            weights,
            &[],
            &[("conv2/3x3", Aim::Channel(5)), ("inception_3a/relu_3x3", Aim::Neuron(9, None))],
        ),
        everything(weights),
        dream(weights, Shaping::default()),
        dream(weights, shaped()),
    ];
    plans.iter().flat_map(|plan| steps(plan, weights)).collect()
}

/// Each step of the plan alone; those that know jitter have one.
fn steps(plan: &Plan, weights: &Arc<Weights>) -> Vec<Case> {
    let shifted = Jitter { down: -7, right: 4 };
    let jitter = |step: &Step| if step.is_shifted() { shifted } else { Jitter::default() };
    plan.steps().map(|step| Case::isolate(plan, step, weights, jitter(step))).collect()
}

fn layer(weights: &Weights, name: &str) -> LayerId {
    weights.network().find(name).expect("a layer of GoogLeNet")
}

fn target(weights: &Weights, (name, aim): (&str, Aim)) -> Target {
    Target { layer: layer(weights, name), aim, weight: 0.75 }
}

fn probe(weights: &Weights, wanted: &[&str], targets: &[(&str, Aim)]) -> Plan {
    let wanted: Vec<LayerId> = wanted.iter().map(|name| layer(weights, name)).collect();
    let targets: Vec<Target> = targets.iter().map(|&aim| target(weights, aim)).collect();
    plan_probe(weights.network(), SIZE, &wanted, &targets).expect("large enough").plan
}

/// All layers wanted, so that nothing is fused.
fn everything(weights: &Weights) -> Plan {
    let wanted: Vec<LayerId> = weights.network().ids().collect();
    plan_probe(weights.network(), SIZE, &wanted, &[]).expect("large enough").plan
}

/// Everything at once.
fn shaped() -> Shaping {
    Shaping {
        normalise: Normalise::Deviation,
        smooth: Some(5),
        laplacian: 4,
        variation: Some((2.0, 2.0)),
        adam: true,
        pull: (0.1, 0.4),
        guard: true,
    }
}

fn dream(weights: &Weights, shaping: Shaping) -> Plan {
    let targets = vec![
        target(weights, ("inception_4c/output", Aim::HalfSquares)),
        target(weights, ("inception_3b/relu_1x1", Aim::Channel(1))),
    ];
    let octave = |size| {
        let climbs = vec![Climb { targets: targets.clone(), mask: Some(0) }];
        OctaveSettings { size, climbs, step: 1.5, shaping: shaping.clone() }
    };
    let settings = DreamSettings {
        octaves: [Extent::new(33, 44), SIZE].map(octave).to_vec(),
        bounds: [(-104.0, 151.0), (-116.0, 139.0), (-122.0, 133.0)],
        masks: 1,
        moving: false,
        carried: false,
        iteration: Iteration::default(),
    };
    plan_dream(weights.network(), &settings).expect("large enough").plan
}

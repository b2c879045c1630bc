//! Which pipelines there are: all that the plans of a typical picture ask for.

use std::collections::BTreeMap;

use puppyslug::extent::Extent;
use puppyslug::gpu::Convolver;
use puppyslug::gpu::dispatch::Pipeline;
use puppyslug::gpu::layout::Layouts;
use puppyslug::gpu::step::Site;
use puppyslug::gpu::step::dispatches;
use puppyslug::gpu::tiling::GemmTiling;
use puppyslug::net::googlenet::googlenet;
use puppyslug::net::{Network, Shape};
use puppyslug::plan::carry::{CarrySettings, plan_carry};
use puppyslug::plan::dream::{Climb, DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::motion::{MotionSettings, plan_motion};
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::probe::plan_probe;
use puppyslug::plan::step::{Warp, WarpGradient};
use puppyslug::plan::visualize::{Parametrisation, VisualizeSettings, plan_visualization};
use puppyslug::plan::{Builder, Gradient, Plan};

/// The size of the picture.
const SIZE: Extent = Extent::new(384, 512);
/// The same, three octaves of 1.4 below.
const SMALLER: [Extent; 3] = [Extent::new(140, 187), Extent::new(196, 261), Extent::new(274, 366)];

/// A pipeline and how much it matters.
pub(super) struct Variant {
    pub(super) pipeline: Pipeline,
    /// Its part of the operations of the classic: forward to inception_4c/output and back, at [`SIZE`].
    pub(super) work: f64,
}

/// Each once, in order of their names.
pub(super) fn variants() -> Vec<Variant> {
    let network = googlenet(Some(1000));
    let classic = probe(&network, "inception_4c/output", Aim::HalfSquares);
    let others = [
        probe(&network, "loss3/classifier", Aim::Neuron(3, None)),
        probe(&network, "prob", Aim::Neuron(3, None)),
        dream(&network, false),
        dream(&network, true),
        warp(),
        plan_motion(SIZE, &MotionSettings::default()).plan,
        plan_carry(&carrying()).plan,
        visualization(&network),
    ];
    let mut variants = BTreeMap::new();
    for (plan, counts) in others.iter().map(|plan| (plan, false)).chain([(&classic, true)]) {
        let (layouts, tiling) = (Layouts::of(plan), GemmTiling::rule(Convolver::Tiled));
        // Numbers decide over parameters, and over no pipeline.
        let dials = vec![0.0; plan.dials.len()];
        let site = Site { tiling: &tiling, layouts: &layouts, dials: &dials };
        for step in plan.steps() {
            for dispatch in dispatches(step, &site) {
                let variant = variants.entry(format!("{:?}", dispatch.pipeline));
                let variant = variant.or_insert(Variant { pipeline: dispatch.pipeline, work: 0.0 });
                variant.work += if counts { step.flops() as f64 } else { 0.0 };
            }
        }
    }
    let all: f64 = variants.values().map(|variant| variant.work).sum();
    variants.into_values().map(|variant| Variant { work: variant.work / all, ..variant }).collect()
}

fn target(network: &Network, layer: &str, aim: Aim) -> Target {
    Target { layer: network.find(layer).expect("a layer of GoogLeNet"), aim, weight: 1.0 }
}

fn probe(network: &Network, layer: &str, aim: Aim) -> Plan {
    plan_probe(network, SIZE, &[], &[target(network, layer, aim)]).expect("large enough").plan
}

/// Of a film of that size.
fn carrying() -> CarrySettings {
    let octaves = SMALLER.into_iter().chain([SIZE]).collect();
    CarrySettings { octaves, bounds: [(-128.0, 127.0); 3] }
}

/// There and back: no dream has one yet.
fn warp() -> Plan {
    let mut builder = Builder::new();
    let picture = Shape::of(3, SIZE);
    let mut map = |label: &str| builder.buffer(label, picture);
    let (x, y, dx) = (map("x"), map("y"), Gradient::whole(map("dx")));
    let field = builder.buffer("field", picture.with_channels(2));
    let shares = builder.buffer("shares", WarpGradient::shares_shape(picture, picture));
    builder.phase("warp", vec![Warp { x, field, y }.into(), WarpGradient { dy: y, shares, dx }.into()]);
    builder.finish()
}

/// A channel of inception_4c/output and a direction there, made of frequencies.
fn visualization(network: &Network) -> Plan {
    let settings = VisualizeSettings {
        size: SIZE,
        canvas: SIZE,
        parametrisation: Parametrisation::Fourier,
        targets: [Aim::Channel(447), Aim::Aligned(Given { number: 0, columns: 1 }, 2), Aim::Diversity]
            .map(|aim| target(network, "inception_4c/output", aim))
            .to_vec(),
        batch: 1,
        rate: 0.05,
        mean: [104.0, 117.0, 123.0],
    };
    plan_visualization(network, &settings).expect("large enough").plan
}

/// Four octaves to inception_4c/output; one that carries is climbed under doses.
fn dream(network: &Network, carried: bool) -> Plan {
    let targets = vec![target(network, "inception_4c/output", Aim::HalfSquares)];
    let octaves = SMALLER.into_iter().chain([SIZE]);
    let climbs = vec![Climb { targets, mask: carried.then_some(0) }];
    let octaves = octaves
        .map(|size| OctaveSettings { climbs: climbs.clone(), ..OctaveSettings::plain(size, vec![], 1.5) });
    let bounds = [(-104.0, 151.0), (-116.0, 139.0), (-122.0, 133.0)];
    let settings = DreamSettings {
        octaves: octaves.collect(),
        bounds,
        masks: 0,
        moving: false,
        carried,
        iteration: Iteration::default(),
    };
    plan_dream(network, &settings).expect("large enough").plan
}

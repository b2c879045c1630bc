//! Tiles, whose targets' weights are shared.

use std::sync::Arc;

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::Machine;
use puppyslug::net::Weights;
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::tiles::{TileSettings, plan_tiles};
use puppyslug::plan::{IN_PLACE, Numbers};
use testkit::{Random, Trial, on_each_machine, small_weights};

use super::judge;

pub(super) fn trials() -> Vec<Trial> {
    let weights = Arc::new(small_weights());
    on_each_machine("weights of tiles move", move |machine| weights_move(machine, &weights))
}

fn weights_move(machine: &dyn Machine, weights: &Weights) -> Result<(), Failed> {
    let sets = [[1.0, -0.5, 0.25, 2.0, 0.7, 1.1], [0.3, 0.0, -1.0, 0.1, 3.0, 0.0], [0.0; 6]];
    let mut before = Vec::new();
    for set in sets {
        let found = gradient(machine, weights, &sets[0], Some(&set))?;
        let planned = gradient(machine, weights, &set, None)?;
        judge(&format!("{set:?}"), &found, &planned, &before)?;
        before = found;
    }
    Ok(())
}

/// The value of a tile and its gradient, with weights that were planned or others instead.
fn gradient(
    machine: &dyn Machine,
    weights: &Weights,
    planned: &[f32; 6],
    moved: Option<&[f32; 6]>,
) -> Result<Vec<f32>, Failed> {
    let find = |name: &str| weights.network().find(name).expect("a layer of the small network");
    let aims = [
        ("b/output", Aim::HalfSquares),
        ("a/3x3", Aim::Channel(2)),
        ("b/3x3", Aim::Neuron(1, None)),
        ("a/output", Aim::Guide(Given { number: 0, columns: 9 })),
        ("b/output", Aim::Direction(Given { number: 1, columns: 1 })),
        ("classifier", Aim::Neuron(3, None)), // which sees all of the picture, and so a part of it
    ];
    let targets = aims.iter().zip(planned);
    let targets = targets.map(|(&(name, aim), &weight)| Target { layer: find(name), aim, weight });
    let settings = TileSettings {
        whole: Extent::new(60, 71),
        window: Extent::new(35, 41),
        tiles: 6,
        targets: targets.collect(),
        dialled: moved.map(|_| 0),
    };
    let plan = plan_tiles(weights.network(), &[settings])?;
    let numbers = Numbers {
        step: 0.0,
        bounds: [(0.0, 0.0); 3],
        weights: moved.unwrap_or(planned).to_vec(),
        smooth: None,
        variation: None,
        pull: (0.0, 0.0),
        place: IN_PLACE,
    };
    let dials = plan.plan.dials.values(&numbers);
    let mut execution = machine.load(&plan.plan, weights)?;
    let mut random = Random::named("a tile");
    for &(_, view) in &plan.plan.given {
        execution.write(view, &random.fill(view.shape.len(), Random::mixed))?;
    }
    let phase = &plan.phases[0];
    execution.write(phase.input, &random.fill(phase.input.shape.len(), |random| 100.0 * random.mixed()))?;
    for part in &phase.parts {
        execution.write(part.own, &vec![1.0; part.own.shape.len()])?;
        if let Some(neuron) = part.neuron {
            let mut gate = vec![0.0; neuron.shape.len()];
            gate[neuron.shape.len() / 2] = 1.0;
            execution.write(neuron, &gate)?;
        }
    }
    execution.run_once(phase.phase, &dials)?;
    Ok([execution.read(phase.value)?, execution.read(phase.gradient)?].concat())
}

//! A single pass: the network's values and gradients for a picture.

use super::objective::Objective;
use super::{DreamError, to_network};
use crate::machine::Machine;
use crate::net::{Shape, Weights};
use crate::picture::Picture;
use crate::plan::network::Target;
use crate::plan::probe::plan_probe;

/// A map: a shape and its cells.
#[derive(Clone, Debug)]
pub struct Map {
    /// `[channels, height, width]`.
    pub shape: Shape,
    /// CHW.
    pub cells: Vec<f32>,
}

/// What a probe found.
#[derive(Clone, Debug)]
pub struct Probed {
    /// Name and value of each layer asked for.
    pub activations: Vec<(String, Map)>,
    /// Gradient of the objectives' sum with respect to the network's input (BGR), if there are objectives.
    pub gradient: Option<Map>,
    /// The objectives' sum, if there are any.
    pub value: Option<f32>,
}

/// A picture in the form that the network takes: BGR minus mean.
pub fn network_input(picture: &Picture, mean: [f32; 3]) -> Map {
    let shape = Shape::of(3, picture.extent());
    Map { shape, cells: to_network(picture, mean) }
}

/// Runs the network once over `input` (`[3, h, w]`, BGR minus mean): forward to `layers`, and forward and
/// backward for `objectives`.
///
/// # Panics
/// If `input` does not have three channels or as many cells as its shape says.
pub fn probe(
    machine: &dyn Machine,
    weights: &Weights,
    input: &Map,
    layers: &[String],
    objectives: &[Objective],
) -> Result<Probed, DreamError> {
    assert_eq!(input.shape.channels, 3, "a network sees three colours");
    let network = weights.network();
    let wanted: Result<Vec<_>, _> = layers.iter().map(|name| weights.find_layer(name)).collect();
    let wanted = wanted.map_err(super::ObjectiveError::from)?;
    let targets: Result<Vec<Vec<Target>>, _> =
        objectives.iter().map(|objective| objective.resolve(weights)).collect();
    let plan = plan_probe(network, input.shape.extent(), &wanted, &targets?.concat())?;
    let mut execution = machine.load(&plan.plan, weights)?;
    execution.write(plan.input, &input.cells)?;
    execution.run_once(plan.phase, &[])?;
    let mut read = |view: crate::plan::View| -> Result<Map, DreamError> {
        Ok(Map { shape: view.shape, cells: execution.read(view)? })
    };
    let mut activations = Vec::new();
    for (name, &view) in layers.iter().zip(&plan.values) {
        activations.push((name.clone(), read(view)?));
    }
    let gradient = plan.gradient.map(&mut read).transpose()?;
    let value = if gradient.is_some() { Some(read(plan.value)?.cells[0]) } else { None };
    Ok(Probed { activations, gradient, value })
}

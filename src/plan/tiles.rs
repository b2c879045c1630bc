//! The plan of a tile: the forward and backward pass over one window of a large picture.
//!
//! The host cuts out the window, says which cells of each target's map count, and takes the part of the
//! gradient that it wants. All windows of an octave have the same size, so one phase serves all of them.

use super::network::{Aim, Goal, LowerError, Part, Target, lower};
use super::{Builder, PhaseId, Plan, View};
use crate::extent::Extent;
use crate::net::{Network, Shape};

/// What a phase of tiles depends on.
#[derive(Clone, Debug)]
pub struct TileSettings {
    /// The size of the whole picture.
    pub whole: Extent,
    /// The size of a window.
    pub window: Extent,
    /// How many windows there are.
    pub tiles: usize,
    /// At least one. Neurons are given as cells of the map of the whole picture.
    pub targets: Vec<Target>,
    /// The number of the first target among all targets of the octave, if each iteration supplies their
    /// weights.
    pub dialled: Option<usize>,
}

/// The tiles of one climb of one octave.
#[derive(Clone, Debug)]
pub struct TilePhase {
    /// Run once for each tile.
    pub phase: PhaseId,
    /// The window, BGR minus mean.
    pub input: View,
    /// Which cells count, for each target. The host must write them before each run.
    pub parts: Vec<Part>,
    /// One cell: the sum of the targets, counting only the tile's own cells.
    pub value: View,
    /// Gradient of the window.
    pub gradient: View,
}

/// A plan and its inputs and outputs.
#[derive(Clone, Debug)]
pub struct TilePlan {
    /// What to run.
    pub plan: Plan,
    /// One for each of the settings, in their order.
    pub phases: Vec<TilePhase>,
}

/// Plans the tiles of several climbs, which share memory.
///
/// # Panics
/// If a climb has no targets.
pub fn plan_tiles(network: &Network, settings: &[TileSettings]) -> Result<TilePlan, LowerError> {
    let mut builder = Builder::new();
    let phases = settings
        .iter()
        .map(|settings| tile_phase(&mut builder, network, settings))
        .collect::<Result<_, _>>()?;
    Ok(TilePlan { plan: builder.finish(), phases })
}

fn tile_phase(
    builder: &mut Builder,
    network: &Network,
    settings: &TileSettings,
) -> Result<TilePhase, LowerError> {
    let TileSettings { whole, window, .. } = *settings;
    let (maps, whole_maps) = (network.shapes(window), network.shapes(whole));
    let input = builder.buffer(format!("window {window}"), Shape::of(3, window));
    let value = builder.buffer("value of the tile", Shape::new(1, 1, 1));
    let mut targets = Vec::new();
    for &target in &settings.targets {
        let map = maps[target.layer.index()].with_channels(1);
        let local = network.is_local(target.layer);
        let own = builder.buffer("own cells", map);
        let is_cell = matches!(target.aim, Aim::Neuron(..)) && local;
        let neuron = is_cell.then(|| builder.buffer("neuron", map));
        let tiles = if local { 1 } else { settings.tiles };
        let part = Part { whole: whole_maps[target.layer.index()].plane(), tiles, own, neuron };
        targets.push((target, Some(part)));
    }
    let parts: Vec<Part> = targets.iter().filter_map(|&(_, part)| part).collect();
    let mut lowered = lower(
        builder,
        network,
        input,
        &[],
        &[Goal { targets, value, dialled: settings.dialled, member: None }],
    )?;
    let (backward, gradient) = lowered.backward.pop().expect("one for the goal");
    let phase = builder.phase("tile", [lowered.forward, backward].concat());
    let written = parts.iter().flat_map(|part| std::iter::once(part.own).chain(part.neuron));
    for view in written.chain([input, value, gradient]) {
        builder.hold(view, phase);
    }
    Ok(TilePhase { phase, input, parts, value, gradient })
}

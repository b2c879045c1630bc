//! The plan of a tile: one window of a large picture through the network and back.
//!
//! The host cuts the window out, says which cells of each target's map count, and takes of the gradient what
//! it wants. All windows of one octave have one size, so an octave is one phase.

use super::network::{Aim, Gates, LowerError, Target, lower_gated};
use super::{Builder, PhaseId, Plan, View};
use crate::net::{Network, Shape};

/// What a phase of tiles depends on.
#[derive(Clone, Debug)]
pub struct TileSettings {
    /// Height and width of the whole picture.
    pub whole: (usize, usize),
    /// Height and width of a window.
    pub window: (usize, usize),
    /// How many windows there are.
    pub tiles: usize,
    /// At least one; neurons are cells of the whole picture's map.
    pub targets: Vec<Target>,
}

/// The tiles of one octave.
#[derive(Clone, Debug)]
pub struct TilePhase {
    /// Once for each tile.
    pub phase: PhaseId,
    /// The window, BGR minus mean.
    pub input: View,
    /// Which cells count, for each target; to be written before each turn.
    pub gates: Vec<Gates>,
    /// One cell: the sum of the targets, as far as their cells count.
    pub value: View,
    /// Gradient of the window.
    pub gradient: View,
}

/// A plan and its ends.
#[derive(Clone, Debug)]
pub struct TilePlan {
    /// What to run.
    pub plan: Plan,
    /// In the order of the settings.
    pub octaves: Vec<TilePhase>,
}

/// Plans the tiles of several octaves, which share memory.
///
/// # Panics
/// If there is an octave without targets.
pub fn plan_tiles(network: &Network, settings: &[TileSettings]) -> Result<TilePlan, LowerError> {
    let mut builder = Builder::new();
    let octaves =
        settings.iter().map(|settings| octave(&mut builder, network, settings)).collect::<Result<_, _>>()?;
    Ok(TilePlan { plan: builder.finish(), octaves })
}

fn octave(
    builder: &mut Builder,
    network: &Network,
    settings: &TileSettings,
) -> Result<TilePhase, LowerError> {
    let (height, width) = settings.window;
    let maps = network.shapes(height, width);
    let input = builder.buffer(format!("window {width}x{height}"), Shape::new(3, height, width));
    let value = builder.buffer("value of the tile", Shape::new(1, 1, 1));
    let mut targets = Vec::new();
    for target in &settings.targets {
        let map = maps[target.layer.index()].with_channels(1);
        let own = builder.buffer("own cells", map);
        let seed = is_cell(network, target).then(|| builder.buffer("climbed cells", map));
        targets.push((in_tile(network, settings, target, &maps), Some(Gates { own, seed })));
    }
    let lowered = lower_gated(builder, network, input, &[], &targets, value)?;
    let gradient = lowered.gradient.expect("an octave has a target");
    let phase = builder.phase("tile", lowered.steps);
    let gates: Vec<Gates> = targets.into_iter().filter_map(|(_, gates)| gates).collect();
    let written = gates.iter().flat_map(|gates| std::iter::once(gates.own).chain(gates.seed));
    for view in written.chain([input, value, gradient]) {
        builder.hold(view, phase);
    }
    Ok(TilePhase { phase, input, gates, value, gradient })
}

/// Whether the target is a single cell of a map: one that not every tile has.
fn is_cell(network: &Network, target: &Target) -> bool {
    matches!(target.aim, Aim::Neuron(..)) && network.is_local(target.layer)
}

/// The target as a tile climbs it, so that the tiles together climb the whole picture's.
///
/// Means are over the whole map. A cell is the sum of its channel behind a gate that only it passes. What
/// sees the whole picture sees only its tile here, and the mean over the tiles is what is climbed.
fn in_tile(network: &Network, settings: &TileSettings, target: &Target, maps: &[Shape]) -> Target {
    let tile = maps[target.layer.index()].plane() as f32;
    if !network.is_local(target.layer) {
        return Target { weight: target.weight / settings.tiles as f32, ..*target };
    }
    let (height, width) = settings.whole;
    let whole = network.shapes(height, width)[target.layer.index()].plane() as f32;
    match target.aim {
        Aim::HalfSquares => *target,
        Aim::Channel(_) => Target { weight: target.weight * tile / whole, ..*target },
        Aim::Neuron(channel, _) => {
            Target { aim: Aim::Channel(channel), weight: target.weight * tile, ..*target }
        }
    }
}

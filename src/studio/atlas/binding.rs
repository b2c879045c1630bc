//! Assembles the layers of an atlas from the saved records of single channels.

use super::AtlasRequest;
use super::examples::Examples;
use super::state::{Kept, Record};
use crate::atlas::{AtlasLayer, Sheet, Unit, feeders, neighbours, trunk};
use crate::net::LayerId;
use crate::studio::JobError;

/// The largest number of channels listed as feeding a channel, or as similar to it.
const NAMED: usize = 6;

impl AtlasRequest {
    /// All layers in order.
    pub(super) fn bind(&self, kept: &Kept) -> Result<Vec<AtlasLayer>, JobError> {
        let layers = self.wanted().into_iter().enumerate();
        layers.map(|(number, layer)| self.layer(layer, kept.layer(number)?)).collect()
    }

    fn layer(&self, layer: LayerId, records: Vec<Record>) -> Result<AtlasLayer, JobError> {
        let weights = &self.network.weights;
        let network = weights.network();
        let found = feeders(weights, layer, &trunk(network), NAMED);
        let fed_by = found.as_ref().map(|found| network[found.from].name.clone());
        let mut feeders = found.map_or(Vec::new(), |found| found.strongest).into_iter();
        let (mut tiles, mut responses, mut units) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            let Record { is_dead, classes, responses: own, tile, .. } = record;
            responses.push((!own.is_empty()).then_some(own));
            tiles.push(tile);
            let feeders = feeders.next().unwrap_or_default();
            units.push(Unit { is_dead, classes, feeders, ..Unit::default() });
        }
        for (unit, near) in units.iter_mut().zip(neighbours(&responses, NAMED)) {
            unit.neighbours = near;
        }
        let sheet = Sheet::of(&tiles, self.quality.side())?;
        Ok(AtlasLayer { name: network[layer].name.clone(), fed_by, units, sheet, examples: None })
    }
}

/// Adds the examples of each layer to it.
pub(super) fn illustrate(layers: &mut [AtlasLayer], examples: Vec<Examples>) {
    for (layer, (sheet, names)) in layers.iter_mut().zip(examples) {
        layer.examples = Some(sheet);
        for (unit, names) in layer.units.iter_mut().zip(names) {
            unit.examples = names;
        }
    }
}

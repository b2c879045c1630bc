//! Where gradients begin: what is measured of a target's map, and what it feeds into the backward pass.

use super::{Aim, Given, LowerError, Lowering, Part, Target};
use crate::net::{LayerId, Shape};
use crate::plan::dials::{Rule, Share};
use crate::plan::{Functional, Gradient, Number, Region, View, step};

/// A target and all that decides over it.
pub(super) struct Aimed<'a> {
    pub(super) target: &'a Target,
    /// What a tile has of its map, if this is one.
    pub(super) part: Option<&'a Part>,
    /// Which of the weights is its own, if each turn brings them.
    pub(super) weight: Option<usize>,
}

impl Lowering<'_> {
    /// Measures a target and starts its gradient.
    pub(super) fn seed(&mut self, aimed: &Aimed<'_>, total: View, add: bool) -> Result<(), LowerError> {
        let &Aimed { target, part, .. } = aimed;
        let x = self.value(target.layer);
        match target.aim {
            Aim::Guide(given) => {
                let dx = self.flow(target.layer);
                let scale = self.factor(aimed, Share::WHOLE);
                let score = self.seed_match(x, given, scale, dx);
                let measured = self.own_part(score, part);
                self.measure_scores(measured, scale, total, add);
            }
            Aim::Direction(given) => {
                // The mean's product is the products' mean.
                let point = Shape::new(x.shape.channels, 1, 1);
                let mean = self.builder.buffer("mean", point);
                let view = self.builder.buffer("gradient of mean", point);
                let cells = x.shape.plane();
                let whole = part.map_or(cells, |part| part.whole);
                let share = Share { times: cells as f32, per: whole as f32, ..Share::WHOLE };
                let scale = self.factor(aimed, share);
                let measured = self.own_part(x, part);
                self.push(step::Average { x: measured, y: mean });
                let whole = Gradient::whole(view);
                let score = self.seed_match(mean, given, scale, whole);
                self.measure_scores(score, scale, total, add);
                let dx = self.flow(target.layer);
                self.push(step::AverageGradient { dy: view, dx });
            }
            _ => {
                let functional = self.functional(aimed)?;
                let measured = self.own_part(x, part);
                self.push(step::Measure { x: measured, functional, total, add });
                self.seed_functional(x, functional, part.and_then(|part| part.neuron), target.layer);
            }
        }
        Ok(())
    }

    /// The target's weight as a factor.
    fn factor(&mut self, aimed: &Aimed<'_>, share: Share) -> Number {
        let share = Share { tiles: aimed.part.map_or(1.0, |part| part.tiles as f32), ..share };
        match aimed.weight {
            Some(number) => self.builder.dial(Rule::Weight(number, share)),
            None => Number::Fixed(share.of(aimed.target.weight)),
        }
    }

    fn seed_functional(&mut self, x: View, functional: Functional, gate: Option<View>, layer: LayerId) {
        let dx = self.flow(layer);
        let Some(gate) = gate else { return self.push(step::Seed { x, functional, dx }) };
        let view = self.builder.buffer("seed", x.shape);
        let whole = Gradient::whole(view);
        self.push(step::Seed { x, functional, dx: whole });
        self.push(step::Gate { x: view, gate, y: dx });
    }

    /// Of a map what counts in the value: all of it, but for a tile.
    fn own_part(&mut self, x: View, part: Option<&Part>) -> View {
        let Some(&Part { own: gate, .. }) = part else { return x };
        let view = self.builder.buffer("own part", x.shape);
        self.push(step::Gate { x, gate, y: Gradient::whole(view) });
        view
    }

    /// Matches every cell with the guide's columns. Returns the scores.
    fn seed_match(&mut self, x: View, given: Given, scale: Number, dx: Gradient) -> View {
        let channels = x.shape.channels;
        let guide = self.builder.given(given.number, Shape::new(channels, 1, given.columns));
        let [choice, score] =
            ["choice", "score"].map(|label| self.builder.buffer(label, x.shape.with_channels(1)));
        self.push(step::Match { x, guide, choice, score });
        self.push(step::MatchGradient { guide, choice, scale, dx });
        score
    }

    fn measure_scores(&mut self, x: View, scale: Number, total: View, add: bool) {
        let Shape { height, width, .. } = x.shape;
        let region = Region { channel: 0, rows: (0, height), columns: (0, width) };
        let functional = Functional::RegionSum { region, scale };
        self.push(step::Measure { x, functional, total, add });
    }

    fn functional(&mut self, aimed: &Aimed<'_>) -> Result<Functional, LowerError> {
        let &Aimed { target, part, .. } = aimed;
        let shape = self.shapes[target.layer.index()];
        let whole = ((0, shape.height), (0, shape.width));
        let region = |channel, (rows, columns)| Region { channel, rows, columns };
        Ok(match target.aim {
            Aim::Guide(_) | Aim::Direction(_) => unreachable!("these are matched"),
            Aim::HalfSquares => Functional::HalfSquares { scale: self.factor(aimed, Share::WHOLE) },
            Aim::Channel(channel) => {
                let per = part.map_or(shape.plane(), |part| part.whole) as f32;
                let scale = self.factor(aimed, Share { per, ..Share::WHOLE });
                Functional::RegionSum { region: region(channel, whole), scale }
            }
            // The gate lets nothing through but the neuron.
            Aim::Neuron(channel, _) if part.is_some_and(|part| part.neuron.is_some()) => {
                let scale = self.factor(aimed, Share::WHOLE);
                Functional::RegionSum { region: region(channel, whole), scale }
            }
            Aim::Neuron(channel, at) => {
                let (row, column) = at.unwrap_or((shape.height / 2, shape.width / 2));
                if row >= shape.height || column >= shape.width {
                    return Err(self.outside(target.layer, row, column));
                }
                let cell = ((row, row + 1), (column, column + 1));
                let scale = self.factor(aimed, Share::WHOLE);
                Functional::RegionSum { region: region(channel, cell), scale }
            }
        })
    }

    fn outside(&self, layer: LayerId, row: usize, column: usize) -> LowerError {
        let map = self.shapes[layer.index()];
        let picture = self.shapes[self.network.input().index()];
        LowerError::Neuron {
            layer: self.layer(layer).name.clone(),
            row,
            column,
            height: map.height,
            width: map.width,
            picture_width: picture.width,
            picture_height: picture.height,
        }
    }
}

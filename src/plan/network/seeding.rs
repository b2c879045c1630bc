//! Where gradients start: what is measured on the map of a target, and what that feeds into the backward
//! pass.

use super::{Aim, Given, LowerError, Lowering, Member, Part, Target};
use crate::net::{LayerId, Shape};
use crate::plan::dials::{Rule, Share};
use crate::plan::{Functional, Gradient, Number, Region, View, step};

/// A target, everything that its seed depends on, and where it is measured.
pub(super) struct Aimed<'a> {
    pub(super) target: &'a Target,
    /// Which part of the map belongs to the tile, if this is a tile.
    pub(super) part: Option<&'a Part>,
    /// Which of several pictures it belongs to, if they are climbed together.
    pub(super) member: Option<&'a Member>,
    /// The number of its weight, if each iteration supplies the weights.
    pub(super) weight: Option<usize>,
    /// One cell for the value of the goal.
    pub(super) total: View,
    /// Whether that cell already holds the value of another target, to be added to.
    pub(super) add: bool,
}

impl Lowering<'_> {
    /// Measures a target and seeds its gradient.
    pub(super) fn seed(&mut self, aimed: &Aimed<'_>) -> Result<(), LowerError> {
        match aimed.target.aim {
            Aim::HalfSquares => self.seed_functional(aimed, Functional::HalfSquares, Share::WHOLE),
            Aim::Channel(channel) => {
                let whole = self.channel(aimed, channel);
                let per = self.cells(aimed);
                self.seed_functional(aimed, Functional::RegionSum(whole), Share { per, ..Share::WHOLE });
            }
            Aim::Neuron(channel, at) => {
                let region = self.neuron(aimed, channel, at)?;
                self.seed_functional(aimed, Functional::RegionSum(region), Share::WHOLE);
            }
            Aim::Guide(given) => self.seed_guide(aimed, given),
            Aim::Direction(given) => self.seed_direction(aimed, given),
            Aim::Aligned(given, power) => self.seed_aligned(aimed, given, power),
            Aim::Diversity => self.seed_diversity(aimed),
        }
        Ok(())
    }

    /// Seeds a target whose value is a functional of its map.
    fn seed_functional(&mut self, aimed: &Aimed<'_>, functional: Functional, share: Share) {
        let layer = aimed.target.layer;
        let x = self.value(layer);
        let scale = self.factor(aimed, share);
        let measured = self.own_part(x, aimed.part);
        self.measure(aimed, measured, functional, scale);
        let dx = self.flow(layer);
        let Some(gate) = aimed.part.and_then(|part| part.neuron) else {
            return self.push(step::Seed { x, functional, scale, dx });
        };
        let view = self.builder.buffer("seed", x.shape);
        self.push(step::Seed { x, functional, scale, dx: Gradient::whole(view) });
        self.push(step::Gate { x: view, gate, y: dx });
    }

    /// Matches the cells of the map with all columns of the guide.
    fn seed_guide(&mut self, aimed: &Aimed<'_>, given: Given) {
        let x = self.value(aimed.target.layer);
        let dx = self.flow(aimed.target.layer);
        let scale = self.factor(aimed, Share::WHOLE);
        let score = self.seed_match(x, given, scale, dx);
        let measured = self.own_part(score, aimed.part);
        self.measure_scores(aimed, measured, scale);
    }

    /// Matches the mean of the cells with the direction: the dot product of the mean is the mean of the dot
    /// products.
    fn seed_direction(&mut self, aimed: &Aimed<'_>, given: Given) {
        let x = self.value(aimed.target.layer);
        let point = Shape::new(x.shape.channels, 1, 1);
        let mean = self.builder.buffer("mean", point);
        let view = self.builder.buffer("gradient of mean", point);
        let share = Share { times: x.shape.plane() as f32, per: self.cells(aimed), ..Share::WHOLE };
        let scale = self.factor(aimed, share);
        let measured = self.own_part(x, aimed.part);
        self.push(step::Average { x: measured, y: mean });
        let score = self.seed_match(mean, given, scale, Gradient::whole(view));
        self.measure_scores(aimed, score, scale);
        let dx = self.flow(aimed.target.layer);
        self.push(step::AverageGradient { dy: view, dx });
    }

    /// The mean of the cells' dot products with the direction, each times a power of its cosine.
    fn seed_aligned(&mut self, aimed: &Aimed<'_>, given: Given, power: u32) {
        let x = self.value(aimed.target.layer);
        let direction = self.builder.given(given.number, Shape::new(x.shape.channels, 1, 1));
        let score = self.builder.buffer("score", x.shape.with_channels(1));
        let slopes = self.builder.buffer("slopes", x.shape.with_channels(2));
        let scale = self.factor(aimed, Share { per: self.cells(aimed), ..Share::WHOLE });
        self.push(step::Align { x, direction, power, score, slopes });
        let measured = self.own_part(score, aimed.part);
        self.measure_scores(aimed, measured, scale);
        let dx = self.flow(aimed.target.layer);
        self.push(step::AlignGradient { x, direction, slopes, scale, dx });
    }

    /// The target's weight as a factor.
    pub(super) fn factor(&mut self, aimed: &Aimed<'_>, share: Share) -> Number {
        let share = Share { tiles: aimed.part.map_or(1.0, |part| part.tiles as f32), ..share };
        match aimed.weight {
            Some(number) => self.builder.dial(Rule::Weight(number, share)),
            None => Number::Fixed(share.of(aimed.target.weight)),
        }
    }

    /// The part of a map that counts in the value: all of it, except in a tile.
    fn own_part(&mut self, x: View, part: Option<&Part>) -> View {
        let Some(&Part { own: gate, .. }) = part else { return x };
        let view = self.builder.buffer("own part", x.shape);
        self.push(step::Gate { x, gate, y: Gradient::whole(view) });
        view
    }

    /// Matches every cell with the columns of the guide. Returns the scores.
    fn seed_match(&mut self, x: View, given: Given, scale: Number, dx: Gradient) -> View {
        let channels = x.shape.channels;
        let guide = self.builder.given(given.number, Shape::new(channels, 1, given.columns));
        let [choice, score] =
            ["choice", "score"].map(|label| self.builder.buffer(label, x.shape.with_channels(1)));
        self.push(step::Match { x, guide, choice, score });
        self.push(step::MatchGradient { guide, choice, scale, dx });
        score
    }

    pub(super) fn measure_scores(&mut self, aimed: &Aimed<'_>, x: View, scale: Number) {
        let Shape { height, width, .. } = x.shape;
        let region = Region { channel: 0, rows: (0, height), columns: (0, width) };
        self.measure(aimed, x, Functional::RegionSum(region), scale);
    }

    fn measure(&mut self, aimed: &Aimed<'_>, x: View, functional: Functional, scale: Number) {
        let &Aimed { total, add, .. } = aimed;
        self.push(step::Measure { x, functional, scale, total, add });
    }

    /// The number of cells in a channel of the map of the whole picture.
    fn cells(&self, aimed: &Aimed<'_>) -> f32 {
        let plane = self.shapes[aimed.target.layer.index()].plane();
        aimed.part.map_or(plane, |part| part.whole) as f32
    }

    /// The whole of a channel.
    fn channel(&self, aimed: &Aimed<'_>, channel: usize) -> Region {
        let Shape { height, width, .. } = self.shapes[aimed.target.layer.index()];
        Region { channel, rows: (0, height), columns: (0, width) }
    }

    /// A single cell of a channel. In a tile it is the whole channel: the gate lets only the neuron through.
    fn neuron(
        &self,
        aimed: &Aimed<'_>,
        channel: usize,
        at: Option<(usize, usize)>,
    ) -> Result<Region, LowerError> {
        let whole = self.channel(aimed, channel);
        if aimed.part.is_some_and(|part| part.neuron.is_some()) {
            return Ok(whole);
        }
        let (height, width) = (whole.rows.1, whole.columns.1);
        let (row, column) = at.unwrap_or((height / 2, width / 2));
        if row >= height || column >= width {
            return Err(self.outside(aimed.target.layer, row, column));
        }
        Ok(Region { channel, rows: (row, row + 1), columns: (column, column + 1) })
    }

    fn outside(&self, layer: LayerId, row: usize, column: usize) -> LowerError {
        let map = self.shapes[layer.index()];
        let picture = self.shapes[self.network.input().index()];
        LowerError::Neuron {
            layer: self.layer(layer).name.clone(),
            row,
            column,
            map: map.extent(),
            picture: picture.extent(),
        }
    }
}

//! `neuron:LAYER:N[:Y,X]`.

use super::super::names::find_channel;
use super::*;

/// One cell of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// Name or pattern.
    pub layer: String,
    /// Channel, counted from 0.
    pub channel: usize,
    /// Row and column; the centre if `None`.
    pub at: Option<(usize, usize)>,
}

impl Kind for Neuron {
    const FORM: Form = Form::new(
        "neuron",
        &["LAYER:N[:Y,X]"],
        "one cell of a channel, at row Y and column X or in the centre of the map",
    );

    fn parse(operands: &str) -> Result<Self, String> {
        let (rest, at) = match operands.match_indices(':').nth(1) {
            Some((colon, _)) => (&operands[..colon], Some(&operands[colon + 1..])),
            None => (operands, None),
        };
        let [layer, channel] = fields(rest)?;
        let channel = channel.parse().map_err(|_| format!("'{channel}' is not a channel number"))?;
        Ok(Self { layer: layer.to_owned(), channel, at: at.map(parse_cell).transpose()? })
    }

    fn operands(&self) -> String {
        let Self { layer, channel, at } = self;
        let at = at.map_or_else(String::new, |(row, column)| format!(":{row},{column}"));
        format!("{layer}:{channel}{at}")
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        find_channel(weights, &self.layer, self.channel)
    }

    fn aims(&self, _: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        Ok(vec![Aim::Neuron(self.channel, self.at)])
    }
}

fn parse_cell(text: &str) -> Result<(usize, usize), String> {
    let cell = text.split_once(',').and_then(|(y, x)| Some((y.parse().ok()?, x.parse().ok()?)));
    cell.ok_or_else(|| format!("'{text}' is not a row and a column as in 3,5"))
}

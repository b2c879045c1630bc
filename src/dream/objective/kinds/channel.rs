//! `channel:LAYER:N[,N...]`.

use std::ops::RangeInclusive;

use super::super::names::find_channel;
use super::*;

/// The mean of each of some channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Name or pattern.
    pub layer: String,
    /// Channels, counted from 0.
    pub channels: Vec<RangeInclusive<usize>>,
}

impl Kind for Channel {
    const FORM: Form = Form::new(
        "channel",
        &["LAYER:N[,N...]"],
        "the mean of a channel, or of each of several, like 3,17,42-45",
    );

    fn parse(operands: &str) -> Result<Self, String> {
        let [layer, channels] = fields(operands)?;
        let channels = channels.split(',').map(parse_range).collect::<Result<_, _>>()?;
        Ok(Self { layer: layer.to_owned(), channels })
    }

    fn operands(&self) -> String {
        let channels: Vec<String> = self.channels.iter().map(write_range).collect();
        format!("{}:{}", self.layer, channels.join(","))
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        let highest = self.channels.iter().map(|range| *range.end()).max().unwrap_or(0);
        find_channel(weights, &self.layer, highest)
    }

    fn aims(&self, _: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        Ok(self.channels.iter().cloned().flatten().map(Aim::Channel).collect())
    }
}

/// A channel, or the first and the last of several.
fn parse_range(text: &str) -> Result<RangeInclusive<usize>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(format!("'{text}' is not a channel number or a range of them like 3-7")),
    }
}

fn write_range(range: &RangeInclusive<usize>) -> String {
    match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    }
}

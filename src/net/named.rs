//! Channels of the network inside the program that were given names by looking at their pictures.

/// `LAYER:N name`, one a line.
const CHANNELS: &str = include_str!("../../weights/channels.txt");

/// A channel with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedChannel {
    /// Its layer's name.
    pub layer: &'static str,
    /// Its number there.
    pub channel: usize,
    /// What its picture shows, in a few words.
    pub name: &'static str,
}

/// All of them, in the order of the file.
pub(super) fn named_channels() -> impl Iterator<Item = NamedChannel> {
    CHANNELS.lines().filter_map(|line| {
        let (unit, name) = line.split_once(' ')?;
        let (layer, channel) = unit.split_once(':')?;
        Some(NamedChannel { layer, channel: channel.parse().ok()?, name: name.trim() })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::net::Weights;

    #[test]
    fn every_line_names_a_channel_of_the_network_and_none_twice() {
        let weights = Weights::embedded();
        let network = weights.network();
        let channels: Vec<NamedChannel> = named_channels().collect();
        assert_eq!(channels.len(), CHANNELS.lines().count(), "a line that is not `LAYER:N name`");
        for NamedChannel { layer, channel, name } in &channels {
            let id = network.find(layer).unwrap_or_else(|_| panic!("{layer} is a layer"));
            assert!(*channel < network[id].channels && !name.is_empty(), "{layer}:{channel}");
        }
        let units: HashSet<(&str, usize)> =
            channels.iter().map(|&NamedChannel { layer, channel, .. }| (layer, channel)).collect();
        assert_eq!(units.len(), channels.len(), "a channel has one name");
    }
}

//! What a person is told once: that there are other networks than the one inside.

use super::flags::network::WeightsArguments;
use crate::net::Weights;

/// Says after the first dream with the network inside how to get the one that DeepDream became known by, unless weights
/// were asked for by name.
#[cfg(all(feature = "fetch", feature = "import"))]
pub(crate) fn mention_other_weights(asked: &WeightsArguments, used: &Weights) {
    if used.is_embedded() && !asked.are_given() {
        super::terminal::say_once(
            "told-of-bvlc",
            "The built-in network has only ever seen emoji. The network of 2015 learned from photographs: \
             `puppyslug weights fetch bvlc`, then dream with --weights bvlc. (This is shown once.)",
        );
    }
}

/// Nothing in this build gets another.
#[cfg(not(all(feature = "fetch", feature = "import")))]
pub(crate) fn mention_other_weights(_: &WeightsArguments, _: &Weights) {}

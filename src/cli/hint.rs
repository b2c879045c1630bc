//! A hint that is shown once: that there are other networks than the built-in one.

use super::flags::network::WeightsArguments;
use crate::net::Weights;

/// Says, after the first dream with the built-in network, how to get the one that made DeepDream known, unless
/// weights were given explicitly.
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

/// Does nothing: this build cannot get other weights.
#[cfg(not(all(feature = "fetch", feature = "import")))]
pub(crate) fn mention_other_weights(_: &WeightsArguments, _: &Weights) {}

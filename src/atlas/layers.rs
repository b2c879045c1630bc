//! Which layers an atlas shows.

use crate::net::{LayerId, Network, Op};

/// The layers through which all data passes, taken after their ReLU: the stem's layers, and the outputs of
/// modules.
pub fn trunk(network: &Network) -> Vec<LayerId> {
    let is_neck = |&id: &LayerId| {
        let mut later = network.ids().filter(|&other| other > id);
        !later.any(|other| network[other].inputs.iter().any(|&input| input < id))
    };
    let is_unit = |&id: &LayerId| matches!(network[id].op, Op::Relu | Op::Concat);
    network.ids().filter(is_unit).filter(is_neck).collect()
}

/// How many channels these layers have in total.
pub fn channels(network: &Network, layers: &[LayerId]) -> usize {
    layers.iter().map(|&id| network[id].channels).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Variant;

    #[test]
    fn the_trunk_is_three_stems_and_nine_modules() {
        // 4a of inception5h has 508 channels where BVLC's has 512.
        for (variant, expected) in [(Variant::Bvlc, 5808), (Variant::Inception5h, 5804)] {
            let network = variant.network(Some(10));
            let trunk = trunk(&network);
            assert_eq!((trunk.len(), channels(&network, &trunk)), (12, expected), "{variant:?}");
        }
        let network = Variant::Bvlc.network(None);
        let names: Vec<&str> = trunk(&network).iter().map(|&id| network[id].name.as_str()).collect();
        assert_eq!(
            names[..4],
            ["conv1/relu_7x7", "conv2/relu_3x3_reduce", "conv2/relu_3x3", "inception_3a/output"]
        );
        assert_eq!(names[11], "inception_5b/output");
    }
}

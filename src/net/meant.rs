//! Which layer is meant by a name that these weights do not have: a name from another GoogLeNet, or that of a
//! module.

use super::{LayerId, Network, UnknownLayer, Variant, Weights};

/// As many names as an error offers.
const MOST_OFFERED: usize = 3;

impl Weights {
    /// The layer of that name, or the one that Caffe calls so.
    ///
    /// # Errors
    /// [`UnknownLayer`] offers first what another network's name, or a module's, means here.
    pub fn find_layer(&self, name: &str) -> Result<LayerId, UnknownLayer> {
        self.network().find(name).map_err(|unknown| meant(self.network(), unknown))
    }

    /// Every layer of a name or pattern: see [`Network::find_all`].
    ///
    /// # Errors
    /// Those of [`Weights::find_layer`].
    pub fn find_layers(&self, pattern: &str) -> Result<Vec<LayerId>, UnknownLayer> {
        self.network().find_all(pattern).map_err(|unknown| meant(self.network(), unknown))
    }
}

fn meant(network: &Network, unknown: UnknownLayer) -> UnknownLayer {
    let mut nearest: Vec<String> = output_of_module(network, &unknown.name).into_iter().collect();
    for name in translations(network, &unknown.name).into_iter().chain(unknown.nearest) {
        if !nearest.contains(&name) {
            nearest.push(name);
        }
    }
    nearest.truncate(MOST_OFFERED);
    UnknownLayer { nearest, ..unknown }
}

/// What Caffe names as a module is not a layer there, but the module's output is.
fn output_of_module(network: &Network, name: &str) -> Option<String> {
    let output = format!("{}/output", name.trim_end_matches('/'));
    network.find(&output).is_ok().then_some(output)
}

/// What the layers are called here that go by this name or pattern in another network.
fn translations(network: &Network, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for other in Variant::ALL.map(|variant| variant.network(Some(1))) {
        for id in other.find_all(name).unwrap_or_default() {
            let same = network.find(other[id].caffe_name());
            found.extend(same.map(|id| network[id].name.clone()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(variant: Variant, name: &str) -> Vec<String> {
        let network = variant.network(None);
        let unknown = network.find_all(name).expect_err("it is not a layer here");
        meant(&network, unknown).nearest
    }

    #[test]
    fn names_of_modules_and_of_other_networks_are_understood() {
        for (variant, name, first) in [
            (Variant::Bvlc, "inception_4c", "inception_4c/output"),
            (Variant::Bvlc, "inception_4c/", "inception_4c/output"),
            (Variant::Bvlc, "mixed4c", "inception_4c/output"),
            (Variant::Bvlc, "mixed4c_3x3_pre_relu", "inception_4c/3x3"),
            (Variant::Bvlc, "mixed5?", "inception_5a/output"),
            (Variant::Bvlc, "inception4c.branch2.1", "inception_4c/relu_3x3"),
            (Variant::Bvlc, "conv2d0", "conv1/relu_7x7"),
            (Variant::Inception5h, "inception4c", "mixed4c"),
            (Variant::Inception5h, "inception_4c", "inception_4c/output"),
            (Variant::Torchvision, "mixed4c", "inception4c"),
        ] {
            let offered = offered(variant, name);
            assert_eq!(offered[0], first, "{name}: {offered:?}");
            assert!(offered.len() <= MOST_OFFERED, "{offered:?}");
        }
        assert_eq!(offered(Variant::Bvlc, "inception_4c/outptu")[0], "inception_4c/output");
    }
}

//! The GoogLeNets that people have: one graph idea, three sets of details.

/// Which GoogLeNet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// BVLC's, for Caffe: the 2015 notebook's network, and that of Places205 and Places365.
    Bvlc,
    /// Google's own DeepDream network: `tensorflow_inception_graph.pb`.
    Inception5h,
    /// torchvision's, with batch normalisation folded into its convolutions.
    Torchvision,
}

impl Variant {
    /// All of them.
    pub const ALL: [Variant; 3] = [Variant::Bvlc, Variant::Inception5h, Variant::Torchvision];

    /// Its name in a weights file's metadata, under `architecture`.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Bvlc => "bvlc_googlenet",
            Variant::Inception5h => "inception5h",
            Variant::Torchvision => "torchvision_googlenet",
        }
    }
}

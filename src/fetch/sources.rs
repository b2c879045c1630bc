//! Where the GoogLeNets lie that people dream with.

use super::hash::Hash;

/// Published weights.
#[derive(Clone, Debug)]
pub struct Source {
    /// What they are called here.
    pub name: &'static str,
    /// What they are.
    pub about: &'static str,
    /// Where their makers keep them.
    pub url: &'static str,
    /// What the file must hash to, where anybody has published that.
    pub hash: Option<Hash>,
    /// What their makers say about using them, or where they say it.
    pub license: &'static str,
}

/// All that can be fetched by name.
pub const SOURCES: [Source; 5] = [
    Source {
        name: "bvlc",
        about: "the network of the 2015 notebook: ImageNet, 1000 classes, full of dogs",
        url: "http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel",
        // From the model's own readme; OpenCV's test data names the same.
        hash: Some(Hash::sha1("405fc5acd08a3bb12de8ee5e23a96bec22f08204")),
        license: "unrestricted use (BVLC)",
    },
    Source {
        name: "places205",
        about: "the same network on 205 kinds of places: buildings, arches, pagodas",
        url: "http://places.csail.mit.edu/model/googlenet_places205.tar.gz",
        hash: None,
        license: "see http://places.csail.mit.edu",
    },
    Source {
        name: "places365",
        about: "the same on 365 kinds of places",
        url: "http://places2.csail.mit.edu/models_places365/googlenet_places365.caffemodel",
        hash: None,
        license: "see http://places2.csail.mit.edu",
    },
    Source {
        name: "inception5h",
        about: "Google's own network for dreaming, from TensorFlow's tutorial",
        url: "https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip",
        // From OpenCV's download script.
        hash: Some(Hash::sha1("e3b84c7e240ce8025b30d868f5e840b4bba9761d")),
        license: "see LICENSE in inception5h.zip",
    },
    Source {
        name: "torchvision",
        about: "torchvision's GoogLeNet: ImageNet, batch normalisation, no LRN",
        url: "https://download.pytorch.org/models/googlenet-1378be20.pth",
        // By torch.hub's rule the file's name holds the beginning of its hash.
        hash: Some(Hash::sha256("1378be20")),
        license: "see https://github.com/pytorch/vision",
    },
];

impl Source {
    /// The source of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        static TABLE: [Source; 5] = SOURCES;
        TABLE.iter().find(|source| source.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_found_by_its_name_and_can_be_asked() {
        for source in SOURCES {
            assert_eq!(Source::find(source.name).map(|found| found.url), Some(source.url));
            assert!(source.url.starts_with("http"), "{}", source.name);
            if let Some(hash) = source.hash {
                assert!(hash.is_well_formed(), "{}", source.name);
            }
        }
        assert!(Source::find("vgg").is_none());
    }
}

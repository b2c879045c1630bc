//! The network as data: a list of layers in topological order, each of which names the layers it reads.

use std::ops::Index;

use super::shape::{Shape, Window};
use crate::extent::Extent;
use crate::remedy::{Fault, Remedy};
use crate::spelling::nearest;

/// Position of a layer in its [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId(usize);

impl LayerId {
    /// The position as a number, for tables with one entry per layer.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Local response normalisation across channels: `y = x * s^-beta` with
/// `s = k + alpha / size * sum of x^2 over size neighbouring channels` (Caffe, `lrn_layer.cpp`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    /// How many neighbouring channels are summed; odd.
    pub size: usize,
    /// Weight of the mean square.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// What the sum starts from.
    pub k: f32,
}

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// The picture.
    Input {
        /// Colour channels.
        channels: usize,
    },
    /// Cross-correlation with a bias, zero padded.
    Conv {
        /// Kernel, stride and padding.
        window: Window,
        /// Output channels.
        channels: usize,
    },
    /// `max(x, 0)`.
    Relu,
    /// Maximum over a window; padding never wins.
    MaxPool(Window),
    /// Normalisation across channels.
    Lrn(Lrn),
    /// Inputs stacked along the channels.
    Concat,
    /// Mean of each channel: `pool5/7x7_s1` at 224x224, and the same idea at any other size.
    GlobalAverage,
    /// Identity: a trained network drops nothing.
    Dropout,
    /// `exp(x) / sum of exp(x)` over the channels of a 1x1 map.
    Softmax,
}

/// One named layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The name that the network's users know.
    pub name: String,
    /// Caffe's name for the same tensor, where it is another.
    pub alias: Option<String>,
    /// What it computes.
    pub op: Op,
    /// Which layers it reads.
    pub inputs: Vec<LayerId>,
    /// Output channels.
    pub channels: usize,
}

impl Layer {
    /// What Caffe calls the tensor: weights files name theirs so, whatever the network.
    pub fn caffe_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// How much of the picture one cell of a layer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Side of the square in pixels; `None` means the whole picture.
    pub size: Option<usize>,
    /// Distance in pixels between the squares of neighbouring cells.
    pub stride: usize,
}

/// A picture too small for a layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a picture of {size} leaves no cell at layer '{layer}': \
     the target '{target}' needs at least {minimum} pixels a side"
)]
pub struct ShapeError {
    /// The first layer whose map would be empty.
    pub layer: String,
    /// The layer that was wanted.
    pub target: String,
    /// The picture's size.
    pub size: Extent,
    /// Smallest side that works.
    pub minimum: usize,
}

/// A layer name that the network does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no layer '{name}'; nearest: {}", nearest.join(", "))]
pub struct UnknownLayer {
    /// What was asked for.
    pub name: String,
    /// The most similar names, best first.
    pub nearest: Vec<String>,
}

impl Fault for UnknownLayer {
    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::ListLayers)
    }

    fn is_usage(&self) -> bool {
        true
    }
}

/// A network: layers in topological order.
#[derive(Clone, Debug, Default)]
pub struct Network {
    layers: Vec<Layer>,
}

impl Index<LayerId> for Network {
    type Output = Layer;

    fn index(&self, id: LayerId) -> &Layer {
        &self.layers[id.0]
    }
}

impl Network {
    /// A network without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a layer. Its inputs are earlier layers by construction: their ids exist already.
    pub fn push(&mut self, name: &str, op: Op, inputs: &[LayerId]) -> LayerId {
        let channels = match op {
            Op::Input { channels } | Op::Conv { channels, .. } => channels,
            _ => inputs.iter().map(|&id| self[id].channels).sum(),
        };
        let (name, inputs) = (name.to_owned(), inputs.to_vec());
        self.layers.push(Layer { name, alias: None, op, inputs, channels });
        LayerId(self.layers.len() - 1)
    }

    /// Appends a layer whose tensor Caffe knows as `caffe`.
    pub fn push_alias(&mut self, name: &str, caffe: &str, op: Op, inputs: &[LayerId]) -> LayerId {
        let id = self.push(name, op, inputs);
        self.layers[id.0].alias = (name != caffe).then(|| caffe.to_owned());
        id
    }

    /// All layers, inputs before what reads them.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = LayerId> + Clone + use<> {
        (0..self.layers.len()).map(LayerId)
    }

    /// The picture.
    pub fn input(&self) -> LayerId {
        LayerId(0)
    }

    /// The layer of that name, or the one that Caffe calls so.
    pub fn find(&self, name: &str) -> Result<LayerId, UnknownLayer> {
        let named = self.ids().find(|&id| self[id].name == name || self[id].caffe_name() == name);
        named.ok_or_else(|| {
            let names = self.layers.iter().map(|layer| layer.name.as_str());
            let aliases = self.layers.iter().filter_map(|layer| layer.alias.as_deref());
            UnknownLayer { name: name.to_owned(), nearest: nearest(name, names.chain(aliases)) }
        })
    }

    /// Every layer whose own name or Caffe's matches `pattern`: a name, or one with `*` for any letters and
    /// `?` for any one.
    pub fn find_all(&self, pattern: &str) -> Result<Vec<LayerId>, UnknownLayer> {
        if !pattern.contains(['*', '?']) {
            return Ok(vec![self.find(pattern)?]);
        }
        let matching =
            |id: &LayerId| matches(pattern, &self[*id].name) || matches(pattern, self[*id].caffe_name());
        let found: Vec<LayerId> = self.ids().filter(matching).collect();
        if found.is_empty() { self.find(pattern).map(|id| vec![id]) } else { Ok(found) }
    }

    /// Shape of a convolution's weights: output channels, input channels, height, width.
    pub fn filter_shape(&self, id: LayerId) -> Option<[usize; 4]> {
        match self[id].op {
            Op::Conv { window, channels } => {
                Some([channels, self[self[id].inputs[0]].channels, window.kernel, window.kernel])
            }
            _ => None,
        }
    }

    /// `wanted` and everything it is computed from, as one flag a layer.
    pub fn ancestors(&self, wanted: &[LayerId]) -> Vec<bool> {
        let mut needed = vec![false; self.layers.len()];
        for id in wanted {
            needed[id.0] = true;
        }
        for id in self.ids().rev() {
            if needed[id.0] {
                for input in &self[id].inputs {
                    needed[input.0] = true;
                }
            }
        }
        needed
    }

    /// The shape of every layer for a picture of this size; maps may be empty.
    pub fn shapes(&self, size: Extent) -> Vec<Shape> {
        let mut shapes: Vec<Shape> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let input = layer.inputs.first().map_or(Shape::of(0, size), |id| shapes[id.0]);
            let (height, width) = match layer.op {
                Op::Conv { window, .. } => (window.conv_size(input.height), window.conv_size(input.width)),
                Op::MaxPool(window) => (window.pool_size(input.height), window.pool_size(input.width)),
                Op::GlobalAverage => (input.height.min(1), input.width.min(1)),
                _ => (input.height, input.width),
            };
            shapes.push(Shape::new(layer.channels, height, width));
        }
        shapes
    }

    /// Checks that a picture of this size leaves cells at `target` and all it is computed from.
    pub fn check_size(&self, target: LayerId, size: Extent) -> Result<(), ShapeError> {
        match self.first_empty(target, size) {
            None => Ok(()),
            Some(layer) => Err(ShapeError {
                layer: self[layer].name.clone(),
                target: self[target].name.clone(),
                size,
                minimum: self.smallest_side(target),
            }),
        }
    }

    /// The smallest side of a square picture that leaves cells at `target`.
    pub fn smallest_side(&self, target: LayerId) -> usize {
        (1..)
            .find(|&n| self.first_empty(target, Extent::square(n)).is_none())
            .expect("every window fits some size")
    }

    fn first_empty(&self, target: LayerId, size: Extent) -> Option<LayerId> {
        let shapes = self.shapes(size);
        let needed = self.ancestors(&[target]);
        self.ids().find(|id| needed[id.0] && shapes[id.0].is_empty())
    }

    /// How much of the picture one cell of `id` sees, padding aside.
    pub fn receptive_field(&self, id: LayerId) -> ReceptiveField {
        let mut fields: Vec<ReceptiveField> = Vec::with_capacity(id.0 + 1);
        for layer in &self.layers[..=id.0] {
            let start = ReceptiveField { size: Some(1), stride: 1 };
            let inputs = layer.inputs.iter().map(|input| fields[input.0]);
            let widest = inputs.max_by_key(|field| field.size.unwrap_or(usize::MAX)).unwrap_or(start);
            fields.push(match layer.op {
                Op::Conv { window, .. } | Op::MaxPool(window) => ReceptiveField {
                    size: widest.size.map(|size| size + (window.kernel - 1) * widest.stride),
                    stride: widest.stride * window.stride,
                },
                Op::GlobalAverage => ReceptiveField { size: None, ..widest },
                _ => widest,
            });
        }
        fields[id.0]
    }
}

/// Whether a name is `pattern`, in which `*` stands for any letters, also none, and `?` for any one.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut place) = (0, 0);
    // Where the last star stands and how far the name is eaten by it.
    let mut star = None;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&letter) if letter == b'?' || letter == name[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((back, eaten)) = star else { return false };
                star = Some((back, eaten + 1));
                (at, place) = (back + 1, eaten + 1);
            }
        }
    }
    pattern[at..].iter().all(|&letter| letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;
    use crate::extent::Extent;
    use crate::net::googlenet::googlenet;

    #[test]
    fn a_wrong_name_gets_the_nearest_right_ones() {
        let error = googlenet(None).find("inception_4c/outptu").expect_err("misspelt");
        assert_eq!(error.nearest[0], "inception_4c/output");
    }

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name) in
            [("a*/c", "ab/c"), ("*", ""), ("a*", "a"), ("*aab", "aaab"), ("a?c*", "abc"), ("**b", "ab")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a*/c", "ab/cd"), ("?", ""), ("a", "ab"), ("*a", "ab"), ("b*", "ab")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_finds_every_layer_that_matches() {
        let net = googlenet(None);
        let found = net.find_all("inception_4*/output").expect("five of them");
        let names: Vec<&str> = found.iter().map(|&id| net[id].name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e"].map(|module| format!("inception_4{module}/output")));
        let error = net.find_all("inception_4*/outptu").expect_err("misspelt");
        assert!(error.nearest[0].starts_with("inception_4"), "{error}");
        // Another network's layers, by Caffe's names and by their own.
        let other = crate::net::Variant::Inception5h.network(None);
        let caffe = other.find_all("inception_4?/output").expect("Caffe's names");
        assert_eq!(caffe, other.find_all("mixed4?").expect("its own"));
        assert_eq!(caffe.len(), 5);
    }

    #[test]
    fn too_small_a_picture_names_the_layer_and_the_size_needed() {
        let net = googlenet(None);
        let target = net.find("inception_4c/output").expect("a layer");
        let error = net.check_size(target, Extent::square(1)).expect_err("1x1 is too small");
        assert_eq!(error.layer, "pool1/3x3_s2");
        assert!(net.check_size(target, Extent::square(error.minimum)).is_ok());
        assert!(net.check_size(target, Extent::new(error.minimum - 1, error.minimum)).is_err());
        let conv1 = net.find("conv1/7x7_s2").expect("a layer");
        assert!(net.check_size(conv1, Extent::square(1)).is_ok());
    }
}

//! Lowering: layers, targets and a size in; forward and backward steps out.
//!
//! Forward, every needed layer in order. Backward, every climbed layer in reverse: first its own seeds, then
//! its gradient flows on to its inputs. Only what a target needs is there. Several sets of targets share the way
//! forward, and each has its own way back.

mod seeding;

use super::{Builder, Conv, ConvGradient, Gradient, Step, View};
use crate::net::{Layer, LayerId, Network, Op, Shape, ShapeError, Window};

/// Something to climb: a scalar of one layer, times a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Whose value.
    pub layer: LayerId,
    /// Which scalar of it.
    pub aim: Aim,
    /// Factor; negative to climb down.
    pub weight: f32,
}

/// A scalar of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// Half the sum of squares: the notebook's `objective_L2`.
    HalfSquares,
    /// Mean of a channel.
    Channel(usize),
    /// One cell of a channel: row and column, or the centre `(h / 2, w / 2)`.
    Neuron(usize, Option<(usize, usize)>),
    /// Of each cell the largest dot product with a column of a guide, summed: the notebook's
    /// `objective_guide`.
    Guide(Given),
    /// Mean dot product of the cells with a direction: the only column.
    Direction(Given),
}

/// Columns with as many channels as the layer, which the host gives: see [`Plan::given`](super::Plan::given).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Under which number.
    pub number: usize,
    /// How many columns.
    pub columns: usize,
}

/// The part of a target's map that a tile has of a larger picture's. Its gates are maps of one channel, as high
/// and wide, that the host fills: 1 for a cell that counts, 0 for one that does not.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Cells of a channel of the whole map: what means are over.
    pub whole: usize,
    /// Which cells count in the value.
    pub own: View,
    /// For a neuron, which cell it is; none if the tile does not have it.
    pub neuron: Option<View>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// The picture is too small for a layer.
    #[error(transparent)]
    Size(#[from] ShapeError),
    /// A neuron lies outside its map.
    #[error(
        "neuron {row},{column} lies outside layer '{layer}', which is {height} rows by {width} columns for a \
         picture of {picture_width}x{picture_height}"
    )]
    Neuron {
        /// Layer name.
        layer: String,
        /// Asked for.
        row: usize,
        /// Asked for.
        column: usize,
        /// Rows there are.
        height: usize,
        /// Columns there are.
        width: usize,
        /// Picture width.
        picture_width: usize,
        /// Picture height.
        picture_height: usize,
    },
}

/// Targets whose sum is climbed together.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Each with the part of its map that a tile has, if this is one.
    pub targets: Vec<(Target, Option<Part>)>,
    /// One cell, where the sum is left.
    pub value: View,
}

impl Goal {
    /// Targets that have all of their maps.
    pub fn whole(targets: &[Target], value: View) -> Self {
        Self { targets: targets.iter().map(|&target| (target, None)).collect(), value }
    }
}

/// What [`lower`] made.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// From the picture on.
    pub forward: Vec<Step>,
    /// The value of each wanted layer, in the order asked for.
    pub values: Vec<View>,
    /// For each goal the steps back, after which this is its gradient by the picture.
    pub backward: Vec<(Vec<Step>, View)>,
}

/// Lowers a pass over the picture `input`: forward to `wanted` and to all targets, and backward from each goal.
///
/// # Panics
/// If a goal has no targets.
pub fn lower(
    builder: &mut Builder,
    network: &Network,
    input: View,
    wanted: &[LayerId],
    goals: &[Goal],
) -> Result<Lowered, LowerError> {
    let Shape { height, width, .. } = input.shape;
    let targets = goals.iter().flat_map(|goal| &goal.targets).map(|(target, _)| target.layer);
    let ends: Vec<LayerId> = wanted.iter().copied().chain(targets).collect();
    for &end in &ends {
        network.check_size(end, height, width)?;
    }
    let mut lowering = Lowering::new(builder, network, input, &ends);
    lowering.climb(goals.iter().flat_map(|goal| &goal.targets));
    lowering.forward();
    let forward = std::mem::take(&mut lowering.steps);
    let values = wanted.iter().map(|&layer| lowering.value(layer)).collect();
    let mut backward = Vec::new();
    for goal in goals {
        assert!(!goal.targets.is_empty(), "a goal has a target");
        lowering.climb(&goal.targets);
        lowering.backward(goal)?;
        backward.push((std::mem::take(&mut lowering.steps), lowering.gradient(network.input())));
    }
    Ok(Lowered { forward, values, backward })
}

struct Lowering<'a> {
    builder: &'a mut Builder,
    network: &'a Network,
    shapes: Vec<Shape>,
    /// Layers that read each layer, among those that are needed.
    readers: Vec<Vec<LayerId>>,
    needed: Vec<bool>,
    /// Somebody wants this very value: it may not vanish into a fused step.
    exposed: Vec<bool>,
    /// A target's gradient reaches it.
    climbed: Vec<bool>,
    values: Vec<Option<View>>,
    choices: Vec<Option<View>>,
    gradients: Vec<Option<View>>,
    /// Gradients that hold a part of their sum already.
    written: Vec<View>,
    steps: Vec<Step>,
}

impl<'a> Lowering<'a> {
    fn new(builder: &'a mut Builder, network: &'a Network, input: View, ends: &[LayerId]) -> Self {
        let count = network.ids().count();
        let needed = network.ancestors(ends);
        let mut readers = vec![Vec::new(); count];
        for id in network.ids().filter(|id| needed[id.index()]) {
            for layer in &network[id].inputs {
                readers[layer.index()].push(id);
            }
        }
        let mut exposed = vec![false; count];
        for end in ends {
            exposed[end.index()] = true;
        }
        let mut values = vec![None; count];
        values[network.input().index()] = Some(input);
        Self {
            shapes: network.shapes(input.shape.height, input.shape.width),
            builder,
            network,
            readers,
            needed,
            exposed,
            climbed: vec![false; count],
            values,
            choices: vec![None; count],
            gradients: vec![None; count],
            written: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// From now on it is these targets whose gradient flows.
    fn climb<'t>(&mut self, targets: impl IntoIterator<Item = &'t (Target, Option<Part>)>) {
        self.climbed.fill(false);
        for (target, _) in targets {
            self.climbed[target.layer.index()] = true;
        }
        for id in self.network.ids().rev() {
            let climbed = self.readers[id.index()].iter().any(|reader| self.climbed[reader.index()]);
            self.climbed[id.index()] |= climbed;
        }
        self.gradients.fill(None);
        self.written.clear();
    }

    fn layer(&self, id: LayerId) -> &'a Layer {
        &self.network[id]
    }

    fn needed(&self) -> Vec<LayerId> {
        self.network.ids().filter(|id| self.needed[id.index()]).collect()
    }

    /// The needed reader of `id` for which `test` holds.
    fn reader(&self, id: LayerId, test: impl Fn(&Op) -> bool) -> Option<LayerId> {
        self.readers[id.index()].iter().copied().find(|&reader| test(&self.network[reader].op))
    }

    fn relu_of(&self, conv: LayerId) -> Option<LayerId> {
        self.reader(conv, |op| matches!(op, Op::Relu))
    }

    /// The ReLU that `id` computes along: only convolutions do, unless somebody wants the value in between.
    fn fused_relu(&self, id: LayerId) -> Option<LayerId> {
        let conv = matches!(self.layer(id).op, Op::Conv { .. });
        self.relu_of(id).filter(|_| conv && !self.exposed[id.index()])
    }

    /// The concatenation that stacks `id`, and the channel where `id` starts in it.
    fn concat_of(&self, id: LayerId) -> Option<(LayerId, usize)> {
        let concat = self.reader(id, |op| matches!(op, Op::Concat))?;
        let before = self.layer(concat).inputs.iter().take_while(|&&input| input != id);
        Some((concat, before.map(|&input| self.layer(input).channels).sum()))
    }

    fn new_buffer(&mut self, id: LayerId, prefix: &str) -> View {
        self.builder.buffer(format!("{prefix}{}", self.network[id].name), self.shapes[id.index()])
    }

    /// One buffer for several layers of equal height and width, a slice each.
    fn new_joint_buffer(&mut self, ids: &[LayerId], prefix: &str) -> Vec<View> {
        let names: Vec<&str> = ids.iter().map(|&id| self.network[id].name.as_str()).collect();
        let channels = ids.iter().map(|&id| self.layer(id).channels).sum();
        let shape = self.shapes[ids[0].index()].with_channels(channels);
        let joint = self.builder.buffer(format!("{prefix}{}", names.join(" + ")), shape);
        let mut first = 0;
        let slices = ids.iter().map(|&id| {
            let count = self.network[id].channels;
            first += count;
            joint.channels(first - count, count)
        });
        slices.collect()
    }

    // ---- forward ----------------------------------------------------------------------------------------

    fn forward(&mut self) {
        for id in self.needed() {
            let inputs = &self.layer(id).inputs;
            match self.layer(id).op {
                // A concatenation is where its branches have written, dropout is where its input is.
                Op::Input { .. } | Op::Concat | Op::Dropout => {}
                Op::Conv { window, .. } => self.forward_conv(id, window),
                Op::Relu => {
                    if self.fused_relu(inputs[0]).is_none() {
                        let (x, y) = (self.value(inputs[0]), self.value(id));
                        self.steps.push(Step::Relu { x, y });
                    }
                }
                Op::MaxPool(window) => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    let choice = self.climbed[id.index()].then(|| self.new_buffer(id, "choice of "));
                    self.choices[id.index()] = choice;
                    self.steps.push(Step::MaxPool { x, y, choice, window: window.over(x.shape) });
                }
                Op::Lrn(lrn) => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.steps.push(Step::Lrn { x, y, lrn });
                }
                Op::GlobalAverage => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.steps.push(Step::Average { x, y });
                }
                Op::Softmax => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.steps.push(Step::Softmax { x, y });
                }
            }
        }
    }

    fn forward_conv(&mut self, id: LayerId, window: Window) {
        let layers = self.forward_siblings(id);
        if layers[0] != id {
            return; // computed together with the first of them
        }
        let outputs: Vec<LayerId> =
            layers.iter().map(|&conv| self.fused_relu(conv).unwrap_or(conv)).collect();
        let loose: Vec<LayerId> =
            outputs.iter().copied().filter(|&id| self.concat_of(id).is_none()).collect();
        if !loose.is_empty() {
            let views = self.new_joint_buffer(&loose, "");
            for (id, view) in loose.iter().zip(views) {
                self.values[id.index()] = Some(view);
            }
        }
        let x = self.value(self.layer(id).inputs[0]);
        let window = window.over(x.shape);
        let y = outputs.iter().map(|&output| self.value(output)).collect();
        let relu = self.fused_relu(id).is_some();
        self.steps.push(Step::Conv(Conv { layers, window, x, y, relu }));
    }

    /// The convolutions that are one GEMM with `id`: pointwise, of the same input, each fused with its ReLU.
    fn forward_siblings(&self, id: LayerId) -> Vec<LayerId> {
        let fused = |&conv: &LayerId| self.fused_relu(conv).is_some();
        if fused(&id) { self.pointwise_siblings(id).into_iter().filter(fused).collect() } else { vec![id] }
    }

    /// Needed 1x1 convolutions of the same input as `id`, which is one of them; or `id` alone.
    fn pointwise_siblings(&self, id: LayerId) -> Vec<LayerId> {
        let pointwise = |&reader: &LayerId| matches!(self.network[reader].op, Op::Conv { window, .. } if window == Window::new(1, 1, 0));
        if pointwise(&id) {
            let input = self.layer(id).inputs[0];
            self.readers[input.index()].iter().copied().filter(pointwise).collect()
        } else {
            vec![id]
        }
    }

    fn value(&mut self, id: LayerId) -> View {
        if let Some(view) = self.values[id.index()] {
            return view;
        }
        let view = match self.layer(id).op {
            Op::Dropout => self.value(self.layer(id).inputs[0]),
            _ => match self.concat_of(id) {
                Some((concat, first)) => self.value(concat).channels(first, self.layer(id).channels),
                None => self.new_buffer(id, ""),
            },
        };
        self.values[id.index()] = Some(view);
        view
    }

    // ---- backward ---------------------------------------------------------------------------------------

    fn backward(&mut self, goal: &Goal) -> Result<(), LowerError> {
        let mut measured = false;
        for id in self.needed().into_iter().rev().filter(|id| self.climbed[id.index()]).collect::<Vec<_>>() {
            for (target, part) in goal.targets.iter().filter(|(target, _)| target.layer == id) {
                self.seed(target, part.as_ref(), goal.value, measured)?;
                measured = true;
            }
            self.backward_layer(id);
        }
        Ok(())
    }

    fn backward_layer(&mut self, id: LayerId) {
        let inputs = &self.layer(id).inputs;
        match self.layer(id).op {
            // These share their gradient's memory with what they read.
            Op::Input { .. } | Op::Concat | Op::Relu | Op::Dropout => {}
            Op::Conv { window, .. } => self.backward_conv(id, window),
            Op::MaxPool(window) => {
                let choice = self.choices[id.index()].expect("a climbed pool records its choice");
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                let window = window.over(dx.view.shape);
                self.steps.push(Step::MaxPoolGradient { dy, choice, window, dx });
            }
            Op::Lrn(lrn) => {
                let x = self.value(inputs[0]);
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.steps.push(Step::LrnGradient { x, dy, lrn, dx });
            }
            Op::GlobalAverage => {
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.steps.push(Step::AverageGradient { dy, dx });
            }
            Op::Softmax => {
                let y = self.value(id);
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.steps.push(Step::SoftmaxGradient { y, dy, dx });
            }
        }
    }

    fn backward_conv(&mut self, id: LayerId, window: Window) {
        let layers = self.climbed_siblings(id);
        if layers[0] != id {
            return; // carried back together with the first of them, whose turn is last
        }
        let dy = layers.iter().map(|&conv| self.gradient(conv)).collect();
        let dx = self.flow(self.layer(id).inputs[0]);
        let window = window.over(dx.view.shape);
        self.steps.push(Step::ConvGradient(ConvGradient { layers, window, dy, dx }));
    }

    fn climbed_siblings(&self, id: LayerId) -> Vec<LayerId> {
        self.pointwise_siblings(id).into_iter().filter(|conv| self.climbed[conv.index()]).collect()
    }

    /// Where the next contribution to the gradient of `id` goes.
    fn flow(&mut self, id: LayerId) -> Gradient {
        let view = self.gradient(id);
        let inside = |whole: &View| {
            whole.buffer == view.buffer
                && whole.range().start <= view.range().start
                && view.range().end <= whole.range().end
        };
        let add = self.written.iter().any(inside);
        if !add {
            self.written.push(view);
        }
        Gradient { view, mask: self.mask(id), add }
    }

    /// A gradient is kept as it is before the ReLU that made its layer (or all parts of it).
    fn mask(&mut self, id: LayerId) -> Option<View> {
        match self.layer(id).op {
            Op::Relu | Op::Concat => Some(self.value(id)),
            _ => None,
        }
    }

    fn gradient(&mut self, id: LayerId) -> View {
        if let Some(view) = self.gradients[id.index()] {
            return view;
        }
        let climbed = |id: &LayerId| self.climbed[id.index()];
        let view = match self.layer(id).op {
            Op::Relu => match self.concat_of(id).filter(|(concat, _)| climbed(concat)) {
                Some((concat, first)) => self.gradient(concat).channels(first, self.layer(id).channels),
                None => self.gradient(self.layer(id).inputs[0]),
            },
            Op::Conv { .. } => match self.stacked_relu(id) {
                Some(relu) => self.gradient(relu),
                None => self.new_conv_gradients(id),
            },
            _ => match self.reader(id, |op| matches!(op, Op::Dropout)).filter(climbed) {
                Some(dropout) => self.gradient(dropout),
                None => self.new_buffer(id, "gradient of "),
            },
        };
        self.gradients[id.index()] = Some(view);
        view
    }

    /// The ReLU of `conv` if its gradient is a slice of a concatenation's.
    fn stacked_relu(&self, conv: LayerId) -> Option<LayerId> {
        let relu = self.relu_of(conv)?;
        let (concat, _) = self.concat_of(relu)?;
        self.climbed[concat.index()].then_some(relu)
    }

    /// Gradients of all siblings of `id` that need memory of their own lie behind each other.
    fn new_conv_gradients(&mut self, id: LayerId) -> View {
        let siblings = self.climbed_siblings(id);
        let loose: Vec<_> = siblings.into_iter().filter(|&conv| self.stacked_relu(conv).is_none()).collect();
        let views = self.new_joint_buffer(&loose, "gradient of ");
        for (conv, view) in loose.iter().zip(views) {
            self.gradients[conv.index()] = Some(view);
        }
        self.gradients[id.index()].expect("a convolution is among its siblings")
    }
}

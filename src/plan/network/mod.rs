//! Lowering: takes layers, targets and a size, and makes forward and backward steps.
//!
//! The forward pass goes through every needed layer in order. The backward pass goes through every climbed
//! layer in reverse: first the layer's own seeds, then its gradient flows on to its inputs. Only what a
//! target needs is computed. Several sets of targets share one forward pass, and each has its own backward
//! pass.

mod backward;
mod crowd;
mod diversity;
mod forward;
mod seeding;
mod target;

use super::{Builder, Step, View};
use crate::net::{Layer, LayerId, Network, Op, Shape};

pub use crowd::{Crowd, Member};
pub use target::{Aim, Given, Goal, LowerError, Part, Target};

/// The result of [`lower`].
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The forward pass, from the picture on.
    pub forward: Vec<Step>,
    /// The value of each wanted layer, in the order asked for.
    pub values: Vec<View>,
    /// For each goal, the steps of its backward pass, and the gradient by the picture that they compute.
    pub backward: Vec<(Vec<Step>, View)>,
    /// For each goal, its gradient by each wanted layer that its value depends on. For the output of a ReLU,
    /// this is the gradient before the ReLU: 0 wherever the output is 0.
    pub inner: Vec<Vec<Option<View>>>,
}

/// Lowers a pass over the picture `input`: forward to `wanted` and to all targets, and backward from each
/// goal.
///
/// # Panics
/// If a goal has no targets, or has a diversity target but no crowd to differ from.
pub fn lower(
    builder: &mut Builder,
    network: &Network,
    input: View,
    wanted: &[LayerId],
    goals: &[Goal],
) -> Result<Lowered, LowerError> {
    let targets = goals.iter().flat_map(|goal| &goal.targets).map(|(target, _)| target.layer);
    let ends: Vec<LayerId> = wanted.iter().copied().chain(targets).collect();
    for &end in &ends {
        network.check_size(end, input.shape.extent())?;
    }
    let mut lowering = Lowering::new(builder, network, input, &ends);
    lowering.climb(goals.iter().flat_map(|goal| &goal.targets));
    lowering.forward();
    goals.iter().filter_map(|goal| goal.member.as_ref()).for_each(|member| lowering.show(member));
    let forward = std::mem::take(&mut lowering.steps);
    let values = wanted.iter().map(|&layer| lowering.value(layer)).collect();
    let (mut backward, mut inner) = (Vec::new(), Vec::new());
    for goal in goals {
        assert!(!goal.targets.is_empty(), "a goal has a target");
        lowering.climb(&goal.targets);
        lowering.backward(goal)?;
        backward.push((std::mem::take(&mut lowering.steps), lowering.gradient(network.input())));
        inner.push(wanted.iter().map(|&layer| lowering.flowed(layer)).collect());
    }
    Ok(Lowered { forward, values, backward, inner })
}

struct Lowering<'a> {
    builder: &'a mut Builder,
    network: &'a Network,
    shapes: Vec<Shape>,
    /// The needed layers that read each layer.
    readers: Vec<Vec<LayerId>>,
    needed: Vec<bool>,
    /// The value itself is asked for, so it must not disappear into a fused step.
    exposed: Vec<bool>,
    /// The gradient of a target reaches the layer.
    climbed: Vec<bool>,
    values: Vec<Option<View>>,
    choices: Vec<Option<View>>,
    gradients: Vec<Option<View>>,
    /// Gradients that already hold a part of their sum.
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
            shapes: network.shapes(input.shape.extent()),
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

    /// From now on, the gradient of these targets flows.
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

    fn push(&mut self, step: impl Into<Step>) {
        self.steps.push(step.into());
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

    /// The ReLU that `id` computes as well: only convolutions do that, and only if nobody wants the value in
    /// between.
    fn fused_relu(&self, id: LayerId) -> Option<LayerId> {
        let conv = matches!(self.layer(id).op, Op::Conv { .. });
        self.relu_of(id).filter(|_| conv && !self.exposed[id.index()])
    }

    /// The concatenation that `id` is a part of, and the channel at which `id` starts in it.
    fn concat_of(&self, id: LayerId) -> Option<(LayerId, usize)> {
        let concat = self.reader(id, |op| matches!(op, Op::Concat))?;
        let before = self.layer(concat).inputs.iter().take_while(|&&input| input != id);
        Some((concat, before.map(|&input| self.layer(input).channels).sum()))
    }

    fn new_buffer(&mut self, id: LayerId, prefix: &str) -> View {
        self.builder.buffer(format!("{prefix}{}", self.network[id].name), self.shapes[id.index()])
    }

    /// One buffer for several layers of equal height and width, with a slice for each.
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
}

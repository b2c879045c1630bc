//! The backward pass from the targets: every layer that has a gradient, in reverse.

use super::seeding::Aimed;
use super::{Goal, LowerError, Lowering};
use crate::net::{LayerId, Op, Window};
use crate::plan::{ConvGradient, Gradient, View, step};

impl Lowering<'_> {
    pub(super) fn backward(&mut self, goal: &Goal) -> Result<(), LowerError> {
        let mut measured = false;
        for id in self.needed().into_iter().rev().filter(|id| self.climbed[id.index()]).collect::<Vec<_>>() {
            let targets = goal.targets.iter().enumerate();
            for (number, (target, part)) in targets.filter(|(_, (target, _))| target.layer == id) {
                let weight = goal.dialled.map(|first| first + number);
                let (part, member, total) = (part.as_ref(), goal.member.as_ref(), goal.value);
                self.seed(&Aimed { target, part, member, weight, total, add: measured })?;
                measured = true;
            }
            self.backward_layer(id);
        }
        Ok(())
    }

    fn backward_layer(&mut self, id: LayerId) {
        let inputs = &self.layer(id).inputs;
        match self.layer(id).op {
            // These gradients share memory with the gradients of the inputs.
            Op::Input { .. } | Op::Concat | Op::Relu | Op::Dropout => {}
            Op::Conv { window, .. } => self.backward_conv(id, window),
            Op::MaxPool(window) => {
                let choice = self.choices[id.index()].expect("a climbed pool records its choice");
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                let window = window.over(dx.view.shape);
                self.push(step::MaxPoolGradient { dy, choice, window, dx });
            }
            Op::Lrn(lrn) => {
                let x = self.value(inputs[0]);
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.push(step::LrnGradient { x, dy, lrn, dx });
            }
            Op::GlobalAverage => {
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.push(step::AverageGradient { dy, dx });
            }
            Op::Softmax => {
                let y = self.value(id);
                let dy = self.gradient(id);
                let dx = self.flow(inputs[0]);
                self.push(step::SoftmaxGradient { y, dy, dx });
            }
        }
    }

    fn backward_conv(&mut self, id: LayerId, window: Window) {
        let layers = self.climbed_siblings(id);
        if layers[0] != id {
            return; // done together with the first sibling, which backward order reaches last
        }
        let dy = layers.iter().map(|&conv| self.gradient(conv)).collect();
        let dx = self.flow(self.layer(id).inputs[0]);
        let window = window.over(dx.view.shape);
        self.push(ConvGradient { layers, window, dy, dx });
    }

    fn climbed_siblings(&self, id: LayerId) -> Vec<LayerId> {
        self.pointwise_siblings(id).into_iter().filter(|conv| self.climbed[conv.index()]).collect()
    }

    /// Where the next contribution to the gradient of `id` is written or added.
    pub(super) fn flow(&mut self, id: LayerId) -> Gradient {
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

    /// The mask for the gradient of `id`, which is stored as it is before the ReLU that made the layer (or
    /// all parts of it).
    fn mask(&mut self, id: LayerId) -> Option<View> {
        match self.layer(id).op {
            Op::Relu | Op::Concat => Some(self.value(id)),
            _ => None,
        }
    }

    /// The gradient of a layer, if the gradient of a target reaches it.
    pub(super) fn flowed(&mut self, id: LayerId) -> Option<View> {
        self.climbed[id.index()].then(|| self.gradient(id))
    }

    pub(super) fn gradient(&mut self, id: LayerId) -> View {
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

    /// Allocates one buffer for the gradients of all siblings of `id` that need memory of their own.
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

//! The forward pass from the picture to the targets: every needed layer in order.

use super::Lowering;
use crate::net::{LayerId, Op, Window};
use crate::plan::{Conv, View, step};

impl Lowering<'_> {
    pub(super) fn forward(&mut self) {
        for id in self.needed() {
            let inputs = &self.layer(id).inputs;
            match self.layer(id).op {
                // The branches of a concatenation write directly into it, and dropout is its own input.
                Op::Input { .. } | Op::Concat | Op::Dropout => {}
                Op::Conv { window, .. } => self.forward_conv(id, window),
                Op::Relu => {
                    if self.fused_relu(inputs[0]).is_none() {
                        let (x, y) = (self.value(inputs[0]), self.value(id));
                        self.push(step::Relu { x, y });
                    }
                }
                Op::MaxPool(window) => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    let choice = self.climbed[id.index()].then(|| self.new_buffer(id, "choice of "));
                    self.choices[id.index()] = choice;
                    self.push(step::MaxPool { x, y, choice, window: window.over(x.shape) });
                }
                Op::Lrn(lrn) => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.push(step::Lrn { x, y, lrn });
                }
                Op::GlobalAverage => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.push(step::Average { x, y });
                }
                Op::Softmax => {
                    let (x, y) = (self.value(inputs[0]), self.value(id));
                    self.push(step::Softmax { x, y });
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
        self.push(Conv { layers, window, x, y, relu });
    }

    /// The convolutions that form one GEMM with `id`: 1x1, with the same input, each fused with its ReLU.
    fn forward_siblings(&self, id: LayerId) -> Vec<LayerId> {
        let fused = |&conv: &LayerId| self.fused_relu(conv).is_some();
        if fused(&id) { self.pointwise_siblings(id).into_iter().filter(fused).collect() } else { vec![id] }
    }

    /// The needed 1x1 convolutions with the same input as `id`, if `id` is one itself; otherwise `id` alone.
    pub(super) fn pointwise_siblings(&self, id: LayerId) -> Vec<LayerId> {
        let pointwise = |&reader: &LayerId| matches!(self.network[reader].op, Op::Conv { window, .. } if window == Window::new(1, 1, 0));
        if pointwise(&id) {
            let input = self.layer(id).inputs[0];
            self.readers[input.index()].iter().copied().filter(pointwise).collect()
        } else {
            vec![id]
        }
    }

    pub(super) fn value(&mut self, id: LayerId) -> View {
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
}

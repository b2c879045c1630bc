//! Receptive fields along one axis of a picture: which pixels a cell sees, and which cells see a pixel.
//!
//! A window slides along rows in the same way as along columns, so one axis suffices. Everything is exact:
//! strides, padding and clipped windows are those for the actual size of the picture.

use std::ops::Range;

use super::graph::{LayerId, Network, Op};
use super::shape::Window;
use crate::extent::Extent;

/// One axis of a network over a picture of known size.
#[derive(Debug)]
pub struct Axis<'a> {
    network: &'a Network,
    /// Cells of each layer.
    cells: Vec<usize>,
}

impl Network {
    /// The axis of a picture of this many pixels.
    pub fn axis(&self, pixels: usize) -> Axis<'_> {
        let cells = self.shapes(Extent::square(pixels)).iter().map(|shape| shape.height).collect();
        Axis { network: self, cells }
    }

    /// Whether a cell of this layer sees only a part of a large picture.
    pub fn is_local(&self, layer: LayerId) -> bool {
        self.receptive_field(layer).size.is_some()
    }
}

impl Axis<'_> {
    /// Pixels along the axis.
    pub fn pixels(&self) -> usize {
        self.cells[self.network.input().index()]
    }

    /// Cells of a layer along the axis.
    pub fn cells(&self, layer: LayerId) -> usize {
        self.cells[layer.index()]
    }

    /// The middle of the receptive field of a cell of `layer`, in pixels: 0 is the middle of the first.
    /// Windows count as a whole, even where they reach beyond the edge, so cells are evenly spaced.
    pub fn middle(&self, layer: LayerId, cell: usize) -> f64 {
        let (mut at, mut id) = (cell as f64, layer);
        while let Some(&input) = self.network[id].inputs.first() {
            match self.network[id].op {
                Op::Conv { window, .. } | Op::MaxPool(window) => {
                    let middle = (window.kernel - 1) as f64 / 2.0 - window.before(self.cells(input)) as f64;
                    at = at * window.stride as f64 + middle;
                }
                Op::GlobalAverage => at = (self.cells(input) - 1) as f64 / 2.0,
                _ => {}
            }
            id = input;
        }
        at
    }

    /// The cells of `layer` that see any of these pixels.
    pub fn seeing(&self, layer: LayerId, pixels: Range<usize>) -> Range<usize> {
        let mut reached: Vec<Range<usize>> = Vec::with_capacity(layer.index() + 1);
        for id in self.network.ids().take_while(|&id| id <= layer) {
            let inputs = &self.network[id].inputs;
            let from = inputs.iter().map(|input| reached[input.index()].clone()).reduce(hull);
            reached.push(match (from, self.network[id].op) {
                (None, _) => pixels.clone(),
                (Some(from), _) if from.is_empty() => 0..0,
                (Some(from), Op::Conv { window, .. } | Op::MaxPool(window)) => {
                    let before = window.before(self.cells(inputs[0]));
                    readers(window, before, from, self.cells(id))
                }
                (Some(_), Op::GlobalAverage) => 0..self.cells(id),
                (Some(from), _) => from,
            });
        }
        reached.swap_remove(layer.index())
    }

    /// The pixels that these cells of `layer` see, from the first to the last.
    pub fn seen(&self, layer: LayerId, cells: Range<usize>) -> Range<usize> {
        let mut wanted = vec![0..0; layer.index() + 1];
        wanted[layer.index()] = cells;
        for id in self.network.ids().rev().skip_while(|&id| id > layer) {
            let cells = wanted[id.index()].clone();
            for input in self.network[id].inputs.iter().filter(|_| !cells.is_empty()) {
                let size = self.cells(*input);
                let read = match self.network[id].op {
                    Op::Conv { window, .. } | Op::MaxPool(window) => read(window, cells.clone(), size),
                    Op::GlobalAverage => 0..size,
                    _ => cells.clone(),
                };
                let before = std::mem::take(&mut wanted[input.index()]);
                wanted[input.index()] = hull(before, read);
            }
        }
        wanted.swap_remove(self.network.input().index())
    }
}

/// The smallest range that contains both; an empty one is ignored.
pub fn hull(a: Range<usize>, b: Range<usize>) -> Range<usize> {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => a.start.min(b.start)..a.end.max(b.end),
    }
}

/// Which of `count` windows read any of these cells, where the first window starts `before` cells early.
fn readers(window: Window, before: usize, cells: Range<usize>, count: usize) -> Range<usize> {
    let Window { kernel, stride, .. } = window;
    let first = (cells.start + before + 1).saturating_sub(kernel).div_ceil(stride);
    let end = (cells.end + before).div_ceil(stride).min(count);
    first.min(end)..end
}

/// The cells, of `size`, that these windows read.
fn read(window: Window, windows: Range<usize>, size: usize) -> Range<usize> {
    let Window { kernel, stride, .. } = window;
    let before = window.before(size);
    let end = ((windows.end - 1) * stride + kernel).saturating_sub(before).min(size);
    (windows.start * stride).saturating_sub(before).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Variant;
    use crate::net::googlenet::googlenet;

    #[test]
    fn fields_inside_a_large_picture_are_those_of_the_literature() {
        let net = googlenet(None);
        for (name, stride, side) in [("inception_3b/output", 8, 91), ("inception_4c/output", 16, 299)] {
            let layer = net.find(name).expect("a layer");
            let axis = net.axis(1024);
            let [one, next] = [30, 31].map(|cell| axis.seen(layer, cell..cell + 1));
            assert_eq!((one.len(), next.start - one.start), (side, stride), "{name}");
        }
    }

    #[test]
    fn the_middle_is_where_half_is_seen_on_either_side() {
        for variant in [Variant::Bvlc, Variant::Inception5h, Variant::Torchvision] {
            let net = variant.network(Some(7));
            let axis = net.axis(1024);
            for (name, cell) in
                [("conv1/7x7_s2", 100), ("inception_3b/output", 30), ("inception_4c/output", 30)]
            {
                let layer = net.find(name).expect("a layer by Caffe's name");
                // Nothing is cut off in the middle of so large a picture.
                let seen = axis.seen(layer, cell..cell + 1);
                assert!(seen.start > 0 && seen.end < 1024, "{variant:?} {name}");
                assert_eq!(2.0 * axis.middle(layer, cell), (seen.start + seen.end - 1) as f64, "{name}");
            }
            let all = net.find("loss3/classifier").expect("a classifier");
            let last = net.find("inception_5b/output").expect("a layer");
            let middles = |cell| axis.middle(last, cell);
            assert_eq!(2.0 * axis.middle(all, 0), middles(0) + middles(axis.cells(last) - 1));
        }
    }

    /// By brute force: a cell sees a pixel if and only if the pixel is seen by the cell.
    #[test]
    fn seeing_is_the_converse_of_being_seen() {
        for variant in [Variant::Bvlc, Variant::Inception5h, Variant::Torchvision] {
            let net = variant.network(None);
            for (name, pixels) in
                [("inception_3a/output", 97), ("inception_4a/output", 130), ("pool3/3x3_s2", 64)]
            {
                let layer = net.find(name).expect("a layer by Caffe's name");
                let axis = net.axis(pixels);
                let seen: Vec<_> =
                    (0..axis.cells(layer)).map(|cell| axis.seen(layer, cell..cell + 1)).collect();
                for pixel in 0..pixels {
                    let expected: Vec<usize> =
                        (0..seen.len()).filter(|&cell| seen[cell].contains(&pixel)).collect();
                    let found: Vec<usize> = axis.seeing(layer, pixel..pixel + 1).collect();
                    assert_eq!(found, expected, "{variant:?} {name} pixel {pixel} of {pixels}");
                }
            }
        }
    }

    #[test]
    fn the_mean_of_everything_sees_everything() {
        let net = googlenet(Some(3));
        let layer = net.find("loss3/classifier").expect("a layer");
        assert_eq!(net.axis(300).seen(layer, 0..1), 0..300);
        assert_eq!(net.axis(300).seeing(layer, 7..8), 0..1);
        assert!(!net.is_local(layer));
        assert!(net.is_local(net.find("inception_5b/output").expect("a layer")));
    }

    #[test]
    fn what_no_window_reads_is_seen_by_none() {
        let mut net = Network::new();
        let data = net.push("data", Op::Input { channels: 3 }, &[]);
        let sparse = net.push("sparse", Op::MaxPool(Window::new(1, 3, 0)), &[data]);
        let axis = net.axis(8);
        assert!(axis.seeing(sparse, 1..3).is_empty());
        assert_eq!(axis.seeing(sparse, 1..4), 1..2);
        assert_eq!(axis.seen(sparse, 1..3), 3..7);
    }
}

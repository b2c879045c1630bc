//! Shapes of feature maps, and the size rules of Caffe and TensorFlow. They live here and nowhere else.

use std::fmt;

use crate::extent::Extent;

/// A feature map: channels, height and width, stored channel by channel, row by row (CHW).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Number of channels.
    pub channels: usize,
    /// Rows of one channel.
    pub height: usize,
    /// Columns of one channel.
    pub width: usize,
}

impl Shape {
    /// A map of `channels` x `height` x `width`.
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width }
    }

    /// A map of this many channels, each of this size.
    pub const fn of(channels: usize, Extent { height, width }: Extent) -> Self {
        Self { channels, height, width }
    }

    /// The size of one channel.
    pub const fn extent(self) -> Extent {
        Extent { height: self.height, width: self.width }
    }

    /// Cells of one channel.
    pub const fn plane(self) -> usize {
        self.height * self.width
    }

    /// Cells of the whole map.
    pub const fn len(self) -> usize {
        self.channels * self.plane()
    }

    /// Whether the map has no cell at all.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The same map with another number of channels.
    pub const fn with_channels(self, channels: usize) -> Self {
        Self { channels, ..self }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}

/// What surrounds the input of a window: zeros (convolution) or nothing (pooling).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// As many cells on every side, and sizes rounded as Caffe rounds them.
    Each(usize),
    /// TensorFlow's `SAME`: a window for every stride that begins inside the input, and as few cells around
    /// it as these windows need. An odd cell comes behind.
    Same,
}

/// A square sliding window: what a convolution or a pooling layer sees of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Side of the window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// What surrounds the input.
    pub padding: Padding,
}

impl Window {
    /// A window of `kernel` x `kernel` cells, with `pad` cells around the input.
    pub const fn new(kernel: usize, stride: usize, pad: usize) -> Self {
        Self { kernel, stride, padding: Padding::Each(pad) }
    }

    /// A window of `kernel` x `kernel` cells, padded as the input's size demands.
    pub const fn same(kernel: usize, stride: usize) -> Self {
        Self { kernel, stride, padding: Padding::Same }
    }

    /// How many windows a convolution places along a side of `n` cells: `floor((n + 2p - k) / s) + 1`,
    /// and 0 where not even one fits (Caffe, `conv_layer.cpp`); with `SAME`, `ceil(n / s)`.
    pub const fn conv_size(self, n: usize) -> usize {
        let Padding::Each(pad) = self.padding else { return n.div_ceil(self.stride) };
        match (n + 2 * pad).checked_sub(self.kernel) {
            Some(room) => room / self.stride + 1,
            None => 0,
        }
    }

    /// How many windows a pooling layer places along a side of `n` cells: `ceil((n + 2p - k) / s) + 1`,
    /// less one if, with padding, the last would start outside the input (Caffe, `pooling_layer.cpp`); with
    /// `SAME`, `ceil(n / s)`.
    pub const fn pool_size(self, n: usize) -> usize {
        let Padding::Each(pad) = self.padding else { return n.div_ceil(self.stride) };
        let padded = n + 2 * pad;
        let windows = if padded >= self.kernel {
            (padded - self.kernel).div_ceil(self.stride) + 1
        } else {
            // The ceiling of a negative quotient: one clipped window while less than a stride is missing.
            1usize.saturating_sub((self.kernel - padded) / self.stride)
        };
        if pad > 0 && windows > 0 && (windows - 1) * self.stride >= n + pad { windows - 1 } else { windows }
    }

    /// How many cells lie before the first of a side of `n`.
    pub const fn before(self, n: usize) -> usize {
        let Padding::Each(pad) = self.padding else {
            let last = n.div_ceil(self.stride).saturating_sub(1) * self.stride;
            return (last + self.kernel).saturating_sub(n) / 2;
        };
        pad
    }

    /// The window over an input of this shape.
    pub const fn over(self, input: Shape) -> PlacedWindow {
        let pad = (self.before(input.height), self.before(input.width));
        PlacedWindow { kernel: self.kernel, stride: self.stride, pad }
    }
}

/// A window over an input of known size: where the first one begins is no longer a rule but a number. Behind
/// the last cell there is as much padding as the output's size needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlacedWindow {
    /// Side of the window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// Rows before the first and columns before the first.
    pub pad: (usize, usize),
}

impl PlacedWindow {
    /// One cell at a time: the input as it is.
    pub const POINT: Self = Self { kernel: 1, stride: 1, pad: (0, 0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caffe_sizes_of_googlenet() {
        let conv1 = Window::new(7, 2, 3);
        let pool = Window::new(3, 2, 0);
        let sides = |n: usize| {
            let mut sides = vec![conv1.conv_size(n)];
            for _ in 0..4 {
                sides.push(pool.pool_size(sides[sides.len() - 1]));
            }
            sides
        };
        assert_eq!(sides(224), [112, 56, 28, 14, 7]);
        assert_eq!(sides(210), [105, 52, 26, 13, 6]);
        assert_eq!(sides(411), [206, 103, 51, 25, 12]);
        assert_eq!(sides(33), [17, 8, 4, 2, 1]);
    }

    #[test]
    fn small_maps_become_empty_only_where_caffe_says_so() {
        let pool = Window::new(3, 2, 0);
        assert_eq!([1, 2, 3, 4, 5].map(|n| pool.pool_size(n)), [0, 1, 1, 2, 2]);
        let same = Window::new(3, 1, 1);
        assert_eq!([1, 2, 7].map(|n| same.pool_size(n)), [1, 2, 7]);
        assert_eq!(Window::new(7, 2, 3).conv_size(1), 1);
        assert_eq!(Window::new(7, 2, 0).conv_size(6), 0);
    }

    #[test]
    fn same_padding_follows_the_size() {
        let conv1 = Window::same(7, 2);
        assert_eq!([224, 225, 1, 2].map(|n| conv1.conv_size(n)), [112, 113, 1, 1]);
        assert_eq!([224, 225, 1, 2].map(|n| conv1.before(n)), [2, 3, 3, 2]);
        let pool = Window::same(3, 2);
        assert_eq!([112, 105, 1, 0].map(|n| pool.pool_size(n)), [56, 53, 1, 0]);
        assert_eq!([112, 105, 1].map(|n| pool.before(n)), [0, 1, 1]);
        // Here the windows leave gaps: nothing is padded, nothing is negative.
        assert_eq!([4, 5].map(|n| Window::same(1, 2).before(n)), [0, 0]);
        let input = Shape::new(3, 8, 9);
        assert_eq!(conv1.over(input), PlacedWindow { kernel: 7, stride: 2, pad: (2, 3) });
    }
}

//! Shapes of feature maps, and the two size rules of Caffe. They live here and nowhere else.

use std::fmt;

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

/// A square sliding window: what a convolution or a pooling layer sees of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Side of the window.
    pub kernel: usize,
    /// Distance between neighbouring windows.
    pub stride: usize,
    /// Zeros (convolution) or nothing (pooling) added on every side of the input.
    pub pad: usize,
}

impl Window {
    /// A window of `kernel` x `kernel` cells.
    pub const fn new(kernel: usize, stride: usize, pad: usize) -> Self {
        Self { kernel, stride, pad }
    }

    /// How many windows a convolution places along a side of `n` cells: `floor((n + 2p - k) / s) + 1`,
    /// and 0 where not even one fits (Caffe, `conv_layer.cpp`).
    pub const fn conv_size(self, n: usize) -> usize {
        match (n + 2 * self.pad).checked_sub(self.kernel) {
            Some(room) => room / self.stride + 1,
            None => 0,
        }
    }

    /// How many windows a pooling layer places along a side of `n` cells: `ceil((n + 2p - k) / s) + 1`,
    /// less one if, with padding, the last would start outside the input (Caffe, `pooling_layer.cpp`).
    pub const fn pool_size(self, n: usize) -> usize {
        let padded = n + 2 * self.pad;
        let windows = if padded >= self.kernel {
            (padded - self.kernel).div_ceil(self.stride) + 1
        } else {
            // The ceiling of a negative quotient: one clipped window while less than a stride is missing.
            1usize.saturating_sub((self.kernel - padded) / self.stride)
        };
        if self.pad > 0 && windows > 0 && (windows - 1) * self.stride >= n + self.pad {
            windows - 1
        } else {
            windows
        }
    }
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
}

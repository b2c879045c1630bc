//! How a filter's matrix lies in memory for the convolution kernel: tile by tile, in reading order.

use crate::plan::convolution::{FilterKey, Matrix};

/// Inner cells of a group: four channels of one tap are one vec4.
pub(super) const GROUP: usize = 4;

/// Everything the packed matrix depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packing {
    /// Which matrix.
    pub filter: FilterKey,
    /// Rows of the tile of the kernel that reads it.
    pub rows: usize,
    /// Channels of the one or two sources; each source is padded to whole groups.
    pub channels: [usize; 2],
    /// How groups follow each other.
    pub order: GroupOrder,
}

/// The order of the groups along the inner dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupOrder {
    /// All channels of a tap, then the next tap: where a column finds a tap is worked out once.
    TapByTap,
    /// All taps of four channels, then the next four: what neighbouring taps share is read again at once.
    ChannelsByChannels,
}

impl Packing {
    /// The matrix as `[tile of rows][group][inner cell of the group][row of the tile]`, padded with zeros to
    /// whole tiles, whole groups and an even number of groups.
    pub fn pack(&self, matrix: &Matrix) -> Vec<f32> {
        let groups = self.groups(matrix.taps);
        let pitch = groups.len().next_multiple_of(2) * GROUP * self.rows;
        let mut packed = vec![0.0; matrix.rows.div_ceil(self.rows) * pitch];
        for (row, values) in matrix.values.chunks_exact(matrix.taps * matrix.channels).enumerate() {
            let tile = &mut packed[row / self.rows * pitch..][..pitch];
            for (group, cells) in groups.iter().enumerate() {
                for (inner, cell) in cells.clone().enumerate() {
                    tile[(group * GROUP + inner) * self.rows + row % self.rows] = values[cell];
                }
            }
        }
        packed
    }

    /// The inner cells of each group, up to four channels of one source.
    fn groups(&self, taps: usize) -> Vec<std::ops::Range<usize>> {
        let [first, second] = self.channels;
        let split = |from: usize, to: usize| (from..to).step_by(GROUP).map(move |at| at..to.min(at + GROUP));
        let of_tap = |tap: usize| -> Vec<_> {
            let at = tap * (first + second);
            split(at, at + first).chain(split(at + first, at + first + second)).collect()
        };
        let taps: Vec<Vec<_>> = (0..taps).map(of_tap).collect();
        match self.order {
            GroupOrder::TapByTap => taps.concat(),
            GroupOrder::ChannelsByChannels => {
                let group = |at: usize| taps.iter().map(move |tap| tap[at].clone());
                (0..taps[0].len()).flat_map(group).collect()
            }
        }
    }
}

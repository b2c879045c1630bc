//! How a filter's matrix is laid out in memory for the convolution kernels: four rows at a time, in reading
//! order, so that tiles of every height read it in the same way.

use crate::plan::convolution::{FilterKey, Matrix};

/// Inner cells of a group: four channels of one tap form one vec4.
pub(super) const GROUP: usize = 4;
/// Rows that are stored together; these form a vec4 too.
const QUAD: usize = 4;

/// Everything the packed matrix depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packing {
    /// The matrix that is packed.
    pub filter: FilterKey,
    /// Channels of the one or two sources; each source is padded to whole groups.
    pub channels: [usize; 2],
    /// The order of the groups.
    pub order: GroupOrder,
}

/// The order of the groups along the inner dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupOrder {
    /// All channels of a tap, then the next tap: where a column finds a tap is computed only once.
    TapByTap,
    /// All taps of four channels, then the next four channels: cells that neighbouring taps share are soon read
    /// again.
    ChannelsByChannels,
}

impl Packing {
    /// The matrix as `[row / 4][group][inner cell of the group][row % 4]`, padded with zeros to a multiple of
    /// four rows, to whole groups, and to an even number of groups.
    pub fn pack(&self, matrix: &Matrix) -> Vec<f32> {
        let groups = self.groups(matrix.taps);
        let pitch = self.pitch(matrix.taps);
        let mut packed = vec![0.0; self.cells(matrix.rows, matrix.taps)];
        for (row, values) in matrix.values.chunks_exact(matrix.taps * matrix.channels).enumerate() {
            let quad = &mut packed[row / QUAD * pitch..][..pitch];
            for (group, cells) in groups.iter().enumerate() {
                for (inner, cell) in cells.clone().enumerate() {
                    quad[(group * GROUP + inner) * QUAD + row % QUAD] = values[cell];
                }
            }
        }
        packed
    }

    /// Cells that a packed matrix of this many rows and taps has.
    pub fn cells(&self, rows: usize, taps: usize) -> usize {
        rows.div_ceil(QUAD) * self.pitch(taps)
    }

    /// Cells of four rows.
    fn pitch(&self, taps: usize) -> usize {
        let groups: usize = self.channels.iter().map(|channels| channels.div_ceil(GROUP)).sum();
        (taps * groups).next_multiple_of(2) * GROUP * QUAD
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

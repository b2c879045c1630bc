//! What is climbed: scalars of layers, one or several together.

use super::crowd::Member;
use crate::extent::Extent;
use crate::net::{LayerId, ShapeError};
use crate::plan::View;

/// Something to climb: a scalar of one layer, times a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The layer.
    pub layer: LayerId,
    /// Which scalar of its value.
    pub aim: Aim,
    /// Factor; negative to descend.
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
    /// For each cell the largest dot product with a column of a guide, summed: the notebook's
    /// `objective_guide`.
    Guide(Given),
    /// Mean dot product of the cells with a direction, which is the only column.
    Direction(Given),
    /// The same, with each cell's dot product times a power of its cosine with the direction: see
    /// [`Align`](crate::plan::Align).
    Aligned(Given, u32),
    /// Half the sum of the squared distances between the Gram matrix of this picture's map, divided by its
    /// length, and those of all pictures of its [`Crowd`](super::Crowd). Its gradient is that of the sum over
    /// the whole crowd, in which each distance occurs twice.
    Diversity,
}

/// Columns that the host supplies, with as many channels as the layer: see
/// [`Plan::given`](crate::plan::Plan::given).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The number of their buffer.
    pub number: usize,
    /// How many columns.
    pub columns: usize,
}

/// Which part of a target's map a tile contributes to the map of a larger picture. The gates are maps of one
/// channel, of the same height and width, that the host fills: 1 for a cell that counts, 0 for one that does
/// not.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Cells in a channel of the whole map: the number that means are over.
    pub whole: usize,
    /// The number of tiles that share the target. A layer that would see the whole picture sees only the
    /// tile, so the mean over the tiles is climbed. 1 for a target of a local layer, whose cells have places
    /// in the picture.
    pub tiles: usize,
    /// Which cells count in the value.
    pub own: View,
    /// For a neuron, which cell it is; all zeros if it is not in this tile.
    pub neuron: Option<View>,
}

/// Why lowering failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// The picture is too small for a layer.
    #[error(transparent)]
    Size(#[from] ShapeError),
    /// A neuron lies outside its map.
    #[error(
        "neuron {row},{column} lies outside layer '{layer}', which is {} rows by {} columns for a \
         picture of {picture}", map.height, map.width
    )]
    Neuron {
        /// Layer name.
        layer: String,
        /// The row that was asked for.
        row: usize,
        /// The column that was asked for.
        column: usize,
        /// The size of the layer's map.
        map: Extent,
        /// The size of the picture.
        picture: Extent,
    },
}

/// Targets whose sum is climbed.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Each with the part of its map that belongs to the tile, if this is a tile.
    pub targets: Vec<(Target, Option<Part>)>,
    /// One cell, which receives the sum.
    pub value: View,
    /// The number of the first target among all targets of the octave, if each iteration supplies their
    /// weights.
    pub dialled: Option<usize>,
    /// Which of several pictures it is, if they are climbed together.
    pub member: Option<Member>,
}

impl Goal {
    /// Targets that are climbed on the whole of their maps.
    pub fn whole(targets: &[Target], value: View) -> Self {
        Self {
            targets: targets.iter().map(|&target| (target, None)).collect(),
            value,
            dialled: None,
            member: None,
        }
    }
}

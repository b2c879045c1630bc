//! What is climbed: scalars of layers, alone and together.

use super::crowd::Member;
use crate::extent::Extent;
use crate::net::{LayerId, ShapeError};
use crate::plan::View;

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
    /// The same of each cell, times a power of its cosine with the direction: see [`Align`](crate::plan::Align).
    Aligned(Given, u32),
    /// Half the sum of the squared distances between the Gram matrix of this picture's map, divided by its length, and those
    /// of all pictures of its [`Crowd`](super::Crowd); its gradient is that of the sum over the crowd, in which each distance is twice.
    Diversity,
}

/// Columns with as many channels as the layer, which the host gives: see
/// [`Plan::given`](crate::plan::Plan::given).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Under which number.
    pub number: usize,
    /// How many columns.
    pub columns: usize,
}

/// The part of a target's map that a tile has of a larger picture's. Its gates are maps of one channel, as
/// high and wide, that the host fills: 1 for a cell that counts, 0 for one that does not.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Cells of a channel of the whole map: what means are over.
    pub whole: usize,
    /// Among how many tiles the target is shared: what sees the whole picture sees only its tile, and what is
    /// climbed is the mean over the tiles. 1 for a target that its layer's cells see at their places.
    pub tiles: usize,
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
        "neuron {row},{column} lies outside layer '{layer}', which is {} rows by {} columns for a \
         picture of {picture}", map.height, map.width
    )]
    Neuron {
        /// Layer name.
        layer: String,
        /// Asked for.
        row: usize,
        /// Asked for.
        column: usize,
        /// The size of the layer's map.
        map: Extent,
        /// The size of the picture.
        picture: Extent,
    },
}

/// Targets whose sum is climbed together.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Each with the part of its map that a tile has, if this is one.
    pub targets: Vec<(Target, Option<Part>)>,
    /// One cell, where the sum is left.
    pub value: View,
    /// The number of the first target among all whose weights each turn brings, if it does.
    pub dialled: Option<usize>,
    /// Which of several pictures it is, if they are climbed together.
    pub member: Option<Member>,
}

impl Goal {
    /// Targets that have all of their maps.
    pub fn whole(targets: &[Target], value: View) -> Self {
        Self {
            targets: targets.iter().map(|&target| (target, None)).collect(),
            value,
            dialled: None,
            member: None,
        }
    }
}

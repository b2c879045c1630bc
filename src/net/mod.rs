//! What the network is: layers as data, their shapes, and their weights.
//!
//! Nothing in here knows a machine, a step or a picture. A table for each [`Variant`] declares every layer
//! once; shapes, weight checks, plans and benchmarks follow from it.

pub mod axis;
pub mod googlenet;
pub mod graph;
mod inception5h;
mod meant;
mod named;
mod resident;
pub mod shape;
mod table;
mod torchvision;
pub mod variant;
pub mod weights;

pub use axis::Axis;
pub use graph::{Layer, LayerId, Lrn, Network, Op, ReceptiveField, ShapeError, UnknownLayer};
pub use named::NamedChannel;
pub use resident::DeviceId;
pub use shape::{Padding, PlacedWindow, Shape, Window};
pub use variant::Variant;
pub use weights::{Filter, Weights, WeightsError};

//! What the network is: layers as data, their shapes, and their weights.
//!
//! Nothing in here knows a machine, a step or a picture. [`googlenet::googlenet`] declares every layer
//! once; shapes, weight checks, plans and benchmarks follow from that table.

pub mod googlenet;
pub mod graph;
pub mod shape;
pub mod variant;
pub mod weights;

pub use graph::{Layer, LayerId, Lrn, Network, Op, ReceptiveField, ShapeError, UnknownLayer};
pub use shape::{Shape, Window};
pub use variant::Variant;
pub use weights::{Filter, Weights, WeightsError};

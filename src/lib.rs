//! puppyslug: DeepDream in hand-written WGSL.
#![warn(missing_docs)]

pub mod gpu;
pub mod machine;
pub mod net;
pub mod plan;

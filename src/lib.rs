//! puppyslug: DeepDream in hand-written WGSL.
#![warn(missing_docs)]

pub mod cpu;
pub mod machine;
pub mod net;
pub mod plan;

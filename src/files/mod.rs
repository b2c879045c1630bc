//! How files are read whole, written whole or not at all, and told from one another.

pub mod digest;
pub(crate) mod input;
pub mod output;

//! How files are read whole, written whole or not at all, told from one
//! another, and how large they are in words.

pub mod bytes;
pub mod digest;
pub(crate) mod input;
pub(crate) mod npy;
pub mod output;
mod reserved;
pub(crate) mod stand_in;

//! The subcommands, one file each: its arguments, and what it does with the library.

pub(crate) mod atlas;
pub(crate) mod bench;
pub(crate) mod classify;
pub(crate) mod completions;
pub(crate) mod devices;
pub(crate) mod dream;
pub(crate) mod flow;
pub(crate) mod layers;
pub(crate) mod probe;
pub(crate) mod replay;
pub(crate) mod resume;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod video;
pub(crate) mod visualize;
pub(crate) mod weights;
pub(crate) mod why;

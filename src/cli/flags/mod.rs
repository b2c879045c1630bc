//! The flags that subcommands share, each declared once.

pub(crate) mod batch;
pub(crate) mod climbing;
pub(crate) mod device;
pub(crate) mod dreaming;
pub(crate) mod inputs;
pub(crate) mod naming;
pub(crate) mod network;
pub(crate) mod objectives;
pub(crate) mod output;
pub(crate) mod references;
pub(crate) mod settings;
pub(crate) mod way;

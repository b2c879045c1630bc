//! Flags that subcommands share.

pub(super) mod settings;

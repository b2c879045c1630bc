//! puppyslug: DeepDream as one native program.
//!
//! ```text
//!     cli/      one file a subcommand: arguments in, progress and exit codes out
//!       |
//!     studio/   a dream as a job: a request in, events out; rooms, batches, replays
//!       |
//!     bench/    an iteration of a dream, timed
//!       |
//!     dream/    pictures and time: octaves, jitter, objectives, tiles, the probe
//!       |
//!     settings/ how a setting is declared, and what follows from that
//!       |
//!     device    which machine a name means
//!      /   \
//!   gpu/   cpu/     two machines that run the same plan: wgpu and shaders/*.wgsl; rayon and a GEMM crate
//!      \   /
//!     machine   their contract: load a plan, run its phases
//!       |
//!     plan/     in what order, in which memory: steps as data, forward and backward
//!       |
//!     net/      what the network is: layers as data, shapes, weights
//! ```
//!
//! Beside them, for `cli` alone, where weights come from: `import/` reads the formats that others keep them in, `fetch/`
//! downloads, `store` keeps. Below all, how files are read, written and told apart
//! (`files`), what would help against an error (`remedy`), and which name a misspelt one may mean (`spelling`).
//!
//! Imports point down only. A layer is declared once, in [`net::googlenet`]; everything else follows. To
//! dream a picture see [`studio`], or [`dream`] for the loop alone; to look inside the network see [`dream::probe`].

pub mod bench;
pub mod cli;
pub mod cpu;
pub mod device;
pub mod dream;
pub mod extent;
pub mod fetch;
pub mod files;
pub mod gpu;
pub mod import;
pub mod machine;
pub mod net;
pub mod picture;
pub mod plan;
pub mod remedy;
pub mod settings;
mod spelling;
pub mod store;
pub mod studio;

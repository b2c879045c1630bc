//! puppyslug: DeepDream as one native program.
//!
//! ```text
//!     cli/      one file a subcommand: arguments in, progress and exit codes out
//!       |
//!     dream/    pictures and time: octaves, jitter, objectives, the probe      bench/  the same, timed
//!       |
//!     net/      what the network is: layers as data, shapes, weights
//!               (import/: from the formats that others keep them in; fetch/ and store: from where, to where)
//!       |
//!     plan/     in what order, in which memory: steps as data, forward and backward
//!       |
//!     machine   the contract: load a plan, run its phases
//!      /   \
//!   gpu/   cpu/     run the same plan: wgpu and shaders/*.wgsl; rayon and a GEMM crate
//! ```
//!
//! Imports point down only. A layer is declared once, in [`net::googlenet`]; everything else follows. To
//! dream a picture see [`dream`], to look inside the network see [`dream::probe`].

pub mod bench;
pub mod cli;
pub mod cpu;
pub mod device;
mod digest;
pub mod dream;
pub mod fetch;
pub mod gpu;
pub mod import;
mod input;
pub mod machine;
pub mod net;
pub mod output;
pub mod plan;
pub mod store;

//! DeepDream as a library: a trained GoogLeNet, forward and backward, and the loop that climbs a picture
//! towards what one of its layers, channels, neurons or classes likes to see. Kernels are hand-written WGSL
//! over wgpu; where there is no GPU, the same plan runs on the processor.
//!
//! # What to do with it
//!
//! * Dream: [`dream::Dream`] is the loop, prepared once and run any number of times. Its example is the place to begin.
//! * Run dreams as jobs: [`studio`] takes requests and sends events, cancels, keeps checkpoints, and lets many dreams share
//!   a device's memory.
//! * See what the network has learned: [`visualize::Visualization`] makes a picture of nothing, towards what a part of it likes
//!   to see; [`studio::AtlasRequest`] makes a page of all channels, which [`atlas`] writes.
//! * Look inside the network: [`dream::probe`] reads activations and gradients, [`dream::classify`] names what a picture shows.
//! * See what moves: [`flow::FlowFinder`] says where each pixel of one picture lies in another.
//! * Measure: [`mod@bench`] times an iteration kernel by kernel.
//! * Find weights and devices: [`store`] keeps weights by name, [`device::open`] opens the machine that a name means, and
//!   [`net::Weights::embedded`] is a network that is always there.
//!
//! # How it is built
//!
//! ```text
//!     serve/    a page of one's own: jobs over HTTP
//!       |
//!     studio/   a dream as a job: a request in, events out; rooms, batches, replays
//!       |
//!     bench/    an iteration of a dream, timed; visualize/ a picture out of nothing
//!       |
//!     dream/    pictures and time: octaves, jitter, objectives, tiles, the probe
//!       |
//!     settings/ how a setting is declared, and what follows from that
//!       |
//!     device/   which machine a name means
//!      /   \
//!   gpu/   cpu/     two machines that run the same plan: wgpu and shaders/*.wgsl; rayon and vectors by pulp
//!      \   /
//!     machine   their contract: load a plan, run its phases
//!       |
//!     plan/     in what order, in which memory: steps as data, forward and backward
//!       |
//!     net/      what the network is: layers as data, shapes, weights
//! ```
//!
//! Beside them stand `flow/`, which has the motion between two pictures found by a machine, and `carry/`, by which the dreams
//! of a film's frames become one; `import/`, which reads the
//! formats that others keep weights in, `fetch/`, which downloads weights, and `store`, which keeps them; and `film/`, which
//! has ffmpeg read and write films. Below all: pictures (`picture/`), files (`files/`),
//! sizes (`extent`), what would help against an error (`remedy`), and which name a misspelt one may mean
//! (`spelling`). The command line, `puppyslug`, is one client of all this; it is in the library too, for its
//! tests, but nothing else here knows of it.
//!
//! Imports point down only. A layer is declared once, in [`net::googlenet`]; everything else follows.
//!
//! # Features
//!
//! All are on by default. An application usually wants `default-features
//! = false` and one or both of the machines.
//!
//! | feature | what it brings |
//! |---|---|
//! | `gpu` | the GPU machine, on Vulkan, Metal or DX12 |
//! | `cpu` | the processor machine, and with it pictures that are too large for a GPU in one piece: they are dreamed in tiles, and kept whole on the processor |
//! | `import` | weights in the formats of Caffe, ONNX, PyTorch, TensorFlow and NumPy |
//! | `fetch` | published weights from the network |
//! | `serve` | a page of one's own, served on this computer |
//! | `program` | the command line; `puppyslug serve` needs `serve` too |
//!
//! What a build leaves out is an error where it is asked for: [`machine::MachineError::NotBuilt`] says what
//! it was wanted for, and its [`remedy`] names the feature.

// What is printed goes through `cli::terminal`, which knows of closed pipes and progress bars.
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]

pub mod atlas;
pub mod bench;
pub mod carry;
#[cfg(feature = "program")]
pub mod cli;
#[cfg(feature = "cpu")]
pub mod cpu;
pub mod device;
pub mod dream;
pub mod extent;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod files;
pub mod film;
pub mod flow;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "import")]
pub mod import;
pub mod machine;
pub mod net;
pub mod picture;
pub mod plan;
pub mod remedy;
#[cfg(feature = "serve")]
pub mod serve;
pub mod settings;
mod spelling;
pub mod store;
pub mod studio;
pub mod visualize;

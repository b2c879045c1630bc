//! DeepDream as a library: a trained GoogLeNet, forward and backward, and the gradient ascent that changes a
//! picture towards what one of its layers, channels, neurons or classes likes to see. The kernels are hand-written
//! WGSL, run with wgpu; without a GPU, the same plan runs on the CPU.
//!
//! # What you can do with it
//!
//! * Dream: [`dream::Dream`] is the loop, which is prepared once and run any number of times. Start with its
//!   example.
//! * Run dreams as jobs: [`studio`] takes requests, sends events, cancels jobs, keeps checkpoints, and lets many
//!   dreams share a device's memory.
//! * See what the network has learned: [`visualize::Visualization`] turns noise into a picture of what a part of
//!   it likes to see; [`studio::AtlasRequest`] makes a page of all channels, which [`atlas`] writes.
//! * Look inside the network: [`dream::probe`] reads activations and gradients, [`dream::classify`] names what a
//!   picture shows.
//! * See what moves: [`flow::FlowFinder`] finds where each pixel of one picture has moved in another.
//! * Measure speed: [`mod@bench`] times an iteration, kernel by kernel.
//! * Find weights and devices: [`store`] keeps weights by name, [`device::open`] opens the machine that a name
//!   means, and [`net::Weights::embedded`] is always available.
//!
//! # How it is built
//!
//! ```text
//!     serve/    a private web page: jobs over HTTP
//!       |
//!     studio/   a dream as a job: a request in, events out; rooms, batches, replays
//!       |
//!     bench/    times an iteration of a dream; visualize/ makes a picture from noise
//!       |
//!     dream/    the loop over pictures: octaves, jitter, objectives, tiles, the probe
//!       |
//!     settings/ how a setting is declared, and all that is derived from that
//!       |
//!     device/   finds the machine that a name means
//!      /   \
//!   gpu/   cpu/     two machines that run the same plan: wgpu and shaders/*.wgsl; rayon and SIMD with pulp
//!      \   /
//!     machine   their contract: load a plan, run its phases
//!       |
//!     plan/     the order of steps and their memory: steps as data, forward and backward
//!       |
//!     net/      the network: layers as data, shapes, weights
//! ```
//!
//! Beside these are `flow/`, which estimates the motion between two pictures, and `carry/`, which joins the dreams
//! of a film's frames into one; `import/`, which reads other programs' formats of weights, `fetch/`, which
//! downloads weights, and `store`, which keeps them; and `film/`, which reads and writes films through ffmpeg.
//! Everything builds on pictures (`picture/`), files (`files/`), sizes (`extent`), remedies for errors (`remedy`),
//! and suggestions for misspelt names (`spelling`). The command line, `puppyslug`, is one client of all this. It
//! is part of the library so that it can be tested, but nothing else here depends on it.
//!
//! Modules import only from those below them. A layer is declared once, in [`net::googlenet`]; everything else is
//! derived from that.
//!
//! # Features
//!
//! All features are on by default. An application usually wants `default-features = false` and one or both of the
//! machines.
//!
//! | feature | what it adds |
//! |---|---|
//! | `gpu` | the GPU machine, on Vulkan, Metal or DX12 |
//! | `cpu` | the CPU machine, and with it pictures that are too large for a GPU in one piece: the GPU dreams them
//! in tiles, and the CPU keeps them whole |
//! | `import` | weights in the formats of Caffe, ONNX, PyTorch, TensorFlow and NumPy |
//! | `fetch` | downloads of published weights |
//! | `serve` | a private web page, served on this computer |
//! | `program` | the command line; `puppyslug serve` needs `serve` too |
//!
//! A request for something that a build leaves out is an error: [`machine::MachineError::NotBuilt`] says what it
//! was needed for, and its [`remedy`] names the feature.

// All printing goes through `cli::terminal`, which handles closed pipes and progress bars.
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

//! What the test programs share: the oracle and its comparators, machines to test on, files good and bad, a desk
//! to run the program at, a server to fetch from.

mod compare;
mod data;
mod desk;
mod exif;
mod film;
mod forks;
mod machines;
pub mod oracle;
pub mod pickle;
mod random;
mod relocate;
mod server;
mod small;
pub mod state_dict;
mod trial;
mod weights_file;
pub mod wire;
pub mod zip;

pub use compare::{ACTIVATION, GRADIENT, psnr, relative_distance, within};
pub use data::{Golden, fixture, project, shared};
pub use desk::{Desk, Ran, program};
pub use exif::turned;
pub use film::{frame_times, frames_of, headers_of, make_film, probe_film, turn_film};
pub use forks::{run_along_branches, unshared};
pub use machines::{across_machines, gpu_skipped, on_each_kernel, on_each_machine, on_tiles};
pub use random::{Random, random_weights};
pub use relocate::relocate;
pub use server::{Manners, Server};
pub use small::{small_googlenet, small_weights};
pub use trial::{Trial, module, run_all};
pub use weights_file::{Tensor, WeightsFile, hostile_weights};

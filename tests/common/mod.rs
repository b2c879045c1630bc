//! What the test programs share.
#![allow(dead_code, unused_imports, reason = "each test program uses a part")]

mod compare;
mod data;
mod forks;
mod machines;
mod random;
mod small;

pub(crate) use compare::{ACTIVATION, GRADIENT, psnr, relative_distance, within};
pub(crate) use data::{Golden, shared};
pub(crate) use forks::{run_along_branches, unshared};
pub(crate) use machines::{across_machines, on_each_kernel, on_each_machine, on_each_tile, run_all};
pub(crate) use random::{Random, random_weights};
pub(crate) use small::{small_googlenet, small_weights};

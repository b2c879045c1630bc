//! Files that the tests make, good and bad, and how to look into those that the program makes.
#![allow(dead_code, unused_imports, reason = "each test program uses a part")]

#[path = "../common/data.rs"]
pub(crate) mod data;
mod exif;
#[path = "../common/random.rs"]
mod random;
mod weights_file;

pub(crate) use data::{Golden, shared};
pub(crate) use exif::turned;
pub(crate) use random::Random;
pub(crate) use weights_file::{Tensor, WeightsFile, hostile_weights};

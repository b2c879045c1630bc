//! Pictures in tiles: the gradient that tiles put together, and the dreams that climb it, against the untiled.

#[path = "../common/mod.rs"]
mod common;
#[path = "../oracle/mod.rs"]
mod oracle;

mod gradient;

fn main() {
    common::run_all(gradient::trials()).exit();
}

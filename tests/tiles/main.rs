//! Pictures in tiles: the gradient that tiles put together, and the dreams that climb it, against the untiled.

#[path = "../common/mod.rs"]
mod common;
#[path = "../oracle/mod.rs"]
mod oracle;

mod dream;
mod gradient;
mod seams;

fn main() {
    let trials = [gradient::trials(), dream::trials(), seams::trials()];
    common::run_all(trials.into_iter().flatten().collect()).exit();
}

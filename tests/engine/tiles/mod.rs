//! Pictures in tiles: the gradient that tiles put together, and the dreams that climb it, against the untiled.

mod dream;
mod gradient;
mod seams;

pub(crate) fn trials() -> Vec<testkit::Trial> {
    let trials = [gradient::trials(), dream::trials(), seams::trials()];
    trials.into_iter().flatten().collect()
}

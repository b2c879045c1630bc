//! What the fuzz targets have in common: see `tests/hostile`, which replays what they found.

#[path = "../../tests/hostile/target.rs"]
mod target;

/// Lets the target read the bytes.
///
/// # Panics
/// If the reader does, or if it allocates too much.
pub fn run(target: &str, bytes: &[u8]) {
    assert!(target::TARGETS.contains(&target), "the tests do not know {target}");
    target::run(target, bytes);
}

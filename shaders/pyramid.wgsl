// The window of a Laplacian pyramid, and where the first one begins.

const BINOMIAL = array<f32, 5>(0.0625, 0.25, 0.375, 0.25, 0.0625);

/// How far before a map of this size the first window begins.
fn first(size: u32) -> i32 {
    return 1 + i32(size % 2u);
}

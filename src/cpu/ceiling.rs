//! What the processor can do at most: the GEMM crate on a matrix that suits it, and a plain copy.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::gemm::{Left, Panel, Right};
use crate::machine::Ceiling;

/// Side of the square matrices that each thread multiplies.
const SIDE: usize = 768;
/// Cells that each thread copies: well beyond any cache.
const CELLS: usize = 1 << 24;

pub(super) fn measure() -> Ceiling {
    let threads = rayon::current_num_threads();
    let left = Left::new(SIDE, SIDE, |_, _| 0.5);
    let right = Right { cells: &vec![0.5; SIDE * SIDE], pitch: SIDE };
    let mut products = vec![0.0; threads * SIDE * SIDE];
    let multiply = fastest(|| {
        products.par_chunks_exact_mut(SIDE * SIDE).for_each(|product| {
            Panel::new(product, SIDE).multiply(left.block(0..SIDE, 0..SIDE), right, false);
        });
    });
    let source = vec![1.0f32; threads * CELLS];
    let mut target = vec![0.0f32; threads * CELLS];
    let copy = fastest(|| {
        let pairs = target.par_chunks_exact_mut(CELLS).zip(source.par_chunks_exact(CELLS));
        pairs.for_each(|(to, from)| to.copy_from_slice(from));
    });
    Ceiling {
        flops: (threads * 2 * SIDE.pow(3)) as f64 / multiply.as_secs_f64(),
        bytes: (threads * 2 * 4 * CELLS) as f64 / copy.as_secs_f64(),
    }
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let times = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

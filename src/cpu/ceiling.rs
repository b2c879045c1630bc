//! The peak performance of the processor: GEMM tiles whose operands fit the L1 cache, and a plain copy.

use std::time::{Duration, Instant};

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::gemm::{COLUMNS, ROWS, Tile, multiply};
use super::isa::Isa;
use crate::machine::Ceiling;

/// Terms of each sum.
const DEPTH: usize = 128;
/// Tiles that each thread computes.
const TILES: usize = 1 << 14;
/// Cells that each thread copies, far more than any cache holds.
const CELLS: usize = 1 << 24;

pub(super) fn measure(isa: Isa) -> Ceiling {
    let threads = rayon::current_num_threads();
    let multiply = fastest(|| {
        (0..threads).into_par_iter().for_each(|_| {
            std::hint::black_box(isa.run(Tiles));
        });
    });
    let source = vec![1.0f32; threads * CELLS];
    let mut target = vec![0.0f32; threads * CELLS];
    let copy = fastest(|| {
        let pairs = target.par_chunks_exact_mut(CELLS).zip(source.par_chunks_exact(CELLS));
        pairs.for_each(|(to, from)| to.copy_from_slice(from));
    });
    Ceiling {
        flops: (threads * TILES * 2 * ROWS * COLUMNS * DEPTH) as f64 / multiply.as_secs_f64(),
        bytes: (threads * 2 * 4 * CELLS) as f64 / copy.as_secs_f64(),
    }
}

/// Computes the same tile again and again.
struct Tiles;

impl WithSimd for Tiles {
    type Output = Tile;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Tile {
        let (left, right) = ([0.5; DEPTH * ROWS], [0.5; DEPTH * COLUMNS]);
        let mut tiles: [Tile; 1] = [[[0.0; COLUMNS]; ROWS]];
        for _ in 0..TILES {
            multiply(simd, &[std::hint::black_box(&left)], &right, COLUMNS, &mut tiles);
        }
        tiles[0]
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

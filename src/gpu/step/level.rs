//! Changes the mean and standard deviation of a map.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Level;

kernel! { "level" ["common"] [Params, Read, Write] LevelParams { x: u32, levels: u32, cells: u32 } }

impl Dispatched for Level {
    const KERNELS: &[Kernel] = &[LevelParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, levels } = self;
        let params = LevelParams { x: at(x), levels: at(levels), cells: cells(x) };
        vec![per_cell(&params, &[], x.shape.len(), vec![buffer(levels), buffer(x)])]
    }
}

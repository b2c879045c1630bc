//! The difference of two maps.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Difference;

kernel! {
    "difference" ["common"] [Params, Read, Read, Write]
    DifferenceParams { a: u32, b: u32, y: u32, cells: u32 }
}

impl Dispatched for Difference {
    const KERNELS: &[Kernel] = &[DifferenceParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { a, b, y } = self;
        let params = DifferenceParams { a: at(a), b: at(b), y: at(y), cells: cells(y) };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(a), buffer(b), buffer(y)])]
    }
}

//! The pull back towards a source.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Pull;

kernel! {
    "pull" ["common"] [Params, Read, Write]
    PullParams { x: u32, source: u32, plane: u32, luma: f32, chroma: f32 }
}

impl Dispatched for Pull {
    const KERNELS: &[Kernel] = &[PullParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref x, ref source, luma, chroma } = self;
        let [luma, chroma] = [luma, chroma].map(|part| site.number(part));
        let plane = x.shape.plane();
        let params = PullParams { x: at(x), source: at(source), plane: int(plane), luma, chroma };
        vec![per_cell(&params, &[], plane, vec![buffer(source), buffer(x)])]
    }
}

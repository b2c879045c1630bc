//! The ReLU, where it is a step of its own.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, buffer, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Relu;

kernel! { "relu" ["common"] reads "" [Params, Read, Write] ReluParams { x: u32, y: u32, blocks: u32 } }

impl Dispatched for Relu {
    const KERNELS: &[Kernel] = &[ReluParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, y } = self;
        let layout = site.layout(x);
        let params = ReluParams { x: layout.at(x), y: layout.at(y), blocks: layout.blocks(y) };
        let blocks = y.shape.len() / layout.block();
        vec![per_cell(&params, &[], blocks, vec![buffer(x), buffer(y)]).in_layout(layout)]
    }
}

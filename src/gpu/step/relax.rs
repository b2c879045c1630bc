//! Half a sweep of successive over-relaxation.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Relax;

kernel! {
    "relax" ["common"] [Params, Read, Read, Write]
    RelaxParams {
        x: u32, system: u32, y: u32, height: u32, width: u32, odd: u32, omega: f32,
    }
}

impl Dispatched for Relax {
    const KERNELS: &[Kernel] = &[RelaxParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, system, y, odd, omega } = self;
        let params = RelaxParams {
            x: at(x),
            system: at(system),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            odd: u32::from(*odd),
            omega: *omega,
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(x), buffer(system), buffer(y)])]
    }
}

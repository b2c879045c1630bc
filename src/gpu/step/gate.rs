//! Which cells count.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, gradient, int, leave};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Gate;

kernel! {
    "gate" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read]
    GateParams leaves { x: u32, gate: u32, plane: u32, blocks: u32 }
}

impl Dispatched for Gate {
    const KERNELS: &[Kernel] = &[GateParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, gate, y } = self;
        let layout = site.layout(x);
        let params = GateParams {
            x: layout.at(x),
            gate: at(gate),
            plane: int(gate.shape.plane()),
            blocks: layout.blocks(x),
            ..leave(y, layout)
        };
        vec![gradient(&params, &[], y, vec![buffer(x), buffer(gate)], layout)]
    }
}

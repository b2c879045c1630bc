//! Total variation.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::Variation;

kernel! {
    "variation" ["common"] [Params, Read, Write]
    VariationParams {
        x: u32, dx: u32, height: u32, width: u32, cells: u32, scale: f32, power: f32,
    }
}

impl Dispatched for Variation {
    const KERNELS: &[Kernel] = &[VariationParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref x, ref dx, weight, exponent } = self;
        let [weight, exponent] = [weight, exponent].map(|number| site.number(number));
        let params = VariationParams {
            x: at(x),
            dx: at(dx),
            height: int(x.shape.height),
            width: int(x.shape.width),
            cells: cells(dx),
            scale: weight * exponent / 255f32.powf(exponent - 1.0),
            power: exponent / 2.0 - 1.0,
        };
        vec![per_cell(&params, &[], dx.shape.len(), vec![buffer(x), buffer(dx)])]
    }
}

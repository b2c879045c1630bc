//! A picture translated, rotated and scaled, and the transpose of that.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Transform, TransformGradient};

kernel! {
    "transform" ["common", "place"] [Params, Read, Write]
    TransformParams {
        x: u32, y: u32, height: u32, width: u32, out_width: u32, out_plane: u32,
        m0: f32, m1: f32, m2: f32, m3: f32, m4: f32, m5: f32,
        outside0: f32, outside1: f32, outside2: f32,
    }
}

kernel! {
    "transform_gradient" ["common", "place"] [Params, Read, Write]
    TransformGradientParams {
        dy: u32, dx: u32, width: u32, plane: u32, out_height: u32, out_width: u32,
        m0: f32, m1: f32, m2: f32, m3: f32, m4: f32, m5: f32,
    }
}

impl Dispatched for Transform {
    const KERNELS: &[Kernel] = &[TransformParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref x, ref y, matrix, outside: [outside0, outside1, outside2] } = self;
        let [m0, m1, m2, m3, m4, m5] = matrix.map(|number| site.number(number));
        let params = TransformParams {
            x: at(x),
            y: at(y),
            height: int(x.shape.height),
            width: int(x.shape.width),
            out_width: int(y.shape.width),
            out_plane: int(y.shape.plane()),
            m0,
            m1,
            m2,
            m3,
            m4,
            m5,
            outside0,
            outside1,
            outside2,
        };
        vec![per_cell(&params, &[], y.shape.plane(), vec![buffer(x), buffer(y)])]
    }
}

impl Dispatched for TransformGradient {
    const KERNELS: &[Kernel] = &[TransformGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let &Self { ref dy, ref dx, matrix } = self;
        let [m0, m1, m2, m3, m4, m5] = matrix.map(|number| site.number(number));
        let params = TransformGradientParams {
            dy: at(dy),
            dx: at(dx),
            width: int(dx.shape.width),
            plane: int(dx.shape.plane()),
            out_height: int(dy.shape.height),
            out_width: int(dy.shape.width),
            m0,
            m1,
            m2,
            m3,
            m4,
            m5,
        };
        vec![per_cell(&params, &[], dx.shape.plane(), vec![buffer(dy), buffer(dx)])]
    }
}

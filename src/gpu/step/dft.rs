//! The discrete Fourier transform of spectra, as plain sums: compared with a network, their operations cost a GPU
//! little.

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, cells, int, per_cell};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{DftColumns, DftRows, DftRowsGradient};

kernel! {
    "dft_columns" ["common"] [Params, Read, Read, Read, Write]
    DftColumnsParams {
        x: u32, scale: u32, waves: u32, y: u32, height: u32, width: u32, cells: u32, back: u32,
    }
}

kernel! {
    "dft_rows" ["common"] [Params, Read, Read, Write]
    DftRowsParams {
        x: u32, waves: u32, y: u32, columns: u32, length: u32, height: u32, width: u32, cells: u32,
    }
}

kernel! {
    "dft_rows_gradient" ["common"] [Params, Read, Read, Write]
    DftRowsGradientParams {
        dy: u32, waves: u32, dx: u32, columns: u32, length: u32, height: u32, width: u32, cells: u32,
    }
}

impl Dispatched for DftColumns {
    const KERNELS: &[Kernel] = &[DftColumnsParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, scale, waves, y, back } = self;
        let complex = x.shape.len() / 2;
        let params = DftColumnsParams {
            x: at(x),
            scale: at(scale),
            waves: at(waves),
            y: at(y),
            height: int(scale.shape.height),
            width: int(x.shape.width),
            cells: int(complex),
            back: u32::from(*back),
        };
        let resources = vec![buffer(x), buffer(scale), buffer(waves), buffer(y)];
        vec![per_cell(&params, &[], complex, resources)]
    }
}

impl Dispatched for DftRows {
    const KERNELS: &[Kernel] = &[DftRowsParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, waves, y } = self;
        let params = DftRowsParams {
            x: at(x),
            waves: at(waves),
            y: at(y),
            columns: int(x.shape.width),
            length: int(waves.shape.width),
            height: int(y.shape.height),
            width: int(y.shape.width),
            cells: cells(y),
        };
        vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(waves), buffer(y)])]
    }
}

impl Dispatched for DftRowsGradient {
    const KERNELS: &[Kernel] = &[DftRowsGradientParams::KERNEL];

    fn dispatches(&self, _: &Site<'_>) -> Vec<Dispatch> {
        let Self { dy, waves, dx } = self;
        let complex = dx.shape.len() / 2;
        let params = DftRowsGradientParams {
            dy: at(dy),
            waves: at(waves),
            dx: at(dx),
            columns: int(dx.shape.width),
            length: int(waves.shape.width),
            height: int(dy.shape.height),
            width: int(dy.shape.width),
            cells: int(complex),
        };
        vec![per_cell(&params, &[], complex, vec![buffer(dy), buffer(waves), buffer(dx)])]
    }
}

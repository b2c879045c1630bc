//! Convolutions and their gradients: an implicit GEMM with one of two kernels.

use std::ops::Range;

use super::{Dispatched, Site};
use crate::gpu::convolution::{ConvParams, constants, outputs, packing, product, source_channels};
use crate::gpu::dispatch::{Dispatch, Resource, buffer, dispatch, int, pieces};
use crate::gpu::kernel::{Kernel, Maps, Params};
use crate::gpu::layout::Layouts;
use crate::gpu::packing::GROUP;
use crate::gpu::software;
use crate::gpu::tile::{Convolver, TileShape};
use crate::plan::convolution::ImplicitGemm;
use crate::plan::step::{Conv, ConvGradient};

impl Dispatched for Conv {
    const KERNELS: &[Kernel] = &[ConvParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        prepared(&self.gemm(), site)
    }
}

impl Dispatched for ConvGradient {
    const KERNELS: &[Kernel] = &[]; // those of the convolution

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        prepared(&self.gemm(), site)
    }
}

/// The dispatches of an implicit GEMM, preceded by those that prepare its sources.
fn prepared(gemm: &ImplicitGemm, site: &Site<'_>) -> Vec<Dispatch> {
    let Site { tiling, layouts, .. } = site;
    let mut dispatches = match tiling.convolver {
        Convolver::Tiled => Vec::new(),
        Convolver::Subgroup => software::preparation(gemm, site.layout(&gemm.sources[0])),
    };
    dispatches.extend(convolution(gemm, tiling.convolver, tiling.tile(gemm), layouts));
    dispatches
}

/// The dispatches of an implicit GEMM in tiles of one shape: just one, unless it is large.
pub(in crate::gpu) fn convolution(
    gemm: &ImplicitGemm,
    convolver: Convolver,
    tile: TileShape,
    layouts: &Layouts,
) -> Vec<Dispatch> {
    let maps =
        Maps { reads: layouts.of_map(&gemm.sources[0]), writes: layouts.of_map(&gemm.destinations[0]) };
    let (mut whole, params) = match convolver {
        Convolver::Tiled => tiled(gemm, tile, maps),
        Convolver::Subgroup => software::product(gemm, tile, maps),
    };
    let copied = std::mem::take(&mut whole.copied);
    let rows = int(gemm.rows().div_ceil(tile.rows));
    let cut = |piece: Range<usize>| {
        let params = ConvParams { first_group: int(piece.start), ..params };
        let params = bytemuck::bytes_of(&params).to_vec();
        Dispatch { params, grid: [int(piece.len()), rows, 1], ..whole.clone() }
    };
    let mut dispatches: Vec<Dispatch> =
        pieces(gemm.columns().div_ceil(tile.columns), gemm.flops()).map(cut).collect();
    dispatches[0].copied = copied;
    dispatches
}

fn tiled(gemm: &ImplicitGemm, tile: TileShape, maps: Maps) -> (Dispatch, ConvParams) {
    let source = |i: usize| gemm.sources.get(i);
    let [channels0, channels1] = source_channels(gemm);
    let params = ConvParams {
        source0: source(0).map_or(0, |view| maps.reads.at(view)),
        source1: source(1).map_or(0, |view| maps.reads.at(view)),
        channels0: int(channels0),
        channels1: int(channels1),
        ..product(gemm, maps.writes)
    };
    let paired = source_channels(gemm).iter().all(|channels| channels % (2 * GROUP) == 0);
    let mut constants = constants(gemm, Convolver::Tiled, tile);
    constants.insert(2, ("SOURCES", gemm.sources.len()));
    constants.push(("PAIRED", usize::from(paired)));
    let mut resources = vec![Resource::Matrix(packing(gemm, Convolver::Tiled))];
    resources.extend(outputs(gemm));
    resources.extend([0, 1].map(|i| source(i).map_or(Resource::UnusedRead, buffer)));
    let mut dispatch = dispatch(&params, &constants, [0; 3], resources);
    dispatch.pipeline.maps = maps;
    (dispatch, params)
}

//! Convolutions and their gradients: one implicit GEMM by one of two kernels.

use std::ops::Range;

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, Resource, buffer, dispatch, int, pieces};
use crate::gpu::kernel::{Kernel, Maps, Params, kernel};
use crate::gpu::layout::{Layout, Layouts};
use crate::gpu::packing::{GROUP, GroupOrder, Packing};
use crate::gpu::software;
use crate::gpu::tile::{Convolver, TileShape};
use crate::plan::View;
use crate::plan::convolution::{Epilogue, ImplicitGemm};
use crate::plan::step::{Conv, ConvGradient};

kernel! {
    "conv" ["conv_shared"] reads "conv_reads_" writes "conv_writes_"
    [Params, Read, Read, Read, Write, Write, Read, Read]
    ConvParams {
        source0: u32, source1: u32, channels0: u32, channels1: u32, height: u32, width: u32,
        pad_rows: u32, pad_columns: u32, grid_width: u32, columns: u32, rows: u32,
        split: u32, destination0: u32, destination1: u32, out_height: u32, out_width: u32, mask: u32, first_group: u32,
    }
}

impl Dispatched for Conv {
    const KERNELS: &[Kernel] = &[ConvParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        prepared(&self.gemm(), site)
    }
}

impl Dispatched for ConvGradient {
    const KERNELS: &[Kernel] = &[]; // the convolution's

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        prepared(&self.gemm(), site)
    }
}

/// The dispatches of an implicit GEMM, after what has to be dispatched right before it.
fn prepared(gemm: &ImplicitGemm, site: &Site<'_>) -> Vec<Dispatch> {
    let Site { tiling, layouts, .. } = site;
    let mut dispatches = match tiling.convolver {
        Convolver::Tiled => Vec::new(),
        Convolver::Subgroup => software::preparation(gemm, site.layout(&gemm.sources[0])),
    };
    dispatches.extend(convolution(gemm, tiling.convolver, tiling.tile(gemm), layouts));
    dispatches
}

/// The dispatches of an implicit GEMM in tiles of one shape: one, unless it is large.
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

pub(in crate::gpu) fn constants(
    gemm: &ImplicitGemm,
    convolver: Convolver,
    tile: TileShape,
) -> Vec<(&'static str, usize)> {
    let mut constants = vec![
        ("KERNEL", gemm.window.kernel),
        ("STRIDE", gemm.window.stride),
        ("DESTINATIONS", gemm.destinations.len()),
        ("INTERLEAVE", gemm.interleave),
        ("EPILOGUE", epilogue_bits(&gemm.epilogue)),
    ];
    constants.extend(convolver.constants(tile));
    constants
}

/// As in `conv_shared.wgsl`.
fn epilogue_bits(epilogue: &Epilogue) -> usize {
    match epilogue {
        Epilogue::Bias => 8,
        Epilogue::BiasRelu => 9,
        Epilogue::Gradient { add, mask } => 2 * usize::from(*add) + 4 * usize::from(mask.is_some()),
    }
}

fn mask_of(gemm: &ImplicitGemm) -> Option<View> {
    match gemm.epilogue {
        Epilogue::Gradient { mask, .. } => mask,
        Epilogue::Bias | Epilogue::BiasRelu => None,
    }
}

/// Channels of the one or two sources.
pub(in crate::gpu) fn source_channels(gemm: &ImplicitGemm) -> [usize; 2] {
    [0, 1].map(|i| gemm.sources.get(i).map_or(0, |view| view.shape.channels))
}

/// The parameters that do not depend on where the sources lie.
pub(in crate::gpu) fn product(gemm: &ImplicitGemm, layout: Layout) -> ConvParams {
    let destination = gemm.destinations[0].shape;
    let source = gemm.sources[0].shape;
    ConvParams {
        height: int(source.height),
        width: int(source.width),
        pad_rows: int(gemm.window.pad.0),
        pad_columns: int(gemm.window.pad.1),
        grid_width: int(gemm.grid.width),
        columns: int(gemm.columns()),
        rows: int(gemm.rows()),
        split: int(gemm.interleave * gemm.interleave * destination.channels),
        destination0: layout.at(&gemm.destinations[0]),
        destination1: gemm.destinations.get(1).map_or(0, |view| layout.at(view)),
        out_height: int(destination.height),
        out_width: int(destination.width),
        mask: mask_of(gemm).map_or(0, |mask| layout.at(&mask)),
        ..Default::default()
    }
}

/// How the kernel wants the filter of a convolution.
pub(in crate::gpu) fn packing(gemm: &ImplicitGemm, convolver: Convolver) -> Packing {
    let order = match convolver {
        Convolver::Tiled => GroupOrder::TapByTap,
        Convolver::Subgroup => GroupOrder::ChannelsByChannels,
    };
    Packing { filter: gemm.filter.clone(), channels: source_channels(gemm), order }
}

/// Bias, mask and destinations.
pub(in crate::gpu) fn outputs(gemm: &ImplicitGemm) -> [Resource; 4] {
    [
        Resource::Bias(gemm.filter.clone()),
        mask_of(gemm).as_ref().map_or(Resource::UnusedRead, buffer),
        buffer(&gemm.destinations[0]),
        gemm.destinations.get(1).map_or(Resource::UnusedWrite, buffer),
    ]
}

//! Convolutions and their gradients: one implicit GEMM by one of two kernels.

use std::ops::Range;

use super::*;

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
        Convolver::Subgroup => subgroup(gemm, tile, maps),
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

/// What has to be dispatched right before it.
pub(super) fn preparation(gemm: &ImplicitGemm, convolver: Convolver, layouts: &Layouts) -> Vec<Dispatch> {
    match convolver {
        Convolver::Tiled => Vec::new(),
        Convolver::Subgroup => interleavings(gemm, layouts.of_map(&gemm.sources[0])),
    }
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

fn subgroup(gemm: &ImplicitGemm, tile: TileShape, maps: Maps) -> (Dispatch, ConvParams) {
    let params = ConvParams {
        source0: int(FIRST_SOURCE),
        channels0: int(GROUP * source_groups(gemm)),
        ..product(gemm, maps.writes)
    };
    let mut resources = vec![Resource::MatrixTexels(packing(gemm, Convolver::Subgroup))];
    resources.extend(outputs(gemm));
    resources.push(Resource::Sources);
    let constants = constants(gemm, Convolver::Subgroup, tile);
    let mut dispatch = dispatch(&params, &constants, [0; 3], resources);
    dispatch.pipeline.kernel = Kernel::ConvSubgroup;
    dispatch.pipeline.maps = Maps { reads: Layout::Planar, ..maps }; // it reads a texture
    dispatch.copied = if maps.reads == Layout::Blocked { gemm.sources.clone() } else { Vec::new() };
    (dispatch, params)
}

/// Puts planar sources into the texture, one behind the other; blocks need only be copied.
fn interleavings(gemm: &ImplicitGemm, layout: Layout) -> Vec<Dispatch> {
    if layout == Layout::Blocked {
        return Vec::new();
    }
    let mut first = FIRST_SOURCE;
    let interleave = |source: &View| {
        let plane = source.shape.plane();
        let texels = groups(source.shape.channels) * plane;
        let params = InterleaveParams {
            x: at(source),
            channels: int(source.shape.channels),
            plane: int(plane),
            first: int(first),
            texels: int(texels),
        };
        first += texels;
        per_cell(&params, &[], texels, vec![buffer(source), Resource::Sources])
    };
    gemm.sources.iter().map(interleave).collect()
}

/// Texels that the sources of a convolution need, with the zeros before them.
pub(in crate::gpu) fn source_texels(gemm: &ImplicitGemm) -> usize {
    FIRST_SOURCE + source_groups(gemm) * gemm.sources[0].shape.plane()
}

/// Groups of four channels of all sources.
fn source_groups(gemm: &ImplicitGemm) -> usize {
    source_channels(gemm).map(groups).iter().sum()
}

fn groups(channels: usize) -> usize {
    channels.div_ceil(GROUP)
}

fn constants(gemm: &ImplicitGemm, convolver: Convolver, tile: TileShape) -> Vec<(&'static str, usize)> {
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
fn source_channels(gemm: &ImplicitGemm) -> [usize; 2] {
    [0, 1].map(|i| gemm.sources.get(i).map_or(0, |view| view.shape.channels))
}

/// The parameters that do not depend on where the sources lie.
fn product(gemm: &ImplicitGemm, layout: Layout) -> ConvParams {
    let destination = gemm.destinations[0].shape;
    let source = gemm.sources[0].shape;
    ConvParams {
        height: int(source.height),
        width: int(source.width),
        pad_rows: int(gemm.window.pad.0),
        pad_columns: int(gemm.window.pad.1),
        grid_width: int(gemm.grid.1),
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
        Convolver::Tiled => Order::TapByTap,
        Convolver::Subgroup => Order::ChannelsByChannels,
    };
    Packing { filter: gemm.filter.clone(), channels: source_channels(gemm), order }
}

/// Bias, mask and destinations.
fn outputs(gemm: &ImplicitGemm) -> [Resource; 4] {
    [
        Resource::Bias(gemm.filter.clone()),
        mask_of(gemm).as_ref().map_or(Resource::UnusedRead, buffer),
        buffer(&gemm.destinations[0]),
        gemm.destinations.get(1).map_or(Resource::UnusedWrite, buffer),
    ]
}

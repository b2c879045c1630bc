//! What both convolution kernels share: the parameters, constants and bindings of an implicit GEMM.

use super::dispatch::{Resource, buffer, int};
use super::kernel::kernel;
use super::layout::Layout;
use super::packing::{GroupOrder, Packing};
use super::tile::{Convolver, TileShape};
use crate::plan::View;
use crate::plan::convolution::{Epilogue, ImplicitGemm};

kernel! {
    "conv" ["conv_shared"] reads "conv_reads_" writes "conv_writes_"
    [Params, Read, Read, Read, Write, Write, Read, Read]
    ConvParams {
        source0: u32, source1: u32, channels0: u32, channels1: u32, height: u32, width: u32,
        pad_rows: u32, pad_columns: u32, grid_width: u32, columns: u32, rows: u32,
        split: u32, destination0: u32, destination1: u32, out_height: u32, out_width: u32, mask: u32, first_group: u32,
    }
}

pub(super) fn constants(
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

/// The bits of `EPILOGUE` in `conv_shared.wgsl`.
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
pub(super) fn source_channels(gemm: &ImplicitGemm) -> [usize; 2] {
    [0, 1].map(|i| gemm.sources.get(i).map_or(0, |view| view.shape.channels))
}

/// The parameters that do not depend on where the sources are stored.
pub(super) fn product(gemm: &ImplicitGemm, layout: Layout) -> ConvParams {
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

/// How the kernel needs the filter of a convolution to be packed.
pub(super) fn packing(gemm: &ImplicitGemm, convolver: Convolver) -> Packing {
    let order = match convolver {
        Convolver::Tiled => GroupOrder::TapByTap,
        Convolver::Subgroup => GroupOrder::ChannelsByChannels,
    };
    Packing { filter: gemm.filter.clone(), channels: source_channels(gemm), order }
}

/// Bias, mask and destinations.
pub(super) fn outputs(gemm: &ImplicitGemm) -> [Resource; 4] {
    [
        Resource::Bias(gemm.filter.clone()),
        mask_of(gemm).as_ref().map_or(Resource::UnusedRead, buffer),
        buffer(&gemm.destinations[0]),
        gemm.destinations.get(1).map_or(Resource::UnusedWrite, buffer),
    ]
}

//! Convolutions and their gradients: one implicit GEMM by one of two kernels.

use super::*;

/// The dispatch of an implicit GEMM in tiles of one shape.
pub(in crate::gpu) fn convolution(gemm: &ImplicitGemm, convolver: Convolver, tile: TileShape) -> Dispatch {
    let params = convolution_params(gemm);
    let paired = source_channels(gemm).iter().all(|channels| channels % 8 == 0);
    let mut constants = vec![
        ("KERNEL", gemm.window.kernel),
        ("STRIDE", gemm.window.stride),
        ("SOURCES", gemm.sources.len()),
        ("DESTINATIONS", gemm.destinations.len()),
        ("INTERLEAVE", gemm.interleave),
        ("EPILOGUE", epilogue_bits(&gemm.epilogue)),
    ];
    constants.extend(convolver.constants(tile));
    if convolver == Convolver::Tiled {
        constants.push(("PAIRED", usize::from(paired)));
    }
    let [x, _, z] = fold(gemm.columns().div_ceil(tile.columns));
    let grid = [x, int(gemm.rows().div_ceil(tile.rows)), z];
    let mut dispatch = dispatch(&params, &constants, grid, convolution_resources(gemm, tile.rows));
    if convolver == Convolver::Subgroup {
        dispatch.pipeline.kernel = Kernel::ConvSubgroup;
    }
    dispatch
}

/// As in `conv_shared.wgsl`.
fn epilogue_bits(epilogue: &Epilogue) -> usize {
    match epilogue {
        Epilogue::Bias => 0,
        Epilogue::BiasRelu => 1,
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

fn convolution_params(gemm: &ImplicitGemm) -> ConvParams {
    let [channels0, channels1] = source_channels(gemm);
    let offset = |views: &[View], i: usize| views.get(i).map_or(0, at);
    let source = gemm.sources[0].shape;
    let destination = gemm.destinations[0].shape;
    let mask = mask_of(gemm);
    ConvParams {
        source0: at(&gemm.sources[0]),
        source1: offset(&gemm.sources, 1),
        channels0: int(channels0),
        channels1: int(channels1),
        height: int(source.height),
        width: int(source.width),
        pad_rows: int(gemm.window.pad.0),
        pad_columns: int(gemm.window.pad.1),
        grid_width: int(gemm.grid.1),
        columns: int(gemm.columns()),
        rows: int(gemm.rows()),
        split: int(gemm.interleave * gemm.interleave * destination.channels),
        destination0: at(&gemm.destinations[0]),
        destination1: offset(&gemm.destinations, 1),
        out_height: int(destination.height),
        out_width: int(destination.width),
        mask: mask.as_ref().map_or(0, at),
    }
}

fn convolution_resources(gemm: &ImplicitGemm, rows: usize) -> Vec<Resource> {
    let read = |view: Option<&View>| view.map_or(Resource::UnusedRead, buffer);
    let packing = Packing { filter: gemm.filter.clone(), rows, channels: source_channels(gemm) };
    vec![
        Resource::Matrix(packing),
        Resource::Bias(gemm.filter.clone()),
        buffer(&gemm.sources[0]),
        read(gemm.sources.get(1)),
        read(mask_of(gemm).as_ref()),
        buffer(&gemm.destinations[0]),
        gemm.destinations.get(1).map_or(Resource::UnusedWrite, buffer),
    ]
}

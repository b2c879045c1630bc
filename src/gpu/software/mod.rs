//! The path for software adapters. It suits llvmpipe, where loads are expensive and subgroups are eight
//! invocations wide.
//!
//! Convolutions read their sources and matrices from textures, where a load fetches four numbers, and broadcast
//! them within a subgroup. The rest of the GPU machine only knows of this path as [`Convolver::Subgroup`], as two
//! kinds of [`Resource`], and as the blocks that are copied before a dispatch.

pub(super) mod texels;

use super::convolution::{self, ConvParams, source_channels};
use super::dispatch::{Dispatch, Resource, at, buffer, dispatch, int, per_cell};
use super::kernel::{Kernel, Maps, Params, kernel};
use super::layout::Layout;
use super::packing::GROUP;
use super::tile::{Convolver, TileShape};
use crate::plan::convolution::ImplicitGemm;
use crate::plan::{Plan, Step, View};
use texels::TEXELS_A_ROW;

/// The first texel in the texture of sources at which a source may be stored. The row before it is zero.
pub(super) const FIRST_SOURCE: usize = TEXELS_A_ROW;

kernel! {
    "interleave" ["common", "texels"] [Params, Read, WriteTexels]
    InterleaveParams { x: u32, channels: u32, plane: u32, first: u32, texels: u32 }
}

/// The convolution kernel. Its parameters are those of the other one.
const CONV: Kernel = kernel! {
    "conv_subgroup" ["conv_shared", "texels"] writes "conv_writes_"
    [Params, ReadTexels, Read, Read, Write, Write, ReadTexels] of ConvParams
};

/// The kernels of this path.
pub(super) const KERNELS: &[Kernel] = &[CONV, InterleaveParams::KERNEL];

/// An implicit GEMM in tiles of one shape, before it is split into pieces.
pub(super) fn product(gemm: &ImplicitGemm, tile: TileShape, maps: Maps) -> (Dispatch, ConvParams) {
    let params = ConvParams {
        source0: int(FIRST_SOURCE),
        channels0: int(GROUP * source_groups(gemm)),
        ..convolution::product(gemm, maps.writes)
    };
    let packing = convolution::packing(gemm, Convolver::Subgroup);
    let mut resources = vec![Resource::MatrixTexels(packing)];
    resources.extend(convolution::outputs(gemm));
    resources.push(Resource::Sources);
    let constants = convolution::constants(gemm, Convolver::Subgroup, tile);
    let mut dispatch = dispatch(&params, &constants, [0; 3], resources);
    dispatch.pipeline.kernel = CONV;
    dispatch.pipeline.maps = Maps { reads: Layout::Planar, ..maps }; // it reads a texture
    dispatch.copied = if maps.reads == Layout::Blocked { gemm.sources.clone() } else { Vec::new() };
    (dispatch, params)
}

/// Puts planar sources into the texture, one after another. Blocked ones only need to be copied.
pub(super) fn preparation(gemm: &ImplicitGemm, layout: Layout) -> Vec<Dispatch> {
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

/// The largest number of texels that the sources of any convolution of a plan take, with the zeros before them.
pub(super) fn source_texels(plan: &Plan) -> usize {
    let texels = |gemm: ImplicitGemm| FIRST_SOURCE + source_groups(&gemm) * gemm.sources[0].shape.plane();
    plan.steps().filter_map(Step::gemm).map(texels).max().unwrap_or(0)
}

/// Groups of four channels of all sources.
fn source_groups(gemm: &ImplicitGemm) -> usize {
    source_channels(gemm).map(groups).iter().sum()
}

fn groups(channels: usize) -> usize {
    channels.div_ceil(GROUP)
}

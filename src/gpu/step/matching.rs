//! Similarity to a guide.

use std::ops::Range;

use super::{Dispatched, Site};
use crate::gpu::dispatch::{Dispatch, at, buffer, dispatch, gradient, int, leave, pieces};
use crate::gpu::kernel::{Kernel, Params, kernel};
use crate::plan::step::{Kind, Match, MatchGradient};

/// Cells of a workgroup of `match.wgsl`.
const MATCHED_CELLS: usize = 32;

kernel! {
    "match" ["common"] reads "" [Params, Read, Read, Write, Write]
    MatchParams {
        x: u32, guide: u32, choice: u32, score: u32, blocks: u32, cells: u32, columns: u32, first_group: u32,
    }
}

kernel! {
    "match_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read]
    MatchGradientParams leaves { guide: u32, choice: u32, scale: f32, plane: u32, columns: u32, blocks: u32 }
}

impl Dispatched for Match {
    const KERNELS: &[Kernel] = &[MatchParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { x, guide, choice, score } = self;
        let layout = site.layout(x);
        let params = MatchParams {
            x: layout.at(x),
            guide: layout.at(guide),
            choice: at(choice),
            score: at(score),
            blocks: int(layout.depth(x)),
            cells: int(x.shape.plane()),
            columns: int(guide.shape.plane()),
            first_group: 0,
        };
        let resources = vec![buffer(x), buffer(guide), buffer(choice), buffer(score)];
        let cut = |piece: Range<usize>| {
            let params = MatchParams { first_group: int(piece.start), ..params };
            dispatch(&params, &[], [int(piece.len()), 1, 1], resources.clone()).in_layout(layout)
        };
        pieces(x.shape.plane().div_ceil(MATCHED_CELLS), self.flops()).map(cut).collect()
    }
}

impl Dispatched for MatchGradient {
    const KERNELS: &[Kernel] = &[MatchGradientParams::KERNEL];

    fn dispatches(&self, site: &Site<'_>) -> Vec<Dispatch> {
        let Self { guide, choice, scale, dx } = self;
        let layout = site.layout(guide);
        let params = MatchGradientParams {
            guide: layout.at(guide),
            choice: at(choice),
            scale: site.number(*scale),
            plane: int(choice.shape.plane()),
            columns: int(guide.shape.plane()),
            blocks: layout.blocks(&dx.view),
            ..leave(dx, layout)
        };
        vec![gradient(&params, &[], dx, vec![buffer(guide), buffer(choice)], layout)]
    }
}

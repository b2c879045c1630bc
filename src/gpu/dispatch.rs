//! From a step to dispatches: which kernel, with which constants and parameters, over which grid.
//!
//! This is pure data: nothing here touches a device, so every dispatch of a plan can be inspected anywhere. Which
//! dispatches each kind of step becomes is defined in [`step`](super::step).

use std::ops::Range;

use super::kernel::{INVOCATIONS, Kernel, Leave, Maps, Params};
use super::layout::Layout;
use super::packing::Packing;
use crate::plan::convolution::FilterKey;
use crate::plan::{BufferId, Gradient, View};

/// What is bound to a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A buffer of the plan.
    Buffer(BufferId),
    /// The packed matrix of a filter.
    Matrix(Packing),
    /// The packed matrix of a filter, in a texture.
    MatrixTexels(Packing),
    /// The texture that holds the sources.
    Sources,
    /// The bias of a filter.
    Bias(FilterKey),
    /// Partial sums, passed between the two halves of a measurement.
    Partials,
    /// Nothing: according to the kernel's parameters it is not read.
    UnusedRead,
    /// Nothing: according to the kernel's parameters it is not written.
    UnusedWrite,
}

/// A pipeline: a kernel, the layout of its maps, and its constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The kernel.
    pub kernel: Kernel,
    /// How its maps are laid out.
    pub maps: Maps,
    /// Values of its `override`s.
    pub constants: Vec<(&'static str, f64)>,
}

/// One dispatch.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Its pipeline.
    pub pipeline: Pipeline,
    /// The bytes of its parameters.
    pub params: Vec<u8>,
    /// Maps in blocks that are copied into the texture of sources before the dispatch, one after another from
    /// `FIRST_SOURCE` on.
    pub copied: Vec<View>,
    /// What its storage bindings hold, in order.
    pub resources: Vec<Resource>,
    /// The number of workgroups in each dimension.
    pub grid: [u32; 3],
}

/// Maximum number of operations of a dispatch that can be split: half a second at the 100 GFLOP/s of a slow GPU.
/// A desktop's watchdog resets a GPU that is busy for about 2 s.
const MOST_FLOPS: u64 = 50_000_000_000;

/// Maximum number of workgroups along one dimension of a dispatch, on any device.
const GRID_LIMIT: usize = 65535;

impl Dispatch {
    /// The same dispatch with all of its maps in this layout.
    pub(super) fn in_layout(mut self, layout: Layout) -> Self {
        self.pipeline.maps = Maps::all(layout);
        self
    }
}

/// The constants that say how a gradient is stored.
pub(super) fn leaving(gradient: &Gradient) -> [(&'static str, usize); 2] {
    [("ADD", usize::from(gradient.add)), ("MASKED", usize::from(gradient.mask.is_some()))]
}

/// Parameters in which only the place of the gradient is filled in.
pub(super) fn leave<P: Leave>(gradient: &Gradient, layout: Layout) -> P {
    let mut params = P::zeroed();
    params.set(layout.at(&gradient.view), gradient.mask.as_ref().map_or(0, |mask| layout.at(mask)));
    params
}

/// A backward kernel with one invocation for each block of input cells.
pub(super) fn gradient<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    dx: &Gradient,
    reads: Vec<Resource>,
    layout: Layout,
) -> Dispatch {
    let constants = [constants, &leaving(dx)].concat();
    let blocks = dx.view.shape.len() / layout.block();
    per_cell(params, &constants, blocks, gradient_resources(dx, reads)).in_layout(layout)
}

/// The mask and the result come first in every backward kernel.
pub(super) fn gradient_resources(dx: &Gradient, reads: Vec<Resource>) -> Vec<Resource> {
    let mask = dx.mask.as_ref().map_or(Resource::UnusedRead, buffer);
    [mask, buffer(&dx.view)].into_iter().chain(reads).collect()
}

/// A kernel with one invocation for each of `count` cells.
pub(super) fn per_cell<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    count: usize,
    resources: Vec<Resource>,
) -> Dispatch {
    dispatch(params, constants, fold(count.div_ceil(INVOCATIONS)), resources)
}

pub(super) fn dispatch<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    grid: [u32; 3],
    resources: Vec<Resource>,
) -> Dispatch {
    let constants = constants.iter().map(|&(name, value)| (name, value as f64)).collect();
    let pipeline = Pipeline { kernel: P::KERNEL, maps: Maps::all(Layout::Planar), constants };
    Dispatch { pipeline, params: bytemuck::bytes_of(params).to_vec(), copied: Vec::new(), resources, grid }
}

/// Splits a row of workgroups that does this many operations into pieces, one dispatch each.
pub(super) fn pieces(groups: usize, flops: u64) -> impl Iterator<Item = Range<usize>> {
    let by_work = flops.div_ceil(MOST_FLOPS) as usize;
    let count = by_work.max(groups.div_ceil(GRID_LIMIT)).clamp(1, groups);
    let length = groups.div_ceil(count);
    (0..groups).step_by(length).map(move |first| first..groups.min(first + length))
}

/// A row of workgroups, folded along z if it is longer than a dispatch may be. Kernels account for the fold and
/// skip what lies past the end.
pub(super) fn fold(groups: usize) -> [u32; 3] {
    let layers = groups.div_ceil(GRID_LIMIT);
    [int(groups.div_ceil(layers.max(1))), 1, int(layers)]
}

impl Layout {
    /// Where a map begins, in blocks.
    pub(super) fn at(self, view: &View) -> u32 {
        int(view.offset / self.block())
    }

    /// Blocks of a map.
    pub(super) fn blocks(self, view: &View) -> u32 {
        int(view.shape.len() / self.block())
    }

    /// How many blocks of a map belong to one cell.
    pub(super) fn depth(self, view: &View) -> usize {
        view.shape.channels / self.block()
    }
}

pub(super) fn at(view: &View) -> u32 {
    int(view.offset)
}

pub(super) fn cells(view: &View) -> u32 {
    int(view.shape.len())
}

pub(super) fn buffer(view: &View) -> Resource {
    Resource::Buffer(view.buffer)
}

/// Sizes and offsets in the type that the shaders use. Before they get here, plans are checked against the
/// device's buffer limit, which no device puts above 2^32 cells.
pub(super) fn int(n: usize) -> u32 {
    u32::try_from(n).expect("buffers are limited to 2^32 cells")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_cut() {
        let cut =
            |groups, flops| pieces(groups, flops).map(|piece| (piece.start, piece.end)).collect::<Vec<_>>();
        assert_eq!(cut(7, 3), [(0, 7)]);
        assert_eq!(cut(7, MOST_FLOPS), [(0, 7)]);
        assert_eq!(cut(7, MOST_FLOPS + 1), [(0, 4), (4, 7)]);
        assert_eq!(cut(2, 100 * MOST_FLOPS), [(0, 1), (1, 2)]);
        assert_eq!(cut(65536, 1), [(0, 32768), (32768, 65536)]);
    }

    #[test]
    fn rows_of_workgroups_are_folded_into_what_a_dispatch_may_be() {
        for (groups, grid) in [
            (0, [0, 1, 0]),
            (1, [1, 1, 1]),
            (65535, [65535, 1, 1]),
            (65536, [32768, 1, 2]),
            (131070, [65535, 1, 2]),
            (131071, [43691, 1, 3]),
        ] {
            assert_eq!(fold(groups), grid, "{groups}");
        }
    }
}

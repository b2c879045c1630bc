//! From a step to dispatches: which kernel, with which constants and parameters, over which grid.
//!
//! Pure data: nothing here touches a device, so every dispatch of a plan can be looked at anywhere.

mod convolution;
mod functionals;
mod layers;
mod picture;

use std::ops::Range;

use super::kernel::{INVOCATIONS, Kernel, Maps};
use super::layout::{Layout, Layouts};
use super::packing::{GROUP, Order, Packing};
use super::params::*;
use super::texels::TEXELS_A_ROW;
use super::tile::{Convolver, TileShape};
use super::tiling::Tiling;
use crate::net::{Lrn, PlacedWindow, Shape};
use crate::plan::convolution::{Epilogue, FilterKey, ImplicitGemm};
use crate::plan::{BufferId, Functional, Gradient, Region, Step, View};
use convolution::preparation;
pub(super) use convolution::{convolution, packing, source_texels};
use functionals::{measure, seed};
use layers::{
    average, average_gradient, let_through, match_columns, match_gradient, max_pool, max_pool_gradient,
    normalise, normalise_gradient, rectify,
};
use picture::{adam, ascend, resize, roll, smooth};

/// What is bound where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A buffer of the plan.
    Buffer(BufferId),
    /// The packed matrix of a filter.
    Matrix(Packing),
    /// The same in a texture.
    MatrixTexels(Packing),
    /// The texture of sources.
    Sources,
    /// The bias of a filter.
    Bias(FilterKey),
    /// Partial sums between the two halves of a measurement.
    Partials,
    /// Nothing: the kernel's parameters say that it is not read.
    UnusedRead,
    /// Nothing: the kernel's parameters say that it is not written.
    UnusedWrite,
}

/// A pipeline: a kernel, the layout of its maps, and its constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The kernel.
    pub kernel: Kernel,
    /// How its maps lie.
    pub maps: Maps,
    /// Values of its `override`s.
    pub constants: Vec<(&'static str, f64)>,
}

/// One dispatch.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Which code.
    pub pipeline: Pipeline,
    /// Bytes of its parameters.
    pub params: Vec<u8>,
    /// Maps in blocks that are copied before into the texture of sources, one behind the other from
    /// [`FIRST_SOURCE`] on.
    pub copied: Vec<View>,
    /// What its storage bindings hold, in order.
    pub resources: Vec<Resource>,
    /// Workgroups.
    pub grid: [u32; 3],
}

/// The first texel of the texture of sources that a source may lie at. The row before it is zero.
pub const FIRST_SOURCE: usize = TEXELS_A_ROW;

/// Most operations of a dispatch that can be cut: half a second at 100 GFLOP/s, which a slow GPU does. A desktop's
/// watchdog gives up a GPU that is busy for some 2 s.
const MOST_FLOPS: u64 = 50_000_000_000;

/// Most workgroups along one dimension of a dispatch, on any device.
const GRID_LIMIT: usize = 65535;

impl Dispatch {
    /// The same over maps that all lie so.
    fn in_layout(mut self, layout: Layout) -> Self {
        self.pipeline.maps = Maps::all(layout);
        self
    }
}

/// The dispatches of a step, in order, with the convolution that `tiling` decides on, over the maps of a plan with these
/// `layouts`.
pub fn dispatches(step: &Step, tiling: &Tiling, layouts: &Layouts) -> Vec<Dispatch> {
    let convolution = |gemm: ImplicitGemm| {
        let mut dispatches = preparation(&gemm, tiling.convolver, layouts);
        dispatches.extend(convolution(&gemm, tiling.convolver, tiling.tile(&gemm), layouts));
        dispatches
    };
    let layout = |view: &View| layouts.of_map(view);
    match step {
        Step::Conv(conv) => convolution(conv.gemm()),
        Step::ConvGradient(conv) => convolution(conv.gemm()),
        Step::Relu { x, y } => vec![rectify(x, y, layout(x))],
        Step::MaxPool { x, y, choice, window } => vec![max_pool(x, y, choice.as_ref(), *window, layout(x))],
        Step::MaxPoolGradient { dy, choice, window, dx } => {
            vec![max_pool_gradient(dy, choice, *window, dx, layout(dy))]
        }
        Step::Lrn { x, y, lrn } => vec![normalise(x, y, lrn, layout(x))],
        Step::LrnGradient { x, dy, lrn, dx } => vec![normalise_gradient(x, dy, lrn, dx, layout(x))],
        Step::Average { x, y } => vec![average(x, y, layout(x))],
        Step::AverageGradient { dy, dx } => vec![average_gradient(dy, dx, layout(dy))],
        Step::Softmax { x, y } => {
            let params = SoftmaxParams { x: at(x), y: at(y), cells: cells(y) };
            vec![dispatch(&params, &[], [1, 1, 1], vec![buffer(x), buffer(y)])]
        }
        Step::SoftmaxGradient { y, dy, dx } => {
            let params =
                SoftmaxGradientParams { y: at(y), dy: at(dy), cells: cells(y), ..leave(dx, Layout::Planar) };
            let resources = gradient_resources(dx, vec![buffer(y), buffer(dy)]);
            vec![dispatch(&params, &leaving(dx), [1, 1, 1], resources)]
        }
        Step::Seed { x, functional, dx } => vec![seed(x, functional, dx, layout(x))],
        Step::Gate { x, gate, y } => vec![let_through(x, gate, y, layout(x))],
        Step::Match { x, guide, choice, score } => {
            match_columns(x, guide, choice, score, step.flops(), layout(x))
        }
        Step::MatchGradient { guide, choice, scale, dx } => {
            vec![match_gradient(guide, choice, *scale, dx, layout(guide))]
        }
        Step::Measure { x, functional, total, add } => measure(x, functional, total, *add, layout(x)),
        Step::Roll { x, y } => vec![roll(x, y)],
        Step::Ascend { x, dx, magnitude, mask, step, bounds } => {
            vec![ascend([x, dx, magnitude], mask.as_ref(), *step, bounds)]
        }
        Step::Resize { x, y, base } => vec![resize(x, y, base.as_ref())],
        Step::Difference { a, b, y } => {
            let params = DifferenceParams { a: at(a), b: at(b), y: at(y), cells: cells(y) };
            vec![per_cell(&params, &[], y.shape.len(), vec![buffer(a), buffer(b), buffer(y)])]
        }
        &Step::Affine { ref x, scale, offset } => {
            let params = AffineParams { x: at(x), cells: cells(x), scale, offset };
            vec![per_cell(&params, &[], x.shape.len(), vec![buffer(x)])]
        }
        Step::Level { x, levels } => {
            let params = LevelParams { x: at(x), levels: at(levels), cells: cells(x) };
            vec![per_cell(&params, &[], x.shape.len(), vec![buffer(levels), buffer(x)])]
        }
        &Step::Pull { ref x, ref source, luma, chroma } => {
            let plane = x.shape.plane();
            let params = PullParams { x: at(x), source: at(source), plane: int(plane), luma, chroma };
            vec![per_cell(&params, &[], plane, vec![buffer(source), buffer(x)])]
        }
        Step::Smooth { x, y, age, sigma } => vec![smooth(x, y, age, *sigma)],
        Step::Shrink { x, y } => {
            let params = ShrinkParams {
                x: at(x),
                y: at(y),
                height: int(x.shape.height),
                width: int(x.shape.width),
                out_height: int(y.shape.height),
                out_width: int(y.shape.width),
                cells: cells(y),
            };
            vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
        }
        Step::Expand { x, y, factor } => {
            let params = ExpandParams {
                x: at(x),
                y: at(y),
                height: int(x.shape.height),
                width: int(x.shape.width),
                out_height: int(y.shape.height),
                out_width: int(y.shape.width),
                cells: cells(y),
                factor: *factor,
            };
            vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
        }
        Step::Variation { x, dx, weight, exponent } => {
            let params = VariationParams {
                x: at(x),
                dx: at(dx),
                height: int(x.shape.height),
                width: int(x.shape.width),
                cells: cells(dx),
                scale: weight * exponent / 255f32.powf(exponent - 1.0),
                power: exponent / 2.0 - 1.0,
            };
            vec![per_cell(&params, &[], dx.shape.len(), vec![buffer(x), buffer(dx)])]
        }
        Step::Adam { dx, first, second, mass } => vec![adam(dx, first, second, mass)],
    }
}

/// Parameters that say where a gradient is left.
trait Leave: bytemuck::Pod {
    fn set(&mut self, dx: u32, mask: u32);
}

macro_rules! impl_leave {
    ($($params:ident),*) => {
        $(impl Leave for $params {
            fn set(&mut self, dx: u32, mask: u32) {
                (self.dx, self.mask) = (dx, mask);
            }
        })*
    };
}
impl_leave!(
    MaxPoolGradientParams,
    LrnGradientParams,
    AverageGradientParams,
    SoftmaxGradientParams,
    MatchGradientParams,
    SeedParams,
    GateParams
);

/// The constants that say how.
fn leaving(gradient: &Gradient) -> [(&'static str, usize); 2] {
    [("ADD", usize::from(gradient.add)), ("MASKED", usize::from(gradient.mask.is_some()))]
}

/// Parameters with only these filled in.
fn leave<P: Leave>(gradient: &Gradient, layout: Layout) -> P {
    let mut params = P::zeroed();
    params.set(layout.at(&gradient.view), gradient.mask.as_ref().map_or(0, |mask| layout.at(mask)));
    params
}

/// A backward kernel with one invocation for each block of input cells.
fn gradient<P: Params>(
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

/// Mask and result come first in every backward kernel.
fn gradient_resources(dx: &Gradient, reads: Vec<Resource>) -> Vec<Resource> {
    let mask = dx.mask.as_ref().map_or(Resource::UnusedRead, buffer);
    [mask, buffer(&dx.view)].into_iter().chain(reads).collect()
}

/// A kernel with one invocation for each of `count` cells.
fn per_cell<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    count: usize,
    resources: Vec<Resource>,
) -> Dispatch {
    dispatch(params, constants, fold(count.div_ceil(INVOCATIONS)), resources)
}

fn dispatch<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    grid: [u32; 3],
    resources: Vec<Resource>,
) -> Dispatch {
    let constants = constants.iter().map(|&(name, value)| (name, value as f64)).collect();
    let pipeline = Pipeline { kernel: P::KERNEL, maps: Maps::all(Layout::Planar), constants };
    Dispatch { pipeline, params: bytemuck::bytes_of(params).to_vec(), copied: Vec::new(), resources, grid }
}

/// A row of workgroups for so many operations, in pieces that are a dispatch each.
fn pieces(groups: usize, flops: u64) -> impl Iterator<Item = Range<usize>> {
    let by_work = flops.div_ceil(MOST_FLOPS) as usize;
    let count = by_work.max(groups.div_ceil(GRID_LIMIT)).clamp(1, groups);
    let length = groups.div_ceil(count);
    (0..groups).step_by(length).map(move |first| first..groups.min(first + length))
}

/// A row of workgroups, folded along z where it is longer than a dispatch may be. Kernels know the fold and
/// leave out what lies past the end.
fn fold(groups: usize) -> [u32; 3] {
    let layers = groups.div_ceil(GRID_LIMIT);
    [int(groups.div_ceil(layers.max(1))), 1, int(layers)]
}

impl Layout {
    /// Where a map begins, in blocks.
    fn at(self, view: &View) -> u32 {
        int(view.offset / self.block())
    }

    /// Blocks of a map.
    fn blocks(self, view: &View) -> u32 {
        int(view.shape.len() / self.block())
    }

    /// Blocks of a map that a single cell has.
    fn depth(self, view: &View) -> usize {
        view.shape.channels / self.block()
    }
}

fn at(view: &View) -> u32 {
    int(view.offset)
}

fn cells(view: &View) -> u32 {
    int(view.shape.len())
}

fn buffer(view: &View) -> Resource {
    Resource::Buffer(view.buffer)
}

/// Sizes and offsets as the shaders know them. Plans are checked against the device's buffer limit, which
/// no device puts above 2^32 cells, before they get here.
fn int(n: usize) -> u32 {
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

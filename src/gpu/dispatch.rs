//! From a step to dispatches: which kernel, with which constants and parameters, over which grid.
//!
//! Pure data: nothing here touches a device, so every dispatch of a plan can be looked at anywhere.

use super::kernel::{INVOCATIONS, Kernel};
use super::packing::Packing;
use super::params::*;
use super::tile::{Convolver, TileShape};
use super::tiling::Tiling;
use crate::net::{Lrn, PlacedWindow, Shape};
use crate::plan::convolution::{Epilogue, FilterKey, ImplicitGemm};
use crate::plan::{BufferId, Functional, Gradient, Region, Step, View};

/// What is bound where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A buffer of the plan.
    Buffer(BufferId),
    /// The packed matrix of a filter.
    Matrix(Packing),
    /// The bias of a filter.
    Bias(FilterKey),
    /// Partial sums between the two halves of a measurement.
    Partials,
    /// Nothing: the kernel's parameters say that it is not read.
    UnusedRead,
    /// Nothing: the kernel's parameters say that it is not written.
    UnusedWrite,
}

/// A pipeline: a kernel and its constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The kernel.
    pub kernel: Kernel,
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
    /// What its storage bindings hold, in order.
    pub resources: Vec<Resource>,
    /// Workgroups.
    pub grid: [u32; 3],
}

/// Most workgroups along one dimension of a dispatch, on any device.
const GRID_LIMIT: usize = 65535;

/// Workgroups of a measurement's first half; its second half sums as many numbers in one workgroup.
const MEASURE_GROUPS: usize = 64;

/// The dispatches of a step, in order, with the convolution that `tiling` decides on.
pub fn dispatches(step: &Step, tiling: &Tiling) -> Vec<Dispatch> {
    let convolution = |gemm: ImplicitGemm| convolution(&gemm, tiling.convolver, tiling.tile(&gemm));
    match step {
        Step::Conv(conv) => vec![convolution(conv.gemm())],
        Step::ConvGradient(conv) => vec![convolution(conv.gemm())],
        Step::Relu { x, y } => {
            let params = ReluParams { x: at(x), y: at(y), cells: cells(y) };
            vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
        }
        Step::MaxPool { x, y, choice, window } => vec![max_pool(x, y, choice.as_ref(), *window)],
        Step::MaxPoolGradient { dy, choice, window, dx } => vec![max_pool_gradient(dy, choice, *window, dx)],
        Step::Lrn { x, y, lrn } => vec![normalise(x, y, lrn)],
        Step::LrnGradient { x, dy, lrn, dx } => vec![normalise_gradient(x, dy, lrn, dx)],
        Step::Average { x, y } => {
            let (channels, plane) = (x.shape.channels, x.shape.plane());
            let params = AverageParams { x: at(x), y: at(y), channels: int(channels), plane: int(plane) };
            vec![dispatch(&params, &[], [int(channels), 1, 1], vec![buffer(x), buffer(y)])]
        }
        Step::AverageGradient { dy, dx } => {
            let plane = int(dx.view.shape.plane());
            let params = AverageGradientParams { dy: at(dy), plane, cells: cells(&dx.view), ..leave(dx) };
            vec![gradient(&params, &[], dx, vec![buffer(dy)])]
        }
        Step::Softmax { x, y } => {
            let params = SoftmaxParams { x: at(x), y: at(y), cells: cells(y) };
            vec![dispatch(&params, &[], [1, 1, 1], vec![buffer(x), buffer(y)])]
        }
        Step::SoftmaxGradient { y, dy, dx } => {
            let params = SoftmaxGradientParams { y: at(y), dy: at(dy), cells: cells(y), ..leave(dx) };
            let resources = gradient_resources(dx, vec![buffer(y), buffer(dy)]);
            vec![dispatch(&params, &[], [1, 1, 1], resources)]
        }
        Step::Seed { x, functional, dx } => vec![seed(x, functional, dx)],
        Step::Gate { x, gate, y } => {
            let plane = int(gate.shape.plane());
            let params = GateParams { x: at(x), gate: at(gate), plane, cells: cells(x), ..leave(y) };
            vec![gradient(&params, &[], y, vec![buffer(x), buffer(gate)])]
        }
        Step::Match { x, guide, choice, score } => vec![match_columns(x, guide, choice, score)],
        Step::MatchGradient { guide, choice, scale, dx } => {
            vec![match_gradient(guide, choice, *scale, dx)]
        }
        Step::Measure { x, functional, total, add } => measure(x, functional, total, *add),
        Step::Roll { x, y } => {
            let Shape { height, width, .. } = x.shape;
            let params =
                RollParams { x: at(x), y: at(y), height: int(height), width: int(width), cells: cells(y) };
            vec![per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(y)])]
        }
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

/// The dispatch of an implicit GEMM in tiles of one shape.
pub(super) fn convolution(gemm: &ImplicitGemm, convolver: Convolver, tile: TileShape) -> Dispatch {
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

fn max_pool(x: &View, y: &View, choice: Option<&View>, window: PlacedWindow) -> Dispatch {
    let params = MaxPoolParams {
        x: at(x),
        y: at(y),
        choice: choice.map_or(0, at),
        recorded: u32::from(choice.is_some()),
        height: int(x.shape.height),
        width: int(x.shape.width),
        out_height: int(y.shape.height),
        out_width: int(y.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        cells: cells(y),
    };
    let choice = choice.map_or(Resource::UnusedWrite, buffer);
    per_cell(&params, &window_constants(window), y.shape.len(), vec![buffer(x), buffer(y), choice])
}

fn max_pool_gradient(dy: &View, choice: &View, window: PlacedWindow, dx: &Gradient) -> Dispatch {
    let Shape { channels, height, width } = dx.view.shape;
    let squares = channels * height.div_ceil(2) * width.div_ceil(2);
    let params = MaxPoolGradientParams {
        dy: at(dy),
        choice: at(choice),
        height: int(dx.view.shape.height),
        width: int(dx.view.shape.width),
        out_height: int(dy.shape.height),
        out_width: int(dy.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        squares: int(squares),
        ..leave(dx)
    };
    let resources = gradient_resources(dx, vec![buffer(dy), buffer(choice)]);
    per_cell(&params, &window_constants(window), squares, resources)
}

fn window_constants(window: PlacedWindow) -> [(&'static str, usize); 2] {
    [("KERNEL", window.kernel), ("STRIDE", window.stride)]
}

fn normalise(x: &View, y: &View, lrn: &Lrn) -> Dispatch {
    let params = LrnParams {
        x: at(x),
        y: at(y),
        channels: int(x.shape.channels),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        beta: lrn.beta,
        k: lrn.k,
    };
    per_cell(&params, &[("SIZE", lrn.size)], walks(y.shape), vec![buffer(x), buffer(y)])
}

fn normalise_gradient(x: &View, dy: &View, lrn: &Lrn, dx: &Gradient) -> Dispatch {
    let params = LrnGradientParams {
        x: at(x),
        dy: at(dy),
        channels: int(x.shape.channels),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        beta: lrn.beta,
        k: lrn.k,
        ..leave(dx)
    };
    let resources = gradient_resources(dx, vec![buffer(x), buffer(dy)]);
    per_cell(&params, &[("SIZE", lrn.size)], walks(x.shape), resources)
}

/// Invocations of the kernels that walk along 16 channels (as in `lrn_scale.wgsl`) of a cell.
fn walks(shape: Shape) -> usize {
    shape.channels.div_ceil(16) * shape.plane()
}

/// Kind (as in `functional.wgsl`), factor and region of a functional.
fn describe(functional: &Functional) -> (u32, f32, Option<Region>) {
    match *functional {
        Functional::HalfSquares { scale } => (0, scale, None),
        Functional::RegionSum { region, scale } => (1, scale, Some(region)),
        Functional::Magnitude { scale } => (2, scale, None),
        Functional::Root { scale } => (0, 2.0 * scale, None), // of the half squares; `measure` takes the root
    }
}

fn seed(x: &View, functional: &Functional, dx: &Gradient) -> Dispatch {
    let (kind, scale, region) = describe(functional);
    let nowhere = Region { channel: 0, rows: (0, 0), columns: (0, 0) };
    let Region { channel, rows, columns } = region.unwrap_or(nowhere);
    let params = SeedParams {
        x: at(x),
        kind,
        scale,
        channel: int(channel),
        first_row: int(rows.0),
        end_row: int(rows.1),
        first_column: int(columns.0),
        end_column: int(columns.1),
        height: int(x.shape.height),
        width: int(x.shape.width),
        cells: cells(x),
        ..leave(dx)
    };
    gradient(&params, &[], dx, vec![buffer(x)])
}

/// Cells of a workgroup of `match.wgsl`.
const MATCHED_CELLS: usize = 32;

fn match_columns(x: &View, guide: &View, choice: &View, score: &View) -> Dispatch {
    let params = MatchParams {
        x: at(x),
        guide: at(guide),
        choice: at(choice),
        score: at(score),
        channels: int(x.shape.channels),
        cells: int(x.shape.plane()),
        columns: int(guide.shape.plane()),
    };
    let grid = fold(x.shape.plane().div_ceil(MATCHED_CELLS));
    dispatch(&params, &[], grid, vec![buffer(x), buffer(guide), buffer(choice), buffer(score)])
}

fn match_gradient(guide: &View, choice: &View, scale: f32, dx: &Gradient) -> Dispatch {
    let params = MatchGradientParams {
        guide: at(guide),
        choice: at(choice),
        scale,
        plane: int(choice.shape.plane()),
        columns: int(guide.shape.plane()),
        cells: cells(&dx.view),
        ..leave(dx)
    };
    gradient(&params, &[], dx, vec![buffer(guide), buffer(choice)])
}

fn measure(x: &View, functional: &Functional, total: &View, add: bool) -> Vec<Dispatch> {
    let (kind, scale, region) = describe(functional);
    let pitch = x.shape.width;
    let (first, row_length, count) = match region {
        None => (0, x.shape.len(), x.shape.len()),
        Some(region) => {
            let first = region.channel * x.shape.plane() + region.rows.0 * pitch + region.columns.0;
            (first, region.columns.1 - region.columns.0, region.area())
        }
    };
    let groups = count.div_ceil(INVOCATIONS).min(MEASURE_GROUPS);
    let root = u32::from(matches!(functional, Functional::Root { .. }));
    let partial = MeasureParams {
        x: at(x),
        kind,
        first: int(first),
        row_length: int(row_length),
        row_pitch: int(pitch),
        cells: int(count),
    };
    let sum = TotalParams { total: at(total), count: int(groups), scale, add: u32::from(add), root };
    vec![
        dispatch(&partial, &[], [int(groups), 1, 1], vec![buffer(x), Resource::Partials]),
        dispatch(&sum, &[], [1, 1, 1], vec![Resource::Partials, buffer(total)]),
    ]
}

fn ascend(
    [x, dx, magnitude]: [&View; 3],
    mask: Option<&View>,
    step: f32,
    bounds: &[(f32, f32); 3],
) -> Dispatch {
    let params = AscendParams {
        x: at(x),
        dx: at(dx),
        magnitude: at(magnitude),
        mask: mask.map_or(0, at),
        masked: u32::from(mask.is_some()),
        height: int(x.shape.height),
        width: int(x.shape.width),
        cells: cells(x),
        step,
        low0: bounds[0].0,
        low1: bounds[1].0,
        low2: bounds[2].0,
        high0: bounds[0].1,
        high1: bounds[1].1,
        high2: bounds[2].1,
    };
    let mask = mask.map_or(Resource::UnusedRead, buffer);
    per_cell(&params, &[], x.shape.len(), vec![buffer(dx), buffer(magnitude), mask, buffer(x)])
}

fn smooth(x: &View, y: &View, age: &View, sigma: (f32, f32)) -> Dispatch {
    let params = SmoothParams {
        x: at(x),
        y: at(y),
        age: at(age),
        height: int(x.shape.height),
        width: int(x.shape.width),
        cells: cells(y),
        sigma: sigma.0,
        growth: sigma.1,
    };
    per_cell(&params, &[], y.shape.len(), vec![buffer(x), buffer(age), buffer(y)])
}

fn adam(dx: &View, first: &View, second: &View, mass: &View) -> Dispatch {
    let params = AdamParams {
        dx: at(dx),
        first: at(first),
        second: at(second),
        mass: at(mass),
        height: int(dx.shape.height),
        width: int(dx.shape.width),
        cells: cells(dx),
    };
    let resources = vec![buffer(mass), buffer(first), buffer(second), buffer(dx)];
    per_cell(&params, &[], dx.shape.len(), resources)
}

fn resize(x: &View, y: &View, base: Option<&View>) -> Dispatch {
    let params = ResizeParams {
        x: at(x),
        y: at(y),
        base: base.map_or(0, at),
        based: u32::from(base.is_some()),
        height: int(x.shape.height),
        width: int(x.shape.width),
        out_height: int(y.shape.height),
        out_width: int(y.shape.width),
        cells: cells(y),
    };
    let base = base.map_or(Resource::UnusedRead, buffer);
    per_cell(&params, &[], y.shape.len(), vec![buffer(x), base, buffer(y)])
}

/// Parameters that say where a gradient is left.
trait Leave: bytemuck::Pod {
    fn set(&mut self, dx: u32, mask: u32, add: u32, masked: u32);
}

macro_rules! impl_leave {
    ($($params:ident),*) => {
        $(impl Leave for $params {
            fn set(&mut self, dx: u32, mask: u32, add: u32, masked: u32) {
                (self.dx, self.mask, self.add, self.masked) = (dx, mask, add, masked);
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

/// Parameters with only these filled in.
fn leave<P: Leave>(gradient: &Gradient) -> P {
    let mask = gradient.mask.as_ref();
    let mut params = P::zeroed();
    params.set(at(&gradient.view), mask.map_or(0, at), u32::from(gradient.add), u32::from(mask.is_some()));
    params
}

/// A backward kernel with one invocation for each input cell.
fn gradient<P: Params>(
    params: &P,
    constants: &[(&'static str, usize)],
    dx: &Gradient,
    reads: Vec<Resource>,
) -> Dispatch {
    per_cell(params, constants, dx.view.shape.len(), gradient_resources(dx, reads))
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
    let pipeline = Pipeline { kernel: P::KERNEL, constants };
    Dispatch { pipeline, params: bytemuck::bytes_of(params).to_vec(), resources, grid }
}

/// A row of workgroups, folded along z where it is longer than a dispatch may be. Kernels know the fold and
/// leave out what lies past the end.
fn fold(groups: usize) -> [u32; 3] {
    let layers = groups.div_ceil(GRID_LIMIT);
    [int(groups.div_ceil(layers.max(1))), 1, int(layers)]
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

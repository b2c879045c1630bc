//! The vocabulary: every kind of step that a machine must know, as plain data. The files of this folder
//! specify them.
//!
//! Each kind has a file of the same name in four places. The file here says what the step is; those in
//! `cpu/step` and `gpu/step`, how the CPU and a GPU do it; and the one in `tests/testkit`, what the correct
//! result is. `kinds!` is the only list of them.

mod operand;

use std::fmt;

pub use colour::DECORRELATED;
pub use dft::multiplicity;
pub use follow::{LOBES, PHASES, TAPS};
pub use linearise::FlowWeights;
pub use operand::{Arrangement, Gradient, Operand, Role};
pub use settle::Still;
pub use transform::place;

use super::{Number, View};
use crate::net::{LayerId, Weights};

/// Passes the list of all kinds to a macro: each file, then the kinds in it with their names. The modules for
/// plan, CPU and GPU generate their submodules and their `match` arms from it.
macro_rules! kinds {
    ($room:ident) => {
        $room! {
            conv: Conv = "conv", ConvGradient = "conv_gradient";
            relu: Relu = "relu";
            max_pool: MaxPool = "max_pool", MaxPoolGradient = "max_pool_gradient";
            lrn: Lrn = "lrn", LrnGradient = "lrn_gradient";
            average: Average = "average", AverageGradient = "average_gradient";
            softmax: Softmax = "softmax", SoftmaxGradient = "softmax_gradient";
            seed: Seed = "seed";
            gate: Gate = "gate";
            matching: Match = "match", MatchGradient = "match_gradient";
            direction: Align = "align", AlignGradient = "align_gradient";
            gram: Gram = "gram", Contrast = "contrast", GramGradient = "gram_gradient";
            measure: Measure = "measure";
            roll: Roll = "roll";
            ascend: Ascend = "ascend";
            resize: Resize = "resize";
            warp: Warp = "warp", WarpGradient = "warp_gradient";
            difference: Difference = "difference";
            affine: Affine = "affine";
            level: Level = "level";
            pull: Pull = "pull";
            smooth: Smooth = "smooth";
            pyramid: Shrink = "shrink", Expand = "expand";
            variation: Variation = "variation";
            adam: Adam = "adam";
            sample: Sample = "sample";
            search: Search = "search";
            propagate: Propagate = "propagate";
            densify: Densify = "densify";
            linearise: Linearise = "linearise";
            relax: Relax = "relax";
            judge: Judge = "judge";
            blur: Blur = "blur";
            means: Means = "means";
            settle: Explain = "explain", Settle = "settle";
            follow: Follow = "follow";
            spread: Spread = "spread";
            compose: Compose = "compose";
            meet: Meet = "meet";
            dft: DftColumns = "dft_columns", DftRows = "dft_rows", DftRowsGradient = "dft_rows_gradient";
            colour: Colour = "colour", ColourGradient = "colour_gradient";
            transform: Transform = "transform", TransformGradient = "transform_gradient";
        }
    };
}
#[cfg(any(feature = "cpu", feature = "gpu"))]
pub(crate) use kinds;

/// What a kind of step states about itself. Machines and planning derive everything else from this.
pub trait Kind: Clone {
    /// Every view that it works on, and how it uses it. The views it reads come in the order in which the
    /// formula names them.
    fn operands(&mut self) -> Vec<Operand<&mut View>>;

    /// Every number in it that may change from iteration to iteration.
    fn numbers(&mut self) -> Vec<&mut Number> {
        Vec::new()
    }

    /// Layers whose weights it reads.
    fn layers(&self) -> &[LayerId] {
        &[]
    }

    /// Whether it differs from iteration to iteration because the current shift is part of its formula.
    fn is_shifted(&self) -> bool {
        false
    }

    /// Floating-point operations, counting a multiply-add as two. This is what the algorithm needs, without
    /// the overhead of a machine.
    fn flops(&self) -> u64 {
        self.written().iter().map(|view| 2 * view.shape.len() as u64).sum()
    }

    /// What it works on, for people: `96>128 at 28x28`. Equal geometries have equal descriptions.
    fn geometry(&self) -> String {
        self.written().first().map_or_else(String::new, size)
    }

    /// The views that it writes. It writes all of their cells.
    fn written(&self) -> Vec<View> {
        let mut own = self.clone();
        let written = own.operands().into_iter().filter(|operand| operand.role != Role::Read);
        written.map(|operand| *operand.view).collect()
    }
}

/// Channels and size of a map as text.
fn size(view: &View) -> String {
    format!("{} at {}", view.shape.channels, area(view))
}

fn area(view: &View) -> String {
    format!("{}x{}", view.shape.width, view.shape.height)
}

macro_rules! steps {
    ($($file:ident: $($kind:ident = $name:literal),+;)*) => {
        $(
            mod $file;
            pub use $file::{$($kind),+};
        )*

        /// One step of a plan. `x` is read, `y` is written, `d` stands for "gradient of".
        #[derive(Clone, Debug, PartialEq)]
        pub enum Step {
            $($(
                #[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")]
                $kind($kind),
            )+)*
        }

        $($(
            impl From<$kind> for Step {
                fn from(step: $kind) -> Self {
                    Self::$kind(step)
                }
            }
        )+)*

        impl Step {
            /// The names of all kinds.
            pub const NAMES: &[&str] = &[$($($name),+),*];

            /// The name of the kind.
            pub fn name(&self) -> &'static str {
                match self { $($(Self::$kind(_) => $name,)+)* }
            }

            /// Every view that it works on, mutable so that it can be replaced.
            pub fn operands_mut(&mut self) -> Vec<Operand<&mut View>> {
                match self { $($(Self::$kind(step) => step.operands(),)+)* }
            }

            /// Every number in it that may change from iteration to iteration, mutable so that it can be
            /// replaced.
            pub fn numbers_mut(&mut self) -> Vec<&mut Number> {
                match self { $($(Self::$kind(step) => step.numbers(),)+)* }
            }

            /// Whether the current shift is part of what it does.
            pub fn is_shifted(&self) -> bool {
                match self { $($(Self::$kind(step) => step.is_shifted(),)+)* }
            }

            /// Floating-point operations, counting a multiply-add as two. This is what the algorithm needs,
            /// without the overhead of a machine.
            pub fn flops(&self) -> u64 {
                match self { $($(Self::$kind(step) => step.flops(),)+)* }
            }

            fn layers(&self) -> &[LayerId] {
                match self { $($(Self::$kind(step) => step.layers(),)+)* }
            }

            fn geometry(&self) -> String {
                match self { $($(Self::$kind(step) => step.geometry(),)+)* }
            }
        }
    };
}
kinds!(steps);

impl Step {
    /// Every view that it works on.
    pub fn operands(&self) -> Vec<Operand<View>> {
        let mut own = self.clone();
        own.operands_mut().into_iter().map(Operand::copied).collect()
    }

    /// Every view whose cells the step reads, including those that it adds to.
    pub fn reads(&self) -> Vec<View> {
        self.views(|role| role != Role::Write)
    }

    /// Every view that the step writes. It writes all of their cells.
    pub fn writes(&self) -> Vec<View> {
        self.views(|role| role != Role::Read)
    }

    /// Whether what it does depends on dials.
    pub fn has_dials(&self) -> bool {
        self.clone().numbers_mut().iter().any(|number| matches!(number, Number::Dial(_)))
    }

    fn views(&self, wanted: impl Fn(Role) -> bool) -> Vec<View> {
        let operands = self.operands().into_iter().filter(|operand| wanted(operand.role));
        operands.map(|operand| operand.view).collect()
    }

    /// The least number of bytes to be moved: every cell read once and written once, every weight read once.
    pub fn bytes(&self, weights: &Weights) -> u64 {
        let views = self.reads().into_iter().chain(self.writes());
        let cells: usize = views.map(|view| view.shape.len()).sum();
        let filters: usize = self.layers().iter().map(|&layer| weights.filter(layer).weight.len()).sum();
        4 * (cells + filters) as u64
    }
}

impl fmt::Display for Step {
    /// Kind and geometry: `conv 3x3 96>128 at 28x28`. Equal geometries give equal text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.geometry())
    }
}

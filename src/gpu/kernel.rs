//! The kernel table: every WGSL kernel, the text it is made of, and what it binds.
//!
//! How maps lie in memory decides which of two texts a kernel's map accesses are: see [`Layout`]. What a layer decides
//! (window, tile shape) is a pipeline constant, what a size decides (channels, offsets) is in its
//! [`params`](super::params).

use super::layout::Layout;

/// Threads of a workgroup in the kernels that treat one cell an invocation.
pub const INVOCATIONS: usize = 256;

/// What a kernel finds at a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its own parameters.
    Params,
    /// The jitter of the current iteration.
    Jitter,
    /// Cells it reads.
    Read,
    /// Cells it writes, or reads and writes.
    Write,
    /// Cells in a texture, see `texels.wgsl`, that it reads.
    ReadTexels,
    /// The same, written.
    WriteTexels,
}

/// How the maps lie that a kernel reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Maps {
    /// What it reads.
    pub reads: Layout,
    /// What it writes.
    pub writes: Layout,
}

impl Maps {
    /// All maps in one layout.
    pub const fn all(layout: Layout) -> Self {
        Self { reads: layout, writes: layout }
    }
}

/// A text that there is for each layout.
#[derive(Clone, Copy)]
struct Variants {
    planar: &'static str,
    blocked: &'static str,
}

impl Variants {
    fn text(self, layout: Layout) -> &'static str {
        match layout {
            Layout::Planar => self.planar,
            Layout::Blocked => self.blocked,
        }
    }
}

macro_rules! shader {
    ($($name:literal),*) => {
        include_str!(concat!("../../shaders/", $($name,)* ".wgsl"))
    };
}

macro_rules! variants {
    () => {
        None
    };
    ($prefix:literal) => {
        Some(Variants { planar: shader!($prefix, "planar"), blocked: shader!($prefix, "blocked") })
    };
}

// Each row: a kernel, its file, files that are before it whatever the layout; then `reads`, and `writes` where that may be
// another layout, with what the names of files begin with that end in `planar` or `blocked`; then what it binds.
macro_rules! kernels {
    ($(
        $(#[$doc:meta])*
        $kernel:ident = $label:literal [$($include:literal),*]
        $(reads $reads:literal)? $(writes $writes:literal)? [$($access:ident),*];
    )*) => {
        /// A kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kernel {
            $($(#[$doc])* $kernel,)*
        }

        impl Kernel {
            /// All of them.
            pub const ALL: &[Kernel] = &[$(Kernel::$kernel),*];

            /// Its name, which is its file's.
            pub fn label(self) -> &'static str {
                match self { $(Kernel::$kernel => $label,)* }
            }

            /// The text that is the same in every layout.
            fn text(self) -> &'static str {
                match self {
                    $(Kernel::$kernel => concat!($(shader!($include),)* shader!($label)),)*
                }
            }

            /// The texts that depend on the layout of what is read, and of what is written.
            fn variants(self) -> (Option<Variants>, Option<Variants>) {
                match self {
                    $(Kernel::$kernel => (variants!($($reads)?), variants!($($writes)?)),)*
                }
            }

            /// What it binds, in order of the binding numbers.
            pub fn bindings(self) -> &'static [Access] {
                match self { $(Kernel::$kernel => &[$(Access::$access),*],)* }
            }
        }
    };
}

kernels! {
    /// Convolution and its input gradient.
    Conv = "conv" ["conv_shared"] reads "conv_reads_" writes "conv_writes_"
        [Params, Read, Read, Read, Write, Write, Read, Read];
    /// The same for subgroups that are eight wide.
    ConvSubgroup = "conv_subgroup" ["conv_shared", "texels"] writes "conv_writes_"
        [Params, ReadTexels, Read, Read, Write, Write, ReadTexels];
    /// A planar source for that.
    Interleave = "interleave" ["common", "texels"] [Params, Read, WriteTexels];
    /// `max(x, 0)`.
    Relu = "relu" ["common"] reads "" [Params, Read, Write];
    /// Max pooling.
    MaxPool = "max_pool" ["common"] reads "" [Params, Read, Write, Write];
    /// Its gradient.
    MaxPoolGradient = "max_pool_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read];
    /// Local response normalisation.
    Lrn = "lrn" ["common", "lrn_scale"] reads "" [Params, Read, Write];
    /// Its gradient.
    LrnGradient = "lrn_gradient" ["common", "lrn_scale", "gradient"] reads "" [Params, Read, Write, Read, Read];
    /// Mean of each channel.
    Average = "average" ["common", "sum"] reads "" [Params, Read, Write];
    /// Its gradient.
    AverageGradient = "average_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read];
    /// Softmax over channels.
    Softmax = "softmax" ["common", "planar", "sum"] [Params, Read, Write];
    /// Its gradient.
    SoftmaxGradient = "softmax_gradient" ["common", "planar", "sum", "gradient"] [Params, Read, Write, Read, Read];
    /// Gradient of a functional.
    Seed = "seed" ["common", "functional", "gradient"] reads "" [Params, Read, Write, Read];
    /// Which cells count.
    Gate = "gate" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read];
    /// The column of a guide that each cell is most like.
    Match = "match" ["common"] reads "" [Params, Read, Read, Write, Write];
    /// The gradient of that likeness.
    MatchGradient = "match_gradient" ["common", "gradient"] reads "" [Params, Read, Write, Read, Read];
    /// Partial sums of a functional.
    Measure = "measure" ["common", "functional", "sum"] reads "" [Params, Read, Write];
    /// Sum of the partial sums.
    Total = "total" ["common", "planar", "sum"] [Params, Read, Write];
    /// Circular shift.
    Roll = "roll" ["common", "jitter"] [Params, Jitter, Read, Write];
    /// One step uphill.
    Ascend = "ascend" ["common", "jitter"] [Params, Jitter, Read, Read, Read, Write];
    /// Bilinear resampling.
    Resize = "resize" ["common"] [Params, Read, Read, Write];
    /// `a - b`.
    Difference = "difference" ["common"] [Params, Read, Read, Write];
    /// `scale x + offset`.
    Affine = "affine" ["common"] [Params, Write];
    /// From one mean and deviation to another.
    Level = "level" ["common"] [Params, Read, Write];
    /// Back towards a source.
    Pull = "pull" ["common"] [Params, Read, Write];
    /// Three Gaussians at once.
    Smooth = "smooth" ["common"] [Params, Read, Read, Write];
    /// Half the size.
    Shrink = "shrink" ["common", "pyramid"] [Params, Read, Write];
    /// Twice the size, added.
    Expand = "expand" ["common", "pyramid"] [Params, Read, Write];
    /// Gradient of a total variation.
    Variation = "variation" ["common"] [Params, Read, Write];
    /// Adam's direction.
    Adam = "adam" ["common", "jitter"] [Params, Jitter, Read, Write, Write, Write];
    /// Nothing but arithmetic: what a device can do at most.
    PeakFma = "peak_fma" [] [Params, Write];
    /// Nothing but memory: what a device can move at most.
    PeakCopy = "peak_copy" ["common"] [Params, Read, Write];
}

impl Kernel {
    /// The layouts that its text differs for.
    pub fn layouts(self) -> Vec<Maps> {
        let both = |variants: Option<Variants>| match variants {
            None => &[Layout::Planar][..],
            Some(_) => &[Layout::Planar, Layout::Blocked],
        };
        let (reading, writing) = self.variants();
        let pairs =
            both(reading).iter().flat_map(|&reads| both(writing).iter().map(move |&writes| (reads, writes)));
        pairs.map(|(reads, writes)| Maps { reads, writes }).collect()
    }

    /// Its complete WGSL text; the entry point is `main`.
    pub fn source(self, maps: Maps) -> String {
        let (reading, writing) = self.variants();
        let text = |variants: Option<Variants>, layout| variants.map_or("", |variants| variants.text(layout));
        [text(reading, maps.reads), text(writing, maps.writes), self.text()].concat()
    }
}

//! Kernels: the WGSL text that each consists of, what it binds, and its parameters.
//!
//! A kernel is declared with `kernel!` next to the step that it is for. How maps lie in memory decides which of
//! two texts it uses to access them: see [`Layout`]. What depends on a layer (window, tile shape) is a pipeline
//! constant; what depends on a size (channels, offsets) is a parameter.

use std::fmt;

use super::layout::Layout;

/// Threads of a workgroup in the kernels in which one invocation handles one cell.
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
    /// Cells in a texture that it reads: see `texels.wgsl`.
    ReadTexels,
    /// Cells in a texture that it writes.
    WriteTexels,
}

/// The layouts of the maps that a kernel reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Maps {
    /// The layout of what it reads.
    pub reads: Layout,
    /// The layout of what it writes.
    pub writes: Layout,
}

impl Maps {
    /// All maps in one layout.
    pub const fn all(layout: Layout) -> Self {
        Self { reads: layout, writes: layout }
    }
}

/// One text for each layout.
#[derive(Clone, Copy)]
pub(in crate::gpu) struct Variants {
    pub(in crate::gpu) planar: &'static str,
    pub(in crate::gpu) blocked: &'static str,
}

impl Variants {
    fn text(self, layout: Layout) -> &'static str {
        match layout {
            Layout::Planar => self.planar,
            Layout::Blocked => self.blocked,
        }
    }
}

/// A kernel.
#[derive(Clone, Copy)]
pub struct Kernel {
    /// Its name, which is also the name of its file.
    pub label: &'static str,
    /// What it binds, in the order of the binding numbers.
    pub bindings: &'static [Access],
    /// The names of its parameters, in order. Each is four bytes, so there is no padding to get wrong.
    pub params: &'static [&'static str],
    /// The text that is the same in every layout.
    pub(in crate::gpu) text: &'static str,
    /// The text that depends on the layout of what is read.
    pub(in crate::gpu) reads: Option<Variants>,
    /// The text that depends on the layout of what is written, if that may be different.
    pub(in crate::gpu) writes: Option<Variants>,
}

impl PartialEq for Kernel {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

impl Kernel {
    /// The layouts for which its text differs.
    pub fn layouts(&self) -> Vec<Maps> {
        let both = |variants: Option<Variants>| match variants {
            None => &[Layout::Planar][..],
            Some(_) => &[Layout::Planar, Layout::Blocked],
        };
        let (reading, writing) = (both(self.reads), both(self.writes));
        let pairs = reading.iter().flat_map(|&reads| writing.iter().map(move |&writes| (reads, writes)));
        pairs.map(|(reads, writes)| Maps { reads, writes }).collect()
    }

    /// Its complete WGSL text; the entry point is `main`.
    pub fn source(&self, maps: Maps) -> String {
        let text = |variants: Option<Variants>, layout| variants.map_or("", |variants| variants.text(layout));
        [text(self.reads, maps.reads), text(self.writes, maps.writes), self.text].concat()
    }
}

/// The parameters of one dispatch, as bytes for the uniform buffer.
pub(in crate::gpu) trait Params: bytemuck::Pod {
    /// The kernel that they belong to.
    const KERNEL: Kernel;
    /// Field names in order.
    const FIELDS: &[&str];
}

/// Parameters that say where a gradient is stored: see `gradient.wgsl`.
pub(in crate::gpu) trait Leave: Params {
    /// Sets where the gradient begins, and where the mask begins.
    fn set(&mut self, dx: u32, mask: u32);
}

macro_rules! shader {
    ($($name:literal),*) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $($name,)* ".wgsl"))
    };
}
pub(in crate::gpu) use shader;

macro_rules! variants {
    () => {
        None
    };
    ($prefix:literal) => {
        Some($crate::gpu::kernel::Variants {
            planar: $crate::gpu::kernel::shader!($prefix, "planar"),
            blocked: $crate::gpu::kernel::shader!($prefix, "blocked"),
        })
    };
}
pub(in crate::gpu) use variants;

/// Declares a kernel. First comes its file and the files that precede it in every layout; then, after `reads`
/// (and after `writes`, if that may be in a different layout), the prefix of the file names that end in `planar`
/// or `blocked`; then what it binds; and then its parameters, field by field as in its WGSL `struct Params`. A
/// kernel that `leaves` a gradient has two more parameters in front.
macro_rules! kernel {
    (
        $label:literal [$($include:literal),*] $(reads $reads:literal)? $(writes $writes:literal)?
        [$($access:ident),*] $params:ident leaves { $($field:ident: $type:ty),* $(,)? }
    ) => {
        $crate::gpu::kernel::kernel! {
            $label [$($include),*] $(reads $reads)? $(writes $writes)? [$($access),*]
            $params { dx: u32, mask: u32, $($field: $type),* }
        }

        impl $crate::gpu::kernel::Leave for $params {
            fn set(&mut self, dx: u32, mask: u32) {
                (self.dx, self.mask) = (dx, mask);
            }
        }
    };
    (
        $label:literal [$($include:literal),*] $(reads $reads:literal)? $(writes $writes:literal)?
        [$($access:ident),*] $params:ident { $($field:ident: $type:ty),* $(,)? }
    ) => {
        #[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
        #[repr(C)]
        pub(in crate::gpu) struct $params { $(pub(in crate::gpu) $field: $type),* }

        impl $crate::gpu::kernel::Params for $params {
            const KERNEL: $crate::gpu::kernel::Kernel = $crate::gpu::kernel::kernel! {
                $label [$($include),*] $(reads $reads)? $(writes $writes)? [$($access),*] of $params
            };
            const FIELDS: &[&str] = &[$(stringify!($field)),*];
        }
    };
    (
        $label:literal [$($include:literal),*] $(reads $reads:literal)? $(writes $writes:literal)?
        [$($access:ident),*] of $params:ident
    ) => {
        $crate::gpu::kernel::Kernel {
            label: $label,
            bindings: &[$($crate::gpu::kernel::Access::$access),*],
            params: <$params as $crate::gpu::kernel::Params>::FIELDS,
            text: concat!($($crate::gpu::kernel::shader!($include),)* $crate::gpu::kernel::shader!($label)),
            reads: $crate::gpu::kernel::variants!($($reads)?),
            writes: $crate::gpu::kernel::variants!($($writes)?),
        }
    };
}
pub(in crate::gpu) use kernel;

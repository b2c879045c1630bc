//! The parameters of every kernel, field by field as in its WGSL `struct Params`.
//!
//! Every field is four bytes, so there is no padding to get wrong; a test compares names and offsets with
//! what naga reads from the shaders.

use super::kernel::Kernel;

/// Parameters of one dispatch, as bytes for the uniform buffer.
pub trait Params: bytemuck::Pod {
    /// Whose they are.
    const KERNEL: Kernel;
    /// Field names in order.
    const FIELDS: &[&str];
}

macro_rules! params {
    ($($name:ident for $kernel:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            #[doc = concat!("Parameters of `", stringify!($kernel), "`; see its shader.")]
            #[derive(Clone, Copy, Debug, Default, bytemuck::Pod, bytemuck::Zeroable)]
            #[repr(C)]
            #[allow(missing_docs, reason = "documented in the shader")]
            pub struct $name { $(pub $field: $type),* }

            impl Params for $name {
                const KERNEL: Kernel = Kernel::$kernel;
                const FIELDS: &[&str] = &[$(stringify!($field)),*];
            }
        )*

        /// Kernel, field names and bytes of every parameter struct.
        pub fn layouts() -> Vec<(Kernel, &'static [&'static str], usize)> {
            vec![$((<$name>::KERNEL, <$name>::FIELDS, size_of::<$name>())),*]
        }
    };
}

params! {
    ConvParams for Conv {
        source0: u32, source1: u32, channels0: u32, channels1: u32, height: u32, width: u32,
        pad_rows: u32, pad_columns: u32, grid_width: u32, columns: u32, rows: u32,
        split: u32, destination0: u32, destination1: u32, out_height: u32, out_width: u32, mask: u32, first_group: u32,
    }
    InterleaveParams for Interleave {
        x: u32, channels: u32, plane: u32, first: u32, texels: u32,
    }
    ReluParams for Relu { x: u32, y: u32, blocks: u32 }
    MaxPoolParams for MaxPool {
        x: u32, y: u32, choice: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, pad_rows: u32, pad_columns: u32, squares: u32,
    }
    MaxPoolGradientParams for MaxPoolGradient {
        dx: u32, mask: u32, dy: u32, choice: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, pad_rows: u32, pad_columns: u32, squares: u32,
    }
    LrnParams for Lrn { x: u32, y: u32, blocks: u32, plane: u32, mean_alpha: f32, k: f32 }
    LrnGradientParams for LrnGradient {
        dx: u32, mask: u32, x: u32, dy: u32,
        blocks: u32, plane: u32, mean_alpha: f32, k: f32,
    }
    AverageParams for Average { x: u32, y: u32, plane: u32 }
    AverageGradientParams for AverageGradient {
        dx: u32, mask: u32, dy: u32, plane: u32, blocks: u32,
    }
    SoftmaxParams for Softmax { x: u32, y: u32, cells: u32 }
    SoftmaxGradientParams for SoftmaxGradient {
        dx: u32, mask: u32, y: u32, dy: u32, cells: u32,
    }
    SeedParams for Seed {
        dx: u32, mask: u32, x: u32, scale: f32,
        channel: u32, first_row: u32, end_row: u32, first_column: u32, end_column: u32,
        height: u32, width: u32, blocks: u32,
    }
    GateParams for Gate {
        dx: u32, mask: u32, x: u32, gate: u32, plane: u32, blocks: u32,
    }
    MatchParams for Match {
        x: u32, guide: u32, choice: u32, score: u32, blocks: u32, cells: u32, columns: u32, first_group: u32,
    }
    MatchGradientParams for MatchGradient {
        dx: u32, mask: u32,
        guide: u32, choice: u32, scale: f32, plane: u32, columns: u32, blocks: u32,
    }
    MeasureParams for Measure {
        x: u32, first: u32, row_length: u32, row_pitch: u32, pitch: u32, blocks: u32,
    }
    TotalParams for Total { total: u32, count: u32, scale: f32, add: u32, root: u32 }
    RollParams for Roll { x: u32, y: u32, height: u32, width: u32, channels: u32 }
    AscendParams for Ascend {
        x: u32, dx: u32, magnitude: u32, mask: u32, height: u32, width: u32, step: f32,
        low0: f32, low1: f32, low2: f32, high0: f32, high1: f32, high2: f32,
    }
    ResizeParams for Resize {
        x: u32, y: u32, base: u32, based: u32,
        height: u32, width: u32, out_height: u32, out_width: u32, cells: u32,
    }
    DifferenceParams for Difference { a: u32, b: u32, y: u32, cells: u32 }
    AffineParams for Affine { x: u32, cells: u32, scale: f32, offset: f32 }
    LevelParams for Level { x: u32, levels: u32, cells: u32 }
    PullParams for Pull { x: u32, source: u32, plane: u32, luma: f32, chroma: f32 }
    SmoothParams for Smooth {
        x: u32, y: u32, age: u32, height: u32, width: u32, cells: u32, sigma: f32, growth: f32,
    }
    ShrinkParams for Shrink {
        x: u32, y: u32, height: u32, width: u32, out_height: u32, out_width: u32, cells: u32,
    }
    ExpandParams for Expand {
        x: u32, y: u32, height: u32, width: u32, out_height: u32, out_width: u32, cells: u32, factor: f32,
    }
    VariationParams for Variation {
        x: u32, dx: u32, height: u32, width: u32, cells: u32, scale: f32, power: f32,
    }
    AdamParams for Adam { dx: u32, first: u32, second: u32, mass: u32, height: u32, width: u32, channels: u32 }
    PeakFmaParams for PeakFma { rounds: u32, seed: f32 }
    PeakCopyParams for PeakCopy { count: u32 }
}

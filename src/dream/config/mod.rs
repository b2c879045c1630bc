//! The settings of a dream, each declared once, with the notebook's defaults.

mod check;
mod choices;
mod forms;

use crate::net::Weights;
use crate::picture::MAX_SIDE;
use crate::plan::shaping::Normalise;
use crate::settings::form::{bytes, octaves, optional, pair, per_octave, real, switch, whole, word};
use crate::settings::{of, settings};

use super::objective::Objective;
use forms::{climbed, mean};

pub use crate::settings::ConfigError;
pub use crate::settings::per_octave::{Octaves, PerOctave};
pub(super) use check::describe;
pub use choices::{Color, Optimizer, TileMode};

/// Mean that the notebook subtracts: B, G, R.
pub const CLASSIC_MEAN: [f32; 3] = [104.0, 116.0, 122.0];

/// Smallest permitted memory limit: below it, not even small pictures fit.
const LEAST_MEMORY: u64 = 1 << 20;

settings! {
    /// Everything that decides a dream, apart from picture, weights and machine.
    Config / Changes {
        "What to dream of" {
            /// What to maximise, like l2:inception_4c/output or logit:sunflower; several add up
            objectives: Vec<Objective> = vec![Objective::l2("inception_4c/output")],
                of(climbed()).by_default("l2 of the layer that suits the weights");
        }
        "How to dream" {
            /// Number of sizes at which the picture is dreamed, smallest first; auto for as many as the layers
            /// allow
            octaves: Octaves = Octaves::Count(4),
                of(octaves()).drawn_of(3, |number| Octaves::Count(2 + number));
            /// Skip sizes whose shorter side has fewer pixels than this, except the picture's own
            min_edge: usize = 1, of(whole(1..).unit("pixels"));
            /// Factor between neighbouring sizes
            octave_scale: f64 = 1.4, of(real(1.0..=100.0).but_not(1.0).like("1.4"));
            /// Steps in each octave. Like step and jitter, it takes a list, smallest octave first, whose last
            /// number repeats
            iterations: PerOctave<usize> = 10.into(),
                of(per_octave(whole(1..=1_000_000))).drawn_of(9, |number| (4 + number).into());
            /// Mean change of a pixel in one step, in gray levels
            step: PerOctave<f32> = 1.5.into(),
                of(per_octave(real(-1000.0..=1000.0).but_not(0.0).like("1.5")))
                    .drawn_of(31, |number| (0.5 + 0.05 * number as f32).into());
            /// Largest random shift of the picture in each step, in pixels
            jitter: PerOctave<u32> = 32.into(), of(per_octave(whole(0..=65_535).unit("pixels")));
            /// Start with noise on the picture, of this standard deviation in gray levels
            grain: f32 = 0.0, of(real(0.0..=255.0).like("10"));
            /// Seed of everything random: the shifts, the grain and the sky
            seed: u64 = 0, of(whole(0..));
        }
        "Network" {
            /// Mean colour subtracted from the picture before the network sees it: blue, green, red
            mean: [f32; 3] = CLASSIC_MEAN, of(mean()).by_default("what the weights say");
        }
    }

    /// How gradients are shaped, what holds the picture back, and how the dream is blended with its source.
    controls: Controls / ControlChanges {
        "Shape" {
            /// What a gradient is divided by: the mean of its magnitudes (mean), its standard deviation after
            /// subtracting its mean (std), or its root mean square (rms)
            normalize: Normalise = Normalise::Mean, of(word("BY"));
            /// Smooth gradients with three Gaussians that widen with every iteration
            smooth: bool = false, of(switch());
            /// Split gradients into N+1 bands from fine to coarse, and make them equally strong
            laplacian: usize = 0, of(whole(0..=10).unit("levels"));
            /// Follow the gradient as it is (step), or move every sample by about the same amount along the
            /// running mean of its gradients (adam)
            optimizer: Optimizer = Optimizer::Step, of(word("HOW"));
        }
        "Hold back" {
            /// Reduce total variation: more weight makes smoother pictures, an exponent below 2 spares edges
            tv: (f32, f32) = (0.0, 2.0),
                of(pair(
                    ("weight", real(0.0..=1000.0)),
                    ("exponent", real(1.0..=4.0)),
                    "W[,BETA]",
                    "2 or 2,1.5",
                ).alone(|weight| (weight, 2.0)));
            /// Pull towards the source: W/255 of the distance for each gray level of the step
            l2: f32 = 0.0, of(real(0.0..=1000.0).like("1").named("W"));
            /// Return this fraction of the way to the source after each step, in brightness and in colour
            keep: (f32, f32) = (0.0, 0.0),
                of(pair(
                    ("luma", real(0.0..=1.0)),
                    ("chroma", real(0.0..=1.0)),
                    "LUMA[,CHROMA]",
                    "0.1 or 0.02,0.1",
                ).alone(|both| (both, both)));
            /// Lock the mean and variance of each colour to the source's after each step
            guard: bool = false, of(switch());
        }
        "Blending" {
            /// Whose colours to use: the dream's (dream), or the source's, so that only brightness is dreamed
            /// (keep)
            color: Color = Color::Dream, of(word("WHOSE"));
            /// Percentiles of the finished dream that become black and white, like 1,99
            contrast: Option<(f32, f32)> = None,
                of(optional(pair(
                    ("low", real(0.0..=100.0)),
                    ("high", real(0.0..=100.0)),
                    "LOW,HIGH",
                    "1,99",
                ).ascending()));
            /// How much of the dream is blended into the source: 0 for none, 1 for all, more to exaggerate it
            strength: f32 = 1.0, of(real(0.0..=10.0).like("0.5"));
        }
    }

    /// How the picture is cut into tiles, if it has to be. By default this depends on the memory.
    tiling: Tiling / TilingChanges {
        "Any size" {
            /// Cut the picture into tiles of at most N pixels a side
            tile: Option<usize> = None,
                of(optional(whole(1..=MAX_SIDE).unit("pixels")))
                    .by_default("not at all, or as large as memory allows");
            /// What a tile sees: everything that influences it, for the same dream as without tiles (exact), or
            /// only itself, with seams hidden by larger shifts (fast)
            tile_mode: Option<TileMode> = None,
                of(optional(word("MODE"))).by_default("exact, unless that is more than twice the work");
            /// Use no more of the device's memory than this, like 900M or 2.5G, not counting the weights
            memory_limit: Option<u64> = None,
                of(optional(bytes(LEAST_MEMORY, "1 MiB"))).by_default("what is free");
        }
    }
}

impl Config {
    /// The notebook's numbers, with the layer and the mean that suit these weights.
    pub fn for_weights(weights: &Weights) -> Self {
        let objectives = vec![Objective::l2(weights.favourite_layer())];
        Self { objectives, mean: weights.mean(), ..Self::default() }
    }
}

//! How a picture is cut into tiles: cores that cover it exactly once, and around each a window for the
//! network.
//!
//! The gradient of a pixel comes from the target cells that see it. These cells, and every maximum on the
//! way, depend on all the pixels that they see in turn. A window that contains all of those gives its core
//! the same gradient as the whole picture, to the bit. For that, its start is an even multiple of the
//! target's stride, and so is the distance from its end to the end of the picture. Then every layer's windows
//! lie as they do in the whole picture, including its padding and its clipped pools, and so do the groups of
//! four cells that a machine may compute together.

use std::ops::Range;

pub use crate::dream::config::TileMode;
use crate::extent::Extent;
use crate::net::axis::hull;
use crate::net::{Axis, LayerId, Network};
use crate::remedy::{Fault, Remedy};

/// Why a picture cannot be cut like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MosaicError {
    /// The layer sees everything, so no halo is wide enough.
    #[error("'{0}' sees the whole picture, so its tiles cannot be exact")]
    NotLocal(String),
    /// Not even one cell fits together with its surroundings.
    #[error("tiles of {largest} pixels are too small: for these layers {mode} tiles need at least {least}")]
    TooSmall {
        /// What was asked for.
        largest: usize,
        /// The kind of tiles.
        mode: TileMode,
        /// The shortest side that works.
        least: usize,
    },
}

impl MosaicError {
    /// Combines two errors: what resolves the result resolves both.
    pub(in crate::dream) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::TooSmall { largest, mode, least }, Self::TooSmall { least: other, .. }) => {
                Self::TooSmall { largest, mode, least: least.max(other) }
            }
            (Self::TooSmall { .. }, worse @ Self::NotLocal(_)) => worse,
            (worse, _) => worse,
        }
    }
}

impl Fault for MosaicError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NotLocal(_) => Some(Remedy::FastTiles),
            Self::TooSmall { .. } => None,
        }
    }
}

/// A tile along one axis, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where its window begins.
    pub start: usize,
    /// The pixels whose gradient is taken from it.
    pub core: Range<usize>,
}

/// One axis of a picture, cut into tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// Pixels of every window.
    pub side: usize,
    /// In order; their cores cover the axis once.
    pub spans: Vec<Span>,
}

/// A picture cut into tiles, all of whose windows have the same size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mosaic {
    /// What the tiles see.
    pub mode: TileMode,
    /// From top to bottom.
    pub rows: Cuts,
    /// From left to right.
    pub columns: Cuts,
}

impl Mosaic {
    /// The fewest tiles of at most `largest` pixels a side for a picture of this size.
    ///
    /// # Errors
    /// Layers that see everything, if tiles are exact; tiles that are too small for the layers.
    ///
    /// # Panics
    /// If there are no layers.
    pub fn new(
        network: &Network,
        layers: &[LayerId],
        size: Extent,
        largest: usize,
        mode: TileMode,
    ) -> Result<Self, MosaicError> {
        let whole = largest >= size.longest();
        let global = layers.iter().find(|&&layer| !network.is_local(layer));
        if let (Some(&layer), TileMode::Exact, false) = (global, mode, whole) {
            return Err(MosaicError::NotLocal(network[layer].name.clone()));
        }
        let axis = |pixels| Cutter::new(network, layers, pixels, mode);
        let (rows, columns) = (axis(size.height), axis(size.width));
        match (rows.cut(largest), columns.cut(largest)) {
            (Some(rows), Some(columns)) => Ok(Self { mode, rows, columns }),
            _ => Err(MosaicError::TooSmall {
                largest,
                mode,
                least: rows.least_side().max(columns.least_side()),
            }),
        }
    }

    /// How many tiles there are.
    pub fn tiles(&self) -> usize {
        self.rows.spans.len() * self.columns.spans.len()
    }

    /// Every tile: its rows and its columns, from left to right and from top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = (&Span, &Span)> {
        self.rows.spans.iter().flat_map(|rows| self.columns.spans.iter().map(move |columns| (rows, columns)))
    }

    /// The size of every window.
    pub fn window(&self) -> Extent {
        Extent::new(self.rows.side, self.columns.side)
    }

    /// Pixels that the network sees for one iteration: those of all windows.
    pub fn work(&self) -> u64 {
        (self.tiles() * self.window().plane()) as u64
    }
}

/// Cuts one axis.
struct Cutter<'a> {
    axis: Axis<'a>,
    layers: &'a [LayerId],
    mode: TileMode,
    /// The distance between pixels at which the windows of all layers align.
    stride: usize,
    /// Shortest window that leaves a cell at every layer.
    least: usize,
}

impl<'a> Cutter<'a> {
    fn new(network: &'a Network, layers: &'a [LayerId], pixels: usize, mode: TileMode) -> Self {
        let strides = layers.iter().map(|&layer| network.receptive_field(layer).stride);
        let stride = strides.reduce(common_multiple).expect("a layer to climb");
        let stride = if mode == TileMode::Exact { 2 * stride } else { stride };
        let least = layers.iter().map(|&layer| network.smallest_side(layer)).max().unwrap_or(1);
        let cutter = Self { axis: network.axis(pixels), layers, mode, stride, least: 0 };
        Self { least: cutter.aligned(0..least.min(pixels)).len(), ..cutter }
    }

    /// The fewest spans of at most `largest` pixels, if that is possible.
    fn cut(&self, largest: usize) -> Option<Cuts> {
        let pixels = self.axis.pixels();
        if pixels <= largest {
            return Some(Cuts { side: pixels, spans: vec![Span { start: 0, core: 0..pixels }] });
        }
        let strides = pixels.div_ceil(self.stride);
        let mut cores = (2..=strides).map(|count| strides.div_ceil(count) * self.stride);
        cores.find_map(|core| self.cores_of(core, largest))
    }

    /// The side of the shortest possible spans: those with the shortest cores, or the axis in one piece.
    fn least_side(&self) -> usize {
        self.cores_of(self.stride, usize::MAX).map_or(self.axis.pixels(), |cuts| cuts.side)
    }

    /// Cores of this many pixels, if no window is longer than `largest`.
    fn cores_of(&self, core: usize, largest: usize) -> Option<Cuts> {
        let pixels = self.axis.pixels();
        let cores = (0..pixels).step_by(core).map(|start| start..(start + core).min(pixels));
        let mut side = self.least;
        let mut spans = Vec::new();
        for core in cores {
            let window = self.aligned(self.window(core.clone()));
            side = side.max(window.len());
            if side > largest {
                return None;
            }
            spans.push(Span { start: window.start, core });
        }
        // Windows that are longer than necessary may begin earlier.
        spans.iter_mut().for_each(|span| span.start = span.start.min(pixels - side));
        Some(Cuts { side, spans })
    }

    /// What the network must see for the gradient of these pixels.
    fn window(&self, core: Range<usize>) -> Range<usize> {
        if self.mode == TileMode::Fast {
            return core;
        }
        let seen = self.layers.iter().map(|&layer| {
            let cells = self.axis.seeing(layer, core.clone());
            self.axis.seen(layer, cells)
        });
        seen.fold(core.clone(), hull)
    }

    /// The range, extended to where all windows align with those of the whole picture.
    fn aligned(&self, range: Range<usize>) -> Range<usize> {
        let pixels = self.axis.pixels();
        range.start / self.stride * self.stride..pixels - (pixels - range.end) / self.stride * self.stride
    }
}

fn common_multiple(a: usize, b: usize) -> usize {
    let mut divisor = (a, b);
    while divisor.1 > 0 {
        divisor = (divisor.1, divisor.0 % divisor.1);
    }
    a / divisor.0 * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::googlenet::googlenet;

    const MODES: [TileMode; 2] = [TileMode::Exact, TileMode::Fast];

    fn mosaic(names: &[&str], size: Extent, largest: usize, mode: TileMode) -> Mosaic {
        let net = googlenet(Some(5));
        let layers: Vec<LayerId> = names.iter().map(|name| net.find(name).expect("a layer")).collect();
        Mosaic::new(&net, &layers, size, largest, mode).expect("large enough tiles")
    }

    /// Cores cover every pixel once, each inside its window, and windows inside the picture.
    fn check(cuts: &Cuts, pixels: usize, largest: usize, stride: usize) {
        let mut next = 0;
        for Span { start, core } in &cuts.spans {
            assert_eq!(core.start, next);
            assert!(!core.is_empty() && *start <= core.start && core.end <= start + cuts.side, "{cuts:?}");
            assert!(start % stride == 0 && start + cuts.side <= pixels, "{cuts:?}");
            next = core.end;
        }
        assert_eq!(next, pixels);
        assert!(cuts.side <= largest.min(pixels), "{cuts:?}");
        assert_eq!((pixels - cuts.side) % stride, 0, "{cuts:?}");
    }

    #[test]
    fn every_pixel_is_in_one_core() {
        for (pixels, largest) in [(1000, 640), (641, 640), (640, 640), (5000, 700), (977, 2000), (33, 1000)] {
            for mode in MODES {
                let mosaic = mosaic(&["inception_3b/output"], Extent::new(pixels, pixels + 1), largest, mode);
                check(&mosaic.rows, pixels, largest, 8);
                check(&mosaic.columns, pixels + 1, largest, 8);
                let single = pixels <= largest;
                assert_eq!(mosaic.rows.spans.len() == 1, single);
            }
        }
    }

    #[test]
    fn exact_windows_hold_the_field_of_every_cell_that_sees_the_core() {
        // 299 pixels a cell, 16 apart: from the first to the last cell that sees a core's pixel.
        let mosaic = mosaic(&["inception_4c/output"], Extent::new(300, 4000), 1024, TileMode::Exact);
        for Span { start, core } in &mosaic.columns.spans {
            let (left, right) = (core.start - start, start + mosaic.columns.side - core.end);
            assert!(core.start < 290 || left >= 290, "{left}");
            assert!(core.end > 3700 || right >= 290, "{right}");
        }
        assert_eq!(mosaic.rows.spans.len(), 1);
        let work = mosaic.work() as f64 / (300.0 * 4000.0);
        assert!((1.5..3.0).contains(&work), "{work}");
    }

    #[test]
    fn fast_tiles_cost_hardly_more_than_the_picture() {
        let mosaic = mosaic(&["inception_4c/output"], Extent::new(3000, 4001), 512, TileMode::Fast);
        assert!(mosaic.work() as f64 / (3000.0 * 4001.0) < 1.1);
    }

    #[test]
    fn several_layers_agree_on_the_widest() {
        let one = mosaic(&["inception_4c/output"], Extent::square(2000), 1024, TileMode::Exact);
        let both = mosaic(
            &["inception_3a/output", "inception_4c/output"],
            Extent::square(2000),
            1024,
            TileMode::Exact,
        );
        assert_eq!(one, both);
    }

    #[test]
    fn impossible_tiles_say_what_is_possible() {
        let net = googlenet(Some(5));
        let find = |name: &str| net.find(name).expect("a layer");
        let lay_over =
            |size, name: &str, largest, mode| Mosaic::new(&net, &[find(name)], size, largest, mode);
        let lay = |name: &str, largest, mode| lay_over(Extent::square(3000), name, largest, mode);
        let error = lay("inception_4c/output", 256, TileMode::Exact).expect_err("no room for a field");
        let MosaicError::TooSmall { least, .. } = error else { panic!("{error}") };
        assert!(lay("inception_4c/output", least, TileMode::Exact).is_ok());
        assert!(lay("inception_4c/output", least - 1, TileMode::Exact).is_err());
        // Both axes at once, whatever their lengths.
        for size in
            [(768, 1024), (1024, 548), (731, 320), (305, 4000)].map(|(high, wide)| Extent::new(high, wide))
        {
            let error = lay_over(size, "inception_4b/output", 30, TileMode::Exact).expect_err("no room");
            let MosaicError::TooSmall { least, .. } = error else { panic!("{error}") };
            assert!(lay_over(size, "inception_4b/output", least, TileMode::Exact).is_ok(), "{size} {least}");
            assert!(
                lay_over(size, "inception_4b/output", least - 1, TileMode::Exact).is_err(),
                "{size} {least}"
            );
        }
        assert!(lay("inception_4c/output", 256, TileMode::Fast).is_ok());
        let error = lay("loss3/classifier", 1024, TileMode::Exact).expect_err("sees everything");
        assert!(error.to_string().contains("loss3/classifier"), "{error}");
        assert!(lay("loss3/classifier", 3000, TileMode::Exact).is_ok());
        assert!(lay("loss3/classifier", 1024, TileMode::Fast).is_ok());
    }

    #[test]
    fn modes_are_read_as_they_are_written() {
        for mode in MODES {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("quick".parse::<TileMode>().is_err());
    }
}

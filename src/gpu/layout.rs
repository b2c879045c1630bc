//! How the maps of a plan are laid out in a GPU's memory: channel by channel, or in blocks of four channels.
//!
//! A block is what a single load fetches on any GPU, and what the inner loop of a convolution takes. So maps are
//! stored in blocks wherever possible: [`Layouts`] decides this for each buffer of a plan. Pictures and masks
//! have three channels and one; they, and the steps that work on them, stay planar. A run of whole blocks covers
//! the same cells of memory in both layouts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::plan::step::Arrangement;
use crate::plan::{Plan, Step, View};

/// How a map lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `[channel][row][column]`.
    Planar,
    /// `[channel / 4][row][column][channel % 4]`.
    Blocked,
}

impl Layout {
    /// Channels that are next to each other in memory: those of one block.
    pub fn block(self) -> usize {
        match self {
            Self::Planar => 1,
            Self::Blocked => 4,
        }
    }
}

/// The layout of every buffer of a plan.
#[derive(Clone, Debug)]
pub struct Layouts {
    /// For each blocked buffer, the number of cells of a channel.
    planes: Vec<Option<usize>>,
}

impl Layouts {
    /// Blocked wherever all maps of a buffer consist of whole blocks and every step that uses it supports that.
    pub fn of(plan: &Plan) -> Self {
        let mut layouts = Self { planes: whole_blocks(plan) };
        plan.steps().for_each(|step| layouts.flatten(&planar(step)));
        // A group that must have the same layout becomes planar if any of its maps is, until nothing changes any
        // more.
        let groups: Vec<Vec<View>> = plan.steps().flat_map(alike).collect();
        while groups.iter().any(|group| layouts.level(group)) {}
        layouts
    }

    /// The layout of a map.
    pub fn of_map(&self, view: &View) -> Layout {
        self.planes[view.buffer.index()].map_or(Layout::Planar, |_| Layout::Blocked)
    }

    /// The cells of a map in memory order, from `[channel][row][column]`.
    ///
    /// # Panics
    /// If a map in a blocked buffer does not consist of whole blocks.
    pub fn to_memory<'a>(&self, view: &View, cells: &'a [f32]) -> Cow<'a, [f32]> {
        match self.blocked_plane(view) {
            None => Cow::Borrowed(cells),
            Some(plane) => Cow::Owned(transposed(cells, Layout::Blocked.block(), plane)),
        }
    }

    /// The cells of a map as `[channel][row][column]`, from memory order.
    ///
    /// # Panics
    /// If a map in a blocked buffer does not consist of whole blocks.
    pub fn from_memory(&self, view: &View, cells: Vec<f32>) -> Vec<f32> {
        in_planes(self.blocked_plane(view), cells)
    }

    /// The number of cells of a channel if the view is a map that is stored in blocks. A view whose planes differ
    /// in size from the buffer's maps is not a map, but consecutive cells of memory.
    ///
    /// # Panics
    /// If a map in a blocked buffer does not consist of whole blocks.
    pub fn blocked_plane(&self, view: &View) -> Option<usize> {
        let plane =
            self.planes[view.buffer.index()].filter(|&plane| plane > 1 && plane == view.shape.plane())?;
        let whole = is_whole_blocks(view);
        assert!(whole, "{} at cell {} is not made of whole blocks", view.shape, view.offset);
        Some(plane)
    }

    /// Makes a whole group planar if any of its maps is. Returns whether that changed anything.
    fn level(&mut self, group: &[View]) -> bool {
        let blocked = group.iter().filter(|view| self.of_map(view) == Layout::Blocked).count();
        let mixed = blocked > 0 && blocked < group.len();
        if mixed {
            self.flatten(group);
        }
        mixed
    }

    fn flatten(&mut self, views: &[View]) {
        for view in views {
            self.planes[view.buffer.index()] = None;
        }
    }
}

/// The cells of a map as `[channel][row][column]`, from memory order, where [`Layouts::blocked_plane`] is known.
pub(super) fn in_planes(blocked_plane: Option<usize>, cells: Vec<f32>) -> Vec<f32> {
    match blocked_plane {
        None => cells,
        Some(plane) => transposed(&cells, plane, Layout::Blocked.block()),
    }
}

/// Transposes each block of `rows x columns` cells to `columns x rows`.
fn transposed(cells: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let blocks = cells.chunks_exact(rows * columns);
    let block = |block: &[f32]| -> Vec<f32> {
        (0..rows * columns).map(|at| block[at % rows * columns + at / rows]).collect()
    };
    blocks.flat_map(block).collect()
}

fn is_whole_blocks(view: &View) -> bool {
    let block = Layout::Blocked.block();
    view.shape.channels.is_multiple_of(block) && view.offset.is_multiple_of(block * view.shape.plane())
}

/// For each buffer whose maps all consist of whole blocks, the number of cells of a channel.
fn whole_blocks(plan: &Plan) -> Vec<Option<usize>> {
    let mut views: Vec<Vec<View>> = vec![Vec::new(); plan.buffers.len()];
    for view in plan.steps().flat_map(|step| step.reads().into_iter().chain(step.writes())) {
        views[view.buffer.index()].push(view);
    }
    let plane = |views: Vec<View>| {
        let plane = views.first()?.shape.plane();
        views.iter().all(|view| view.shape.plane() == plane && is_whole_blocks(view)).then_some(plane)
    };
    views.into_iter().map(plane).collect()
}

/// Groups of a step's maps that must have the same layout.
fn alike(step: &Step) -> Vec<Vec<View>> {
    let mut groups: BTreeMap<u8, Vec<View>> = BTreeMap::new();
    for operand in step.operands() {
        if let Arrangement::Alike(group) = operand.arrangement {
            groups.entry(group).or_default().push(operand.view);
        }
    }
    groups.into_values().collect()
}

/// The maps that a step needs channel by channel.
fn planar(step: &Step) -> Vec<View> {
    let operands = step.operands().into_iter();
    operands
        .filter(|operand| operand.arrangement == Arrangement::Planar)
        .map(|operand| operand.view)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::net::googlenet::googlenet;
    use crate::net::{Lrn, PlacedWindow, Shape};
    use crate::plan::network::{Aim, Target};
    use crate::plan::probe::plan_probe;
    use crate::plan::{Builder, step};

    /// A plan of some steps over buffers that `make` asks for.
    fn plan(make: impl FnOnce(&mut Builder) -> Vec<Step>) -> Plan {
        let mut builder = Builder::new();
        let steps = make(&mut builder);
        builder.phase("all", steps);
        builder.finish()
    }

    #[test]
    fn all_of_googlenet_lies_in_blocks_but_the_picture() {
        let network = googlenet(Some(1000));
        let layer = network.find("prob").expect("the last layer");
        let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
        let probe = plan_probe(&network, Extent::new(45, 61), &[], &[target]).expect("large enough");
        let layouts = Layouts::of(&probe.plan);
        let gradient = probe.gradient.expect("there is a target");
        let mut blocked = 0;
        for view in probe.plan.steps().flat_map(|step| [step.reads(), step.writes()].concat()) {
            let picture = view.buffer == probe.input.buffer || view.buffer == gradient.buffer;
            let expected = if picture || view.shape.len() == 1 { Layout::Planar } else { Layout::Blocked };
            assert_eq!(layouts.of_map(&view), expected, "{}", probe.plan.buffers[view.buffer.index()].label);
            blocked += usize::from(expected == Layout::Blocked);
        }
        assert!(blocked > 100, "{blocked} views in blocks");
    }

    #[test]
    fn one_odd_map_makes_planar_what_must_lie_like_it() {
        let lrn = Lrn { size: 5, alpha: 1e-4, beta: 0.75, k: 1.0 };
        let shape = Shape::new(8, 3, 3);
        let mut maps = Vec::new();
        let plan = plan(|builder| {
            let [a, b, c, d] = ["a", "b", "c", "d"].map(|label| builder.buffer(label, shape));
            maps = vec![a, b, c, d];
            vec![
                step::Relu { x: a, y: b }.into(),
                step::Lrn { x: b, y: c, lrn }.into(),
                // This does not start at a block boundary.
                step::Relu { x: c.channels(1, 4), y: c.channels(1, 4) }.into(),
                step::MaxPool { x: d, y: d, choice: None, window: PlacedWindow::POINT }.into(),
            ]
        });
        let layouts = Layouts::of(&plan);
        let found: Vec<Layout> = maps.iter().map(|view| layouts.of_map(view)).collect();
        assert_eq!(found, [Layout::Planar, Layout::Planar, Layout::Planar, Layout::Blocked]);
    }

    #[test]
    fn blocks_lie_channel_by_channel_on_the_host() {
        let shape = Shape::new(8, 1, 3);
        let mut map = None;
        let plan = plan(|builder| {
            let x = *map.insert(builder.buffer("map", shape));
            vec![step::Relu { x, y: x }.into()]
        });
        let (layouts, map) = (Layouts::of(&plan), map.expect("made"));
        let cells: Vec<f32> = (0..24u8).map(f32::from).collect();
        let memory = layouts.to_memory(&map, &cells).into_owned();
        assert_eq!(memory[..12], [0.0, 3.0, 6.0, 9.0, 1.0, 4.0, 7.0, 10.0, 2.0, 5.0, 8.0, 11.0]);
        assert_eq!(memory[12..14], [12.0, 15.0]);
        assert_eq!(layouts.from_memory(&map, memory.clone()), cells);
        // The second block alone, and raw memory.
        assert_eq!(layouts.from_memory(&map.channels(4, 4), memory[12..].to_vec()), cells[12..]);
        assert_eq!(layouts.from_memory(&map.row(0, 24), memory.clone()), memory);
    }
}

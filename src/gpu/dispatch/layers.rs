//! Layers that are no convolution, and what compares maps with guides.

use super::*;

pub(super) fn rectify(x: &View, y: &View, layout: Layout) -> Dispatch {
    let params = ReluParams { x: layout.at(x), y: layout.at(y), blocks: layout.blocks(y) };
    per_cell(&params, &[], y.shape.len() / layout.block(), vec![buffer(x), buffer(y)]).in_layout(layout)
}

pub(super) fn max_pool(
    x: &View,
    y: &View,
    choice: Option<&View>,
    window: PlacedWindow,
    layout: Layout,
) -> Dispatch {
    let squares = squares(y, layout);
    let params = MaxPoolParams {
        x: layout.at(x),
        y: layout.at(y),
        choice: choice.map_or(0, |choice| layout.at(choice)),
        height: int(x.shape.height),
        width: int(x.shape.width),
        out_height: int(y.shape.height),
        out_width: int(y.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        squares: int(squares),
    };
    let recorded = [("RECORDED", usize::from(choice.is_some()))];
    let constants = [&window_constants(window)[..], &recorded].concat();
    let choice = choice.map_or(Resource::UnusedWrite, buffer);
    per_cell(&params, &constants, squares, vec![buffer(x), buffer(y), choice]).in_layout(layout)
}

pub(super) fn max_pool_gradient(
    dy: &View,
    choice: &View,
    window: PlacedWindow,
    dx: &Gradient,
    layout: Layout,
) -> Dispatch {
    let squares = squares(&dx.view, layout);
    let params = MaxPoolGradientParams {
        dy: layout.at(dy),
        choice: layout.at(choice),
        height: int(dx.view.shape.height),
        width: int(dx.view.shape.width),
        out_height: int(dy.shape.height),
        out_width: int(dy.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        squares: int(squares),
        ..leave(dx, layout)
    };
    let resources = gradient_resources(dx, vec![buffer(dy), buffer(choice)]);
    let constants = [window_constants(window), leaving(dx)].concat();
    per_cell(&params, &constants, squares, resources).in_layout(layout)
}

/// Squares of two by two cells that cover a map, block by block.
fn squares(map: &View, layout: Layout) -> usize {
    layout.depth(map) * map.shape.height.div_ceil(2) * map.shape.width.div_ceil(2)
}

fn window_constants(window: PlacedWindow) -> [(&'static str, usize); 2] {
    [("KERNEL", window.kernel), ("STRIDE", window.stride)]
}

pub(super) fn normalise(x: &View, y: &View, lrn: &Lrn, layout: Layout) -> Dispatch {
    let params = LrnParams {
        x: layout.at(x),
        y: layout.at(y),
        blocks: int(layout.depth(x)),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        k: lrn.k,
    };
    let dispatch = per_cell(&params, &[("SIZE", lrn.size)], walks(y.shape), vec![buffer(x), buffer(y)]);
    with_beta(dispatch, lrn).in_layout(layout)
}

pub(super) fn normalise_gradient(x: &View, dy: &View, lrn: &Lrn, dx: &Gradient, layout: Layout) -> Dispatch {
    let params = LrnGradientParams {
        x: layout.at(x),
        dy: layout.at(dy),
        blocks: int(layout.depth(x)),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        k: lrn.k,
        ..leave(dx, layout)
    };
    let resources = gradient_resources(dx, vec![buffer(x), buffer(dy)]);
    let constants = [&[("SIZE", lrn.size)][..], &leaving(dx)].concat();
    with_beta(per_cell(&params, &constants, walks(x.shape), resources), lrn).in_layout(layout)
}

/// The one constant that is no whole number.
fn with_beta(mut dispatch: Dispatch, lrn: &Lrn) -> Dispatch {
    dispatch.pipeline.constants.push(("BETA", f64::from(lrn.beta)));
    dispatch
}

/// Invocations of the kernels that walk along 16 channels (as in `lrn_scale.wgsl`) of a cell.
fn walks(shape: Shape) -> usize {
    shape.channels.div_ceil(16) * shape.plane()
}

pub(super) fn average(x: &View, y: &View, layout: Layout) -> Dispatch {
    let params = AverageParams { x: layout.at(x), y: layout.at(y), plane: int(x.shape.plane()) };
    let grid = [int(layout.depth(x)), 1, 1];
    dispatch(&params, &[], grid, vec![buffer(x), buffer(y)]).in_layout(layout)
}

pub(super) fn average_gradient(dy: &View, dx: &Gradient, layout: Layout) -> Dispatch {
    let params = AverageGradientParams {
        dy: layout.at(dy),
        plane: int(dx.view.shape.plane()),
        blocks: layout.blocks(&dx.view),
        ..leave(dx, layout)
    };
    gradient(&params, &[], dx, vec![buffer(dy)], layout)
}

pub(super) fn let_through(x: &View, gate: &View, y: &Gradient, layout: Layout) -> Dispatch {
    let params = GateParams {
        x: layout.at(x),
        gate: at(gate),
        plane: int(gate.shape.plane()),
        blocks: layout.blocks(x),
        ..leave(y, layout)
    };
    gradient(&params, &[], y, vec![buffer(x), buffer(gate)], layout)
}

/// Cells of a workgroup of `match.wgsl`.
const MATCHED_CELLS: usize = 32;

pub(super) fn match_columns(
    x: &View,
    guide: &View,
    choice: &View,
    score: &View,
    flops: u64,
    layout: Layout,
) -> Vec<Dispatch> {
    let params = MatchParams {
        x: layout.at(x),
        guide: layout.at(guide),
        choice: at(choice),
        score: at(score),
        blocks: int(layout.depth(x)),
        cells: int(x.shape.plane()),
        columns: int(guide.shape.plane()),
        first_group: 0,
    };
    let resources = vec![buffer(x), buffer(guide), buffer(choice), buffer(score)];
    let cut = |piece: Range<usize>| {
        let params = MatchParams { first_group: int(piece.start), ..params };
        dispatch(&params, &[], [int(piece.len()), 1, 1], resources.clone()).in_layout(layout)
    };
    pieces(x.shape.plane().div_ceil(MATCHED_CELLS), flops).map(cut).collect()
}

pub(super) fn match_gradient(
    guide: &View,
    choice: &View,
    scale: f32,
    dx: &Gradient,
    layout: Layout,
) -> Dispatch {
    let params = MatchGradientParams {
        guide: layout.at(guide),
        choice: at(choice),
        scale,
        plane: int(choice.shape.plane()),
        columns: int(guide.shape.plane()),
        blocks: layout.blocks(&dx.view),
        ..leave(dx, layout)
    };
    gradient(&params, &[], dx, vec![buffer(guide), buffer(choice)], layout)
}

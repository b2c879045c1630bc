//! Layers that are no convolution, and where gradients begin.

use super::*;

pub(super) fn max_pool(x: &View, y: &View, choice: Option<&View>, window: PlacedWindow) -> Dispatch {
    let params = MaxPoolParams {
        x: at(x),
        y: at(y),
        choice: choice.map_or(0, at),
        height: int(x.shape.height),
        width: int(x.shape.width),
        out_height: int(y.shape.height),
        out_width: int(y.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        squares: int(squares(y.shape)),
    };
    let recorded = [("RECORDED", usize::from(choice.is_some()))];
    let constants = [&window_constants(window)[..], &recorded].concat();
    let choice = choice.map_or(Resource::UnusedWrite, buffer);
    per_cell(&params, &constants, squares(y.shape), vec![buffer(x), buffer(y), choice])
}

pub(super) fn max_pool_gradient(dy: &View, choice: &View, window: PlacedWindow, dx: &Gradient) -> Dispatch {
    let params = MaxPoolGradientParams {
        dy: at(dy),
        choice: at(choice),
        height: int(dx.view.shape.height),
        width: int(dx.view.shape.width),
        out_height: int(dy.shape.height),
        out_width: int(dy.shape.width),
        pad_rows: int(window.pad.0),
        pad_columns: int(window.pad.1),
        squares: int(squares(dx.view.shape)),
        ..leave(dx)
    };
    let resources = gradient_resources(dx, vec![buffer(dy), buffer(choice)]);
    let constants = [window_constants(window), leaving(dx)].concat();
    per_cell(&params, &constants, squares(dx.view.shape), resources)
}

/// Squares of two by two cells that cover every plane.
fn squares(shape: Shape) -> usize {
    shape.channels * shape.height.div_ceil(2) * shape.width.div_ceil(2)
}

fn window_constants(window: PlacedWindow) -> [(&'static str, usize); 2] {
    [("KERNEL", window.kernel), ("STRIDE", window.stride)]
}

pub(super) fn normalise(x: &View, y: &View, lrn: &Lrn) -> Dispatch {
    let params = LrnParams {
        x: at(x),
        y: at(y),
        channels: int(x.shape.channels),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        k: lrn.k,
    };
    let dispatch = per_cell(&params, &[("SIZE", lrn.size)], walks(y.shape), vec![buffer(x), buffer(y)]);
    with_beta(dispatch, lrn)
}

pub(super) fn normalise_gradient(x: &View, dy: &View, lrn: &Lrn, dx: &Gradient) -> Dispatch {
    let params = LrnGradientParams {
        x: at(x),
        dy: at(dy),
        channels: int(x.shape.channels),
        plane: int(x.shape.plane()),
        mean_alpha: lrn.alpha / lrn.size as f32,
        k: lrn.k,
        ..leave(dx)
    };
    let resources = gradient_resources(dx, vec![buffer(x), buffer(dy)]);
    let constants = [&[("SIZE", lrn.size)][..], &leaving(dx)].concat();
    with_beta(per_cell(&params, &constants, walks(x.shape), resources), lrn)
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

pub(super) fn seed(x: &View, functional: &Functional, dx: &Gradient) -> Dispatch {
    let (kind, scale, region) = describe(functional);
    let nowhere = Region { channel: 0, rows: (0, 0), columns: (0, 0) };
    let Region { channel, rows, columns } = region.unwrap_or(nowhere);
    let params = SeedParams {
        x: at(x),
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
    gradient(&params, &[("KIND", kind)], dx, vec![buffer(x)])
}

/// Cells of a workgroup of `match.wgsl`.
const MATCHED_CELLS: usize = 32;

pub(super) fn match_columns(x: &View, guide: &View, choice: &View, score: &View) -> Dispatch {
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

pub(super) fn match_gradient(guide: &View, choice: &View, scale: f32, dx: &Gradient) -> Dispatch {
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

//! What happens to pictures and to their gradients, outside the network.

use super::*;

pub(super) fn ascend(
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
        height: int(x.shape.height),
        width: int(x.shape.width),
        step,
        low0: bounds[0].0,
        low1: bounds[1].0,
        low2: bounds[2].0,
        high0: bounds[0].1,
        high1: bounds[1].1,
        high2: bounds[2].1,
    };
    let constants = [("MASKED", usize::from(mask.is_some()))];
    let mask = mask.map_or(Resource::UnusedRead, buffer);
    per_cell(&params, &constants, x.shape.plane(), vec![buffer(dx), buffer(magnitude), mask, buffer(x)])
}

pub(super) fn roll(x: &View, y: &View) -> Dispatch {
    let params = RollParams {
        x: at(x),
        y: at(y),
        height: int(x.shape.height),
        width: int(x.shape.width),
        channels: int(x.shape.channels),
    };
    per_cell(&params, &[], y.shape.plane(), vec![buffer(x), buffer(y)])
}

pub(super) fn smooth(x: &View, y: &View, age: &View, sigma: (f32, f32)) -> Dispatch {
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

pub(super) fn adam(dx: &View, first: &View, second: &View, mass: &View) -> Dispatch {
    let params = AdamParams {
        dx: at(dx),
        first: at(first),
        second: at(second),
        mass: at(mass),
        height: int(dx.shape.height),
        width: int(dx.shape.width),
        channels: int(dx.shape.channels),
    };
    let resources = vec![buffer(mass), buffer(first), buffer(second), buffer(dx)];
    per_cell(&params, &[], dx.shape.plane(), resources)
}

pub(super) fn resize(x: &View, y: &View, base: Option<&View>) -> Dispatch {
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

//! Warps: fields that go nowhere, by whole cells, between cells and beyond the edge, to other sizes.

use puppyslug::net::Shape;
use puppyslug::plan::step::{Warp, WarpGradient};
use puppyslug::plan::{Builder, Gradient};

use super::Case;
use super::{ENDS, alone, gradient, map};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let sizes = [
        ((1, 1), (1, 1)),
        ((1, 1), (4, 3)),
        ((5, 7), (1, 1)),
        ((7, 5), (7, 5)),
        ((16, 33), (9, 70)),
        ((2, 300), (31, 17)),
    ];
    for (turn, (from, to)) in sizes.into_iter().enumerate() {
        for channels in [1, 3, 4] {
            let mut builder = Builder::new();
            let x = map(&mut builder, channels, from.0, from.1);
            let field = map(&mut builder, 2, to.0, to.1);
            let y = map(&mut builder, channels, to.0, to.1);
            cases.push(alone(builder, Warp { x, field, y }));
            for end in [ENDS[turn % 4], ENDS[3 - turn % 4]] {
                let mut builder = Builder::new();
                let dy = map(&mut builder, channels, to.0, to.1);
                let dx: Gradient = gradient(&mut builder, Shape::new(channels, from.0, from.1), end);
                let shares = WarpGradient::shares_shape(dx.view.shape, dy.shape);
                let shares = map(&mut builder, 1, 1, shares.width);
                cases.push(alone(builder, WarpGradient { dy, shares, dx }));
            }
        }
    }
    cases
}

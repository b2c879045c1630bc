//! Resampling by a field of coordinates, and its transpose.

use puppyslug::plan::{Gradient, View};

use super::running::around;
use super::{Map, Memory, Sum, Written, fill, flow};

/// Bilinear, at the places of a field; beyond the edge is the edge.
pub fn warp(x: Map, field: Map, view: View) -> Written {
    let cells = fill(view.shape, |channel, row, column| {
        let rows = around(field.at(0, row, column), x.shape.height);
        let columns = around(field.at(1, row, column), x.shape.width);
        let mut sum = Sum::default();
        for (row, of_row) in rows {
            for (column, of_column) in columns {
                // Each weight is a difference, and their product rounds.
                sum.push_rough(of_row * of_column * x.at(channel, row, column), 3.0);
            }
        }
        sum.cell()
    });
    Written { view, cells }
}

/// Each cell gathers from its list: numbers of shares, then cells and weights; whole numbers as bits.
pub fn gradient(dy: Map, shares: &[f64], dx: &Gradient, memory: &Memory) -> Written {
    let whole = |cell: f64| (cell as f32).to_bits() as usize;
    let plane = dx.view.shape.plane();
    let sums = fill(dx.view.shape, |channel, row, column| {
        let cell = row * dx.view.shape.width + column;
        let own = &shares[plane + 1..][2 * whole(shares[cell])..2 * whole(shares[cell + 1])];
        let terms = own
            .chunks_exact(2)
            .map(|share| share[1] * dy.cells[channel * dy.shape.plane() + whole(share[0])]);
        Sum::of(terms)
    });
    flow(dx, sums, memory)
}

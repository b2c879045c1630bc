//! Maxima of windows.

use puppyslug::net::PlacedWindow;
use puppyslug::plan::{Gradient, View};

use super::{Cell, Map, Memory, Sum, Written, fill, flow};

/// The maximum of each clipped window and, if wanted, which cell it was.
pub fn max(x: Map, y: View, choice: Option<View>, window: PlacedWindow) -> Vec<Written> {
    let winners = fill(y.shape, |channel, row, column| winner(x, window, channel, row, column));
    let values = winners.iter().map(|&(_, value)| Cell::exact(value)).collect();
    let choices = |view| {
        let cells = winners.iter().map(|&(tap, _)| Cell::exact(tap as f64)).collect();
        Written { view, cells }
    };
    std::iter::once(Written { view: y, cells: values }).chain(choice.map(choices)).collect()
}

/// Position in the window and value of the first maximum.
fn winner(x: Map, window: PlacedWindow, channel: usize, row: usize, column: usize) -> (usize, f64) {
    let mut best = None;
    for tap in 0..window.kernel * window.kernel {
        let (y, x_) = place(window, row, column, tap);
        if let Some(value) = x.get(channel, y, x_)
            && best.is_none_or(|(_, most)| value > most)
        {
            best = Some((tap, value));
        }
    }
    best.expect("every window touches the map")
}

/// Every window hands its gradient to the cell it chose.
pub fn max_gradient(dy: Map, choice: Map, window: PlacedWindow, dx: &Gradient, memory: &Memory) -> Written {
    let input = dx.view.shape;
    let mut sums = vec![Sum::default(); input.len()];
    let _ = fill(dy.shape, |channel, row, column| {
        let (y, x) = place(window, row, column, choice.at(channel, row, column) as usize);
        let (y, x) = (usize::try_from(y).expect("inside"), usize::try_from(x).expect("inside"));
        sums[(channel * input.height + y) * input.width + x].push(dy.at(channel, row, column));
    });
    flow(dx, sums, memory)
}

fn place(window: PlacedWindow, row: usize, column: usize, tap: usize) -> (isize, isize) {
    let from = |at: usize, tap: usize, pad: usize| (at * window.stride + tap) as isize - pad as isize;
    (from(row, tap / window.kernel, window.pad.0), from(column, tap % window.kernel, window.pad.1))
}

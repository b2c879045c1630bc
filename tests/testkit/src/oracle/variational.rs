//! The equations of variational flow, and half a sweep over them.

use puppyslug::plan::step::{Linearise, Relax};

use super::running::Running;
use super::{Cell, Map, Written, fill};

/// The cell beside one, or the edge's own where there is none.
fn beside(x: Map, channel: usize, (row, column): (usize, usize), (down, right): (isize, isize)) -> Running {
    let row = row.saturating_add_signed(down).min(x.shape.height - 1);
    let column = column.saturating_add_signed(right).min(x.shape.width - 1);
    Running::exact(x.at(channel, row, column))
}

/// Central differences in rows and columns of whatever `at` says is beside a cell.
fn differences(at: &dyn Fn(isize, isize) -> Running) -> [Running; 2] {
    [(at(1, 0) - at(-1, 0)) * 0.5, (at(0, 1) - at(0, -1)) * 0.5]
}

fn square(x: Running) -> Running {
    x * x
}

/// Constraints `(f, g | h)`, each with its weight.
type Constraints = Vec<([Running; 3], Running)>;

pub fn linearise(step: &Linearise, first: Map, second: Map, x: Map) -> Written {
    let mut channels: Vec<Vec<Cell>> = vec![Vec::new(); 7];
    let _ = fill(x.shape.with_channels(1), |_, row, column| {
        let here = (row, column);
        let flow = [0, 1].map(|axis| Running::exact(x.at(axis, row, column)));
        let constraints = constraints(step, first, second, x, here);
        let sum = |a: usize, b: usize| {
            let terms = constraints.iter().map(|&(of, weight)| weight * of[a] * of[b]);
            Running::sum(terms)
        };
        let (rr, rc, cc) = (sum(0, 0), sum(0, 1), sum(1, 1));
        let right = [rr * flow[0] + rc * flow[1] - sum(0, 2), rc * flow[0] + cc * flow[1] - sum(1, 2)];
        let smooth = |down: isize, across: isize| {
            let along = |axis: usize| {
                let at = |down: isize, right: isize| beside(x, axis, here, (down, right));
                // One of the two directions is 1: the neighbour's. Across it, from one side to the other.
                let difference = at(down, across) - at(0, 0);
                let beyond = at(across, down) + at(down + across, down + across);
                let before = at(-across, -down) + at(down - across, across - down);
                square(difference) + square((beyond - before) * 0.25)
            };
            penalty(along(0) + along(1)) * f64::from(step.weights.smoothness)
        };
        let numbers = [rr, rc, cc, right[0], right[1], smooth(0, 1), smooth(1, 0)];
        for (cells, number) in channels.iter_mut().zip(numbers) {
            cells.push(number.cell());
        }
    });
    Written { view: step.y, cells: channels.concat() }
}

fn penalty(square: Running) -> Running {
    Running::exact(1.0) / (square + Running::exact(f64::from(1e-3f32))).sqrt()
}

fn constraints(step: &Linearise, first: Map, second: Map, x: Map, here: (usize, usize)) -> Constraints {
    let (row, column) = (here.0 as f64 + x.at(0, here.0, here.1), here.1 as f64 + x.at(1, here.0, here.1));
    let last = ((x.shape.height - 1) as f64, (x.shape.width - 1) as f64);
    if row < 0.0 || column < 0.0 || row > last.0 || column > last.1 {
        return vec![([Running::exact(0.0); 3], Running::exact(0.0))];
    }
    let both = |down, right| [first, second].map(|picture| beside(picture, 0, here, (down, right)));
    let mean = |down: isize, right: isize| (both(down, right)[0] + both(down, right)[1]) * 0.5;
    let change = |down: isize, right: isize| both(down, right)[1] - both(down, right)[0];
    let [r, c] = differences(&mean);
    let middle = mean(0, 0) * 2.0;
    let (rr, cc) = (mean(1, 0) - middle + mean(-1, 0), mean(0, 1) - middle + mean(0, -1));
    let rc = (mean(1, 1) - mean(1, -1) - mean(-1, 1) + mean(-1, -1)) * 0.25;
    let z = change(0, 0);
    let [z_r, z_c] = differences(&change);

    let flat = Running::exact(f64::from(0.01f32));
    let n = square(r) + square(c) + flat;
    let (n_r, n_c) = (square(rr) + square(rc) + flat, square(rc) + square(cc) + flat);
    let brightness = penalty(square(z) / n) * f64::from(step.weights.brightness) / n;
    let gradient = penalty(square(z_r) / n_r + square(z_c) / n_c) * f64::from(step.weights.gradient);
    vec![([r, c, z], brightness), ([rr, rc, z_r], gradient / n_r), ([rc, cc, z_c], gradient / n_c)]
}

pub fn relax(step: &Relax, x: Map, system: Map) -> Written {
    let cells = fill(step.y.shape, |axis, row, column| {
        if (row + column) % 2 != usize::from(step.odd) {
            return Cell::exact(x.at(axis, row, column));
        }
        let own = |channel: usize| Running::exact(system.at(channel, row, column));
        let mut weights = vec![Running::exact(f64::from(1e-6f32))];
        let mut right = [vec![own(3)], vec![own(4)]];
        // Each neighbour, and the cell of the two and the channel that hold how alike they are to be.
        let beside = [((-1, 0), (-1, 0), 6), ((1, 0), (0, 0), 6), ((0, -1), (0, -1), 5), ((0, 1), (0, 0), 5)];
        let at = |(down, across): (isize, isize)| (row as isize + down, column as isize + across);
        for (neighbour, holder, channel) in beside {
            let (there, holder) = (at(neighbour), at(holder));
            let Some(smooth) = system.get(channel, holder.0, holder.1) else { continue };
            let weight = Running::exact(smooth);
            let flow = [0, 1].map(|axis| x.get(axis, there.0, there.1));
            let [Some(down), Some(across)] = flow else { continue };
            weights.push(weight);
            right[0].push(weight * down);
            right[1].push(weight * across);
        }
        let sum = Running::sum(weights);
        let [down, across] = right.map(Running::sum);
        let (rr, rc, cc) = (own(0) + sum, own(1), own(2) + sum);
        let determinant = rr * cc - rc * rc;
        let solved = [cc * down - rc * across, rr * across - rc * down][axis] / determinant;
        let from = Running::exact(x.at(axis, row, column));
        (from + (solved - from) * f64::from(step.omega)).cell()
    });
    Written { view: step.y, cells }
}

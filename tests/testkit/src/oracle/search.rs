//! Patches of one picture, looked for in another.

use puppyslug::plan::patches::PATCH;
use puppyslug::plan::step::{Densify, Propagate, Search};

use super::running::{Running, bilinear};
use super::{Cell, Map, Written, fill};

/// The cell, or the edge's own where there is none.
fn at(x: Map, row: isize, column: isize) -> f64 {
    let inside = |at: isize, size: usize| at.clamp(0, size as isize - 1) as usize;
    x.at(0, inside(row, x.shape.height), inside(column, x.shape.width))
}

/// The cells of a patch.
fn cells(line: usize, number: usize, stride: usize) -> impl Iterator<Item = (isize, isize)> {
    let (row, column) = ((line * stride) as isize, (number * stride) as isize);
    let side = PATCH as isize;
    (row..row + side).flat_map(move |row| (column..column + side).map(move |column| (row, column)))
}

/// The second picture at a cell moved, less the first there.
fn off(first: Map, second: Map, (row, column): (isize, isize), moved: [f64; 2]) -> Running {
    let place = [row as f64, column as f64].map(Running::exact);
    let place = [0, 1].map(|axis| place[axis] + Running::exact(moved[axis]));
    bilinear(second, 0, place) - Running::exact(at(first, row, column))
}

/// One Gauss-Newton step. Both channels of a patch come of one solution.
pub fn search(step: &Search, first: Map, second: Map, x: Map) -> Written {
    let cells = fill(step.y.shape, |axis, line, number| {
        let moved = [0, 1].map(|axis| x.at(axis, line, number));
        (Running::exact(moved[axis]) - towards(step, first, second, (line, number), moved)[axis]).cell()
    });
    Written { view: step.y, cells }
}

fn towards(
    step: &Search,
    first: Map,
    second: Map,
    (line, number): (usize, usize),
    moved: [f64; 2],
) -> [Running; 2] {
    let difference = |a: f64, b: f64| (Running::exact(a) - Running::exact(b)) * 0.5;
    let terms: Vec<[Running; 3]> = cells(line, number, step.stride)
        .map(|(row, column)| {
            let down = difference(at(first, row + 1, column), at(first, row - 1, column));
            let right = difference(at(first, row, column + 1), at(first, row, column - 1));
            [down, right, off(first, second, (row, column), moved)]
        })
        .collect();
    let sum = |which: usize| Running::sum(terms.iter().map(|term| term[which]));
    let product = |a: usize, b: usize| {
        let all = Running::sum(terms.iter().map(|term| term[a] * term[b]));
        all - sum(a) * sum(b) / Running::exact((PATCH * PATCH) as f64)
    };
    let damping = Running::exact(f64::from(step.damping));
    let (rr, rc, cc) = (product(0, 0) + damping, product(0, 1), product(1, 1) + damping);
    let (ro, co) = (product(0, 2), product(1, 2));
    let determinant = rr * cc - rc * rc;
    [(cc * ro - rc * co) / determinant, (rr * co - rc * ro) / determinant]
}

/// The best of the candidates: only moved, so exact. A test has to give numbers whose fits are exact as well.
pub fn propagate(step: &Propagate, first: Map, second: Map, x: Map, start: Map) -> Written {
    let shape = step.y.shape;
    let near = |at: usize, by: isize, size: usize| at.saturating_add_signed(by).min(size - 1);
    let reach = step.reach as isize;
    let cells = fill(shape, |axis, line, number| {
        let mut candidates = vec![[0, 1].map(|axis| x.at(axis, line, number))];
        candidates.push([0, 1].map(|axis| start.at(axis, line, number)));
        for (down, right) in [(-reach, 0), (reach, 0), (0, -reach), (0, reach)] {
            let (line, number) = (near(line, down, shape.height), near(number, right, shape.width));
            candidates.push([0, 1].map(|axis| x.at(axis, line, number)));
        }
        let misfit = |moved: [f64; 2]| {
            let offs: Vec<f64> =
                cells(line, number, step.stride).map(|cell| off(first, second, cell, moved).value).collect();
            let sum: f64 = offs.iter().sum();
            offs.iter().map(|off| off * off).sum::<f64>() - sum * sum / (PATCH * PATCH) as f64
        };
        let mut best = candidates[0];
        for candidate in candidates {
            if misfit(candidate) < misfit(best) {
                best = candidate;
            }
        }
        Cell::exact(best[axis])
    });
    Written { view: step.y, cells }
}

/// Every patch is asked whether it covers the cell.
pub fn densify(step: &Densify, first: Map, second: Map, x: Map) -> Written {
    let patches = step.x.shape;
    let covers =
        |patch: usize, cell: usize| (patch * step.stride..patch * step.stride + PATCH).contains(&cell);
    let cells = fill(step.y.shape, |axis, row, column| {
        let mut weights = Vec::new();
        let mut products = Vec::new();
        for line in (0..patches.height).filter(|&line| covers(line, row)) {
            for number in (0..patches.width).filter(|&number| covers(number, column)) {
                let moved = [0, 1].map(|axis| x.at(axis, line, number));
                let off = off(first, second, (row as isize, column as isize), moved);
                let weight = Running::exact(1.0) / off.abs().max(1.0);
                weights.push(weight);
                products.push(weight * moved[axis]);
            }
        }
        (Running::sum(products) / Running::sum(weights)).cell()
    });
    Written { view: step.y, cells }
}

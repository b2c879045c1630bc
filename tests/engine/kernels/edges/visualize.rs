//! Steps of a visualisation: spectra of every kind of length, colours up to their ends, transforms that leave the
//! picture.

use puppyslug::extent::Extent;
use puppyslug::plan::spectrum::Spectrum;
use puppyslug::plan::{Builder, Number, step};

use super::super::case::Case;
use super::{alone, like, map};

pub(super) fn cases() -> Vec<Case> {
    [spectra(), colours(), transforms()].concat()
}

/// A power of two, twice a prime, odd ones, and rows and columns that leave a part of a task.
fn spectra() -> Vec<Case> {
    let mut cases = Vec::new();
    for (height, width) in [(2, 2), (8, 8), (1, 6), (7, 5), (26, 33), (15, 34), (48, 3), (3, 120)] {
        let spectrum = Spectrum::of(Extent::new(height, width));
        let cells = spectrum.cells();
        for back in [false, true] {
            let mut builder = Builder::new();
            let x = map(&mut builder, 3, cells.height, cells.width);
            let scale = map(&mut builder, 1, height, cells.width);
            let waves = map(&mut builder, 2, 1, height);
            let y = like(&mut builder, x);
            cases.push(alone(builder, step::DftColumns { x, scale, waves, y, back }));
        }
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, cells.height, cells.width);
        let waves = map(&mut builder, 2, 1, spectrum.length());
        let y = map(&mut builder, 3, height, width);
        cases.push(alone(builder, step::DftRows { x, waves, y }));
        let mut builder = Builder::new();
        let dx = map(&mut builder, 3, cells.height, cells.width);
        let waves = map(&mut builder, 2, 1, spectrum.length());
        let dy = map(&mut builder, 3, height, width);
        cases.push(alone(builder, step::DftRowsGradient { dy, waves, dx }));
    }
    cases
}

fn colours() -> Vec<Case> {
    let mean = [104.0, 116.5, 122.0];
    let mut cases = Vec::new();
    for (height, width) in [(1, 1), (5, 7), (91, 97)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, height, width);
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Colour { x, y, mean }));
        let mut builder = Builder::new();
        let y = map(&mut builder, 3, height, width);
        let [dy, dx] = [0, 1].map(|_| like(&mut builder, y));
        cases.push(alone(builder, step::ColourGradient { y, dy, dx, mean }));
    }
    cases
}

/// Nowhere, by whole cells, turned and scaled up and down, mirrored, all outside.
fn transforms() -> Vec<Case> {
    let mut cases = Vec::new();
    for matrix in [
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        [1.0, 0.0, -3.0, 0.0, 1.0, 2.0],
        [0.97, 0.17, -2.3, -0.17, 0.97, 1.4],
        [0.4, -0.1, 0.7, 0.1, 0.4, 0.2],
        [2.3, 0.9, -4.1, -0.9, 2.3, 3.3],
        [0.0, -1.0, 8.0, 1.0, 0.0, 0.0],
        [1.0, 0.0, 500.0, 0.0, 1.0, -500.0],
    ] {
        let matrix = matrix.map(Number::Fixed);
        for ((height, width), (rows, columns)) in
            [((1, 1), (4, 3)), ((9, 13), (9, 13)), ((21, 17), (12, 40)), ((5, 6), (1, 1))]
        {
            let mut builder = Builder::new();
            let x = map(&mut builder, 3, height, width);
            let y = map(&mut builder, 3, rows, columns);
            cases.push(alone(builder, step::Transform { x, y, matrix, outside: [23.5, 11.5, -5.5] }));
            let mut builder = Builder::new();
            let dx = map(&mut builder, 3, height, width);
            let dy = map(&mut builder, 3, rows, columns);
            cases.push(alone(builder, step::TransformGradient { dy, dx, matrix }));
        }
    }
    cases
}

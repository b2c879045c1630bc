//! Steps that shape a gradient or hold a picture to its source.

use puppyslug::net::Shape;
use puppyslug::plan::Number::Fixed;
use puppyslug::plan::{Builder, step};

use super::super::case::Case;
use super::{alone, jittered, like, map};

pub(super) fn cases() -> Vec<Case> {
    let sizes = [(1, 1), (7, 5), (16, 33), (2, 300)];
    sizes.into_iter().flat_map(|(h, w)| [elementwise(h, w), windows(h, w)].concat()).collect()
}

fn windows(height: usize, width: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for (start, growth) in [(0.5, 0.2), (2.5, 0.0)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, height, width);
        let y = like(&mut builder, x);
        let age = map(&mut builder, 1, 1, 1);
        let sigma = (Fixed(start), Fixed(growth));
        cases.push(alone(builder, step::Smooth { x, y, age, sigma }));
    }
    let mut builder = Builder::new();
    let x = map(&mut builder, 3, height, width);
    let y = map(&mut builder, 3, height.div_ceil(2), width.div_ceil(2));
    cases.push(alone(builder, step::Shrink { x, y }));
    for factor in [1.0, -1.0] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, height.div_ceil(2), width.div_ceil(2));
        let y = map(&mut builder, 3, height, width);
        cases.push(alone(builder, step::Expand { x, y, factor }));
    }
    for (weight, exponent) in [(1.0, 2.0), (-0.5, 1.0), (2.0, 1.5), (1.0, 3.0)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, height, width);
        let dx = like(&mut builder, x);
        let (weight, exponent) = (Fixed(weight), Fixed(exponent));
        cases.push(alone(builder, step::Variation { x, dx, weight, exponent }));
    }
    for (down, right) in [(0, 0), (3, -5), (-1000, 1001)] {
        let mut builder = Builder::new();
        let dx = map(&mut builder, 3, height, width);
        let (first, second) = (like(&mut builder, dx), like(&mut builder, dx));
        let mass = map(&mut builder, 1, 1, 2);
        cases.push(jittered(builder, step::Adam { dx, first, second, mass }, down, right));
    }
    cases
}

fn elementwise(height: usize, width: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for (scale, offset) in [(0.0, 0.0), (0.0, -3.5), (1.0, 1.0), (0.9, 0.1)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 2, height, width);
        cases.push(alone(builder, step::Affine { x, scale, offset }));
    }
    // More than a row of workgroups: 65535 times 256 cells.
    let mut builder = Builder::new();
    let x = builder.buffer("map", Shape::new(1, 4097, 4097));
    cases.push(alone(builder, step::Affine { x, scale: 2.0, offset: 0.5 }));
    let mut builder = Builder::new();
    let x = map(&mut builder, 3, height, width);
    let levels = map(&mut builder, 1, 1, 4);
    cases.push(alone(builder, step::Level { x, levels }));
    for (luma, chroma) in [(0.0, 0.0), (0.25, 0.75), (0.0, 1.0), (1.0, 1.0)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 3, height, width);
        let source = like(&mut builder, x);
        let (luma, chroma) = (Fixed(luma), Fixed(chroma));
        cases.push(alone(builder, step::Pull { x, source, luma, chroma }));
    }
    cases
}

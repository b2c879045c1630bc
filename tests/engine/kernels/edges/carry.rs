//! Steps of motion and carrying: pictures smaller than a block, of whole blocks, and of blocks and a rest.

use puppyslug::extent::Extent;
use puppyslug::plan::blocks::{grid, pitch};
use puppyslug::plan::{Builder, View, step};

use super::super::case::Case;
use super::{alone, like, map};

const BOUNDS: [(f32, f32); 3] = [(-104.0, 151.0), (-116.0, 139.0), (-122.0, 133.0)];

pub(super) fn cases() -> Vec<Case> {
    let sizes = [(1, 1), (3, 9), (8, 8), (17, 20), (2, 300), (33, 41)].map(|(h, w)| Extent::new(h, w));
    sizes
        .into_iter()
        .flat_map(|size| [judged(size), still(size), carried(size), met(size)].concat())
        .collect()
}

fn picture(builder: &mut Builder, channels: usize, size: Extent) -> View {
    map(builder, channels, size.height, size.width)
}

fn judged(size: Extent) -> Vec<Case> {
    let mut cases = Vec::new();
    for border in [0.0, 255.0] {
        let mut builder = Builder::new();
        let flow = picture(&mut builder, 2, size);
        let (back, y) = (like(&mut builder, flow), picture(&mut builder, 1, size));
        cases.push(alone(builder, step::Judge { flow, back, y, border }));
    }
    for (channels, deviation, reach, bounds) in
        [(1, 0.8, 2, Some((0.0, 0.5))), (3, 1.5, 5, None), (2, 6.0, 18, None), (4, 1e-6, 0, None)]
    {
        for down in [false, true] {
            let mut builder = Builder::new();
            let x = picture(&mut builder, channels, size);
            let y = like(&mut builder, x);
            cases.push(alone(builder, step::Blur { x, y, deviation, reach, down, bounds }));
        }
    }
    cases
}

fn still(size: Extent) -> Vec<Case> {
    let mut cases = Vec::new();
    for (group, channels, squared) in [(1, 3, false), (3, 2, true), (2, 1, false)] {
        let mut builder = Builder::new();
        let x = picture(&mut builder, group * channels, size);
        let y = picture(&mut builder, channels, grid(size));
        cases.push(alone(builder, step::Means { x, y, squared }));
    }
    let mut builder = Builder::new();
    let (flow, first) = (picture(&mut builder, 2, size), picture(&mut builder, 1, size));
    let (second, y) = (like(&mut builder, first), picture(&mut builder, 2, grid(size)));
    cases.push(alone(builder, step::Explain { flow, first, second, y }));
    let mut builder = Builder::new();
    let (flow, explained) = (picture(&mut builder, 2, size), picture(&mut builder, 2, grid(size)));
    let (y, still) = (like(&mut builder, flow), step::Still::default());
    cases.push(alone(builder, step::Settle { flow, explained, y, still }));
    cases
}

fn carried(size: Extent) -> Vec<Case> {
    let mut cases = Vec::new();
    for channels in [1, 3] {
        let mut builder = Builder::new();
        let (x, flow) = (picture(&mut builder, channels, size), picture(&mut builder, 2, size));
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Follow { x, flow, y }));
    }
    for octave in [size, Extent::new(size.height.div_ceil(2), size.width.div_ceil(3))] {
        let mut builder = Builder::new();
        let (x, y) = (picture(&mut builder, 1, grid(size)), picture(&mut builder, 1, octave));
        cases.push(alone(builder, step::Spread { x, y, pitch: pitch(octave, size) }));
    }
    cases
}

fn met(size: Extent) -> Vec<Case> {
    let mut cases = Vec::new();
    for octaves in [1, 4] {
        let mut builder = Builder::new();
        let x = picture(&mut builder, 3, size);
        let waves = picture(&mut builder, 3 * octaves, size);
        let (parts, y) = (picture(&mut builder, octaves, grid(size)), like(&mut builder, x));
        cases.push(alone(builder, step::Compose { x, waves, parts, y, bounds: BOUNDS }));
    }
    let mut builder = Builder::new();
    let [x, first, second, y] = [(); 4].map(|()| picture(&mut builder, 3, size));
    let [before, behind] = [(); 2].map(|()| picture(&mut builder, 1, size));
    let way = map(&mut builder, 1, 1, 1);
    let meet = step::Meet { x, first, second, before, behind, way, y, bounds: BOUNDS };
    cases.push(alone(builder, meet).with_scalar(0.3));
    cases
}

//! Steps of optical flow: pictures smaller than a patch, of a patch, of whole patches and a rest.

use puppyslug::plan::patches;
use puppyslug::plan::{Builder, View, step};

use super::super::case::Case;
use super::{alone, like, map};

pub(super) fn cases() -> Vec<Case> {
    let sizes = [(1, 1), (3, 9), (8, 8), (17, 20), (2, 300), (33, 41)];
    sizes.into_iter().flat_map(|(h, w)| [samples(h, w), patched(h, w), variational(h, w)].concat()).collect()
}

fn samples(height: usize, width: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    // Down a level, up a level, to the middle of patches, and back along a flow.
    for (rows, columns, first, pitch, factor, moved) in [
        (height.div_ceil(2), width.div_ceil(2), 0.5, 2.0, 1.0, false),
        (2 * height, 2 * width - 1, -0.25, 0.5, 2.0, false),
        (height, width.div_ceil(4), 1.5, 1.5, 2.0, true),
        (height, width, 0.0, 1.0, 1.0, true),
    ] {
        for channels in [1, 2] {
            let mut builder = Builder::new();
            let x = map(&mut builder, channels, height, width);
            let flow = moved.then(|| map(&mut builder, 2, rows, columns));
            let y = map(&mut builder, channels, rows, columns);
            cases.push(alone(builder, step::Sample { x, flow, y, first, pitch, factor }));
        }
    }
    cases
}

fn patched(height: usize, width: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for stride in [3, 4, 8] {
        let pictures = |builder: &mut Builder| -> [View; 3] {
            let first = map(builder, 1, height, width);
            let (rows, columns) = (patches::count(height, stride), patches::count(width, stride));
            [first, like(builder, first), map(builder, 2, rows, columns)]
        };
        let mut builder = Builder::new();
        let [first, second, x] = pictures(&mut builder);
        let y = like(&mut builder, x);
        cases.push(alone(builder, step::Search { first, second, x, y, stride, damping: 16.0 }));
        for reach in [1, 2] {
            let mut builder = Builder::new();
            let [first, second, x] = pictures(&mut builder);
            let (start, y) = (like(&mut builder, x), like(&mut builder, x));
            cases.push(alone(builder, step::Propagate { first, second, x, start, y, stride, reach }));
        }
        let mut builder = Builder::new();
        let [first, second, x] = pictures(&mut builder);
        let y = map(&mut builder, 2, height, width);
        cases.push(alone(builder, step::Densify { first, second, x, y, stride }));
    }
    cases
}

fn variational(height: usize, width: usize) -> Vec<Case> {
    let mut builder = Builder::new();
    let first = map(&mut builder, 1, height, width);
    let (second, x) = (like(&mut builder, first), map(&mut builder, 2, height, width));
    let y = map(&mut builder, 7, height, width);
    let weights = step::FlowWeights { brightness: 5.0, gradient: 10.0, smoothness: 20.0 };
    let mut cases = vec![alone(builder, step::Linearise { first, second, x, y, weights })];
    for (odd, omega) in [(false, 1.0), (true, 1.75)] {
        let mut builder = Builder::new();
        let x = map(&mut builder, 2, height, width);
        let (system, y) = (map(&mut builder, 7, height, width), like(&mut builder, x));
        cases.push(alone(builder, step::Relax { x, system, y, odd, omega }));
    }
    cases
}

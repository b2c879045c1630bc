//! What shapes a gradient or holds a picture to its source.

use rayon::prelude::*;

use super::picture::{PIECE, shift};
use crate::machine::Jitter;
use crate::net::Shape;

/// `scale * x + offset`; with a scale of 0, `offset` whatever was there.
pub(super) fn affine(x: &mut [f32], scale: f32, offset: f32) {
    if scale == 0.0 {
        x.fill(offset);
    } else {
        x.par_chunks_mut(PIECE).for_each(|x| x.iter_mut().for_each(|x| *x = scale * *x + offset));
    }
}

/// From a measured mean and deviation to those wanted: `levels` holds all four.
pub(super) fn level(x: &mut [f32], levels: &[f32]) {
    let &[mean, deviation, to_mean, to_deviation] = levels else { unreachable!("levels are four cells") };
    let rate = to_deviation / deviation.max(1e-10);
    x.par_chunks_mut(PIECE).for_each(|x| x.iter_mut().for_each(|x| *x = (*x - mean) * rate + to_mean));
}

/// Back towards the source, in brightness and colour separately.
pub(super) fn pull(x: &mut [f32], source: &[f32], luma: f32, chroma: f32) {
    let plane = x.len() / 3;
    let (blue, rest) = x.split_at_mut(plane);
    let (green, red) = rest.split_at_mut(plane);
    let pixels = blue.par_iter_mut().zip(green).zip(red).with_min_len(PIECE);
    pixels.enumerate().for_each(|(at, ((b, g), r))| {
        let source = [source[at], source[plane + at], source[2 * plane + at]];
        let [db, dg, dr] = [*b - source[0], *g - source[1], *r - source[2]];
        let bright = 0.114 * db + 0.587 * dg + 0.299 * dr;
        let pulled = |source: f32, e: f32| source + (1.0 - chroma) * (e - bright) + (1.0 - luma) * bright;
        (*b, *g, *r) = (pulled(source[0], db), pulled(source[1], dg), pulled(source[2], dr));
    });
}

/// Takes the gradient of a map's total variation away; the map goes on from its last cell to its first.
pub(super) fn variation(x: &[f32], dx: &mut [f32], shape: Shape, weight: f32, exponent: f32) {
    let (height, width) = (shape.height, shape.width);
    let scale = weight * exponent / 255f32.powf(exponent - 1.0);
    let power = |n: f32| if exponent == 2.0 { 1.0 } else { n.powf(exponent / 2.0 - 1.0) };
    let factor = move |a: f32, b: f32| scale * power(a * a + b * b + 1e-6);
    dx.par_chunks_mut(width).enumerate().for_each(|(line, dx)| {
        let (channel, row) = (line / height, line % height);
        let line = |row: usize| &x[(channel * height + row) * width..][..width];
        let (above, here, below) = (line((row + height - 1) % height), line(row), line((row + 1) % height));
        for (at, dx) in dx.iter_mut().enumerate() {
            let (left, right) = ((at + width - 1) % width, (at + 1) % width);
            let (to_right, to_below) = (here[at] - here[right], here[at] - below[at]);
            let (from_left, from_above) = (here[left] - here[at], above[at] - here[at]);
            *dx -= factor(to_right, to_below) * (to_right + to_below)
                - factor(from_left, here[left] - below[left]) * from_left
                - factor(above[at] - above[right], from_above) * from_above;
        }
    });
}

/// Makes a gradient Adam's direction. The running means belong to cells of the picture, not of the roll.
pub(super) fn adam(
    jitter: Jitter,
    dx: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
    mass: &[f32],
    shape: Shape,
) {
    let (height, width) = (shape.height, shape.width);
    let (down, right) = shift(jitter, shape);
    let moments = first.par_chunks_mut(width).zip(second.par_chunks_mut(width));
    moments.enumerate().for_each(|(line, (first, second))| {
        let (channel, row) = (line / height, line % height);
        let dx = &dx[(channel * height + (row + down) % height) * width..][..width];
        let rolled = dx[right..].iter().chain(&dx[..right]);
        for ((first, second), dx) in first.iter_mut().zip(second).zip(rolled) {
            *first = 0.9 * *first + 0.1 * dx;
            *second = 0.999 * *second + 0.001 * dx * dx;
        }
    });
    let (first, second) = (&*first, &*second);
    dx.par_chunks_mut(width).enumerate().for_each(|(line, dx)| {
        let (channel, row) = (line / height, line % height);
        let from = (channel * height + (row + height - down) % height) * width;
        for (at, dx) in dx.iter_mut().enumerate() {
            let cell = from + (at + width - right) % width;
            *dx = first[cell] / mass[0] / ((second[cell] / mass[1]).sqrt() + 1e-8);
        }
    });
}

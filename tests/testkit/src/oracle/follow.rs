//! Maps seen along a flow.

use std::f64::consts::PI;

use puppyslug::plan::step::Follow;

use super::{EPSILON, Map, Sum, Written, fill};

/// Error of a weight, in roundings of one that is 1. It is a quotient of sums of quotients of polynomials: ten roundings for
/// the largest and, as sines of either sign add up to it, no less for the smallest; twice that for the sum it is divided by.
const WEIGHT: f64 = 30.0;

/// A place is rounded to a 1024th of a pixel, and every machine rounds it the same way: the sum of a cell's number and a
/// flow's, in f32. The filter is Lanczos' as it is written.
pub fn follow(step: &Follow, x: Map, flow: Map) -> Written {
    let cells = fill(step.y.shape, |channel, row, column| {
        let axis = |axis: usize, at: usize, size: usize| {
            let place = at as f32 + flow.at(axis, row, column) as f32;
            let place = (f64::from(place.clamp(-1.0, size as f32)) * 1024.0 + 0.5).floor() / 1024.0;
            taps(place).map(|(at, weight)| (at.clamp(0, size as isize - 1) as usize, weight))
        };
        let (rows, columns) = (axis(0, row, x.shape.height), axis(1, column, x.shape.width));
        let mut sum = Sum::default();
        for (row, down) in rows {
            for (column, right) in columns {
                let cell = x.at(channel, row, column);
                sum.push(down * right * cell);
                let whole = |weight: f64| weight == 0.0 || weight == 1.0;
                if !(whole(down) && whole(right)) {
                    sum.blur(WEIGHT * EPSILON * (down.abs() + right.abs()) * cell.abs());
                }
            }
        }
        sum.cell()
    });
    Written { view: step.y, cells }
}

/// Samples and their weights, as they bear on a place.
fn taps(place: f64) -> [(isize, f64); 8] {
    let first = place.floor() as isize - 3;
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let weight = |tap: usize| {
        let x = (first + tap as isize) as f64 - place;
        if x.fract() == 0.0 { f64::from(u8::from(x == 0.0)) } else { sinc(x) * sinc(x / 4.0) }
    };
    let total: f64 = (0..8).map(weight).sum();
    std::array::from_fn(|tap| (first + tap as isize, weight(tap) / total))
}

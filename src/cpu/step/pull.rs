//! The pull back towards a source.

use rayon::prelude::*;

use super::{PIECE, Run, Workplace};
use crate::plan::step::Pull;

impl Run for Pull {
    fn run(&self, at: &mut Workplace<'_>) {
        let &Self { x, source, luma, chroma } = self;
        let [luma, chroma] = [luma, chroma].map(|part| part.at(at.turn.dials));
        at.memory.lend(x, |memory, x| pull(x, memory.get(source), luma, chroma));
    }
}

/// Pulls back towards the source, in brightness and colour separately.
fn pull(x: &mut [f32], source: &[f32], luma: f32, chroma: f32) {
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

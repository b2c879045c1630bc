//! Frames that are not dreamed: what the dreams before and after them added, carried into them from both sides.

use super::{Carrier, Motion};
use crate::picture::Picture;

/// How far what leads to either side is relied on at least, 0 to 255: somewhere a place has to come from.
const LEAST: f32 = 1.0;

impl Carrier {
    /// What a frame's dream is that lies between the last one kept and the next, a source and its dream; `way` is how far
    /// from the one to the other, 0 to 1, and `sides` lead to the first and to the second.
    ///
    /// Both dreams are one that goes on, so their waves lie over each other: what is nearer counts for more, and what leads
    /// nowhere for nothing.
    pub fn between(
        &self,
        source: &Picture,
        sides: &[Motion; 2],
        (after, dream): (&Picture, &Picture),
        way: f32,
    ) -> Picture {
        let mut between = source.clone();
        let Some(shot) = &self.shot else { return between };
        let later: Vec<f32> =
            dream.rgb().iter().zip(after.rgb()).map(|(dream, after)| dream - after).collect();
        let [first, second] = [(&sides[0], &shot.residual), (&sides[1], &later)]
            .map(|(motion, residual)| self.warper.warp(&motion.back, residual));
        let [before, behind] = sides.each_ref().map(|motion| &motion.reliable);
        let part: Vec<f32> = before
            .iter()
            .zip(behind)
            .map(|(before, behind)| {
                let (before, behind) = ((1.0 - way) * before.max(LEAST), way * behind.max(LEAST));
                behind / (before + behind)
            })
            .collect();
        let added = first.iter().zip(&second).zip(part.iter().cycle());
        let added = added.map(|((first, second), part)| first + part * (second - first));
        let add = |(cell, added): (&mut f32, f32)| *cell = (*cell + added).clamp(0.0, 255.0);
        between.rgb_mut().iter_mut().zip(added).for_each(add);
        between
    }
}

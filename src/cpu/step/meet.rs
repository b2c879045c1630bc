//! Adds the contributions of the frames before and after to a picture.

use rayon::prelude::*;

use super::{Run, Workplace};
use crate::plan::step::Meet;

impl Run for Meet {
    fn run(&self, at: &mut Workplace<'_>) {
        let (plane, width, height) = (self.y.shape.plane(), self.y.shape.width, self.y.shape.height);
        at.memory.lend(self.y, |memory, cells| {
            let [x, first, second, before, behind] =
                [self.x, self.first, self.second, self.before, self.behind].map(|view| memory.get(view));
            let way = memory.get(self.way)[0];
            cells.par_chunks_mut(width).enumerate().for_each(|(line, y)| {
                let (start, low_high) = (line * width, self.bounds[line / height]);
                let cells = x[start..].iter().zip(&first[start..]).zip(&second[start..]);
                let sides = before[start % plane..].iter().zip(&behind[start % plane..]);
                for ((y, ((x, first), second)), (before, behind)) in y.iter_mut().zip(cells).zip(sides) {
                    let (before, behind) = ((1.0 - way) * before.max(1.0), way * behind.max(1.0));
                    let part = behind / (before + behind);
                    *y = (x + (first + part * (second - first))).clamp(low_high.0, low_high.1);
                }
            });
        });
    }
}

//! Means over blocks.

use puppyslug::plan::step::Means;

use super::{Map, Sum, Written, fill};

/// Every cell is asked whether it lies in the block. A square rounds, and so does the division, to five roundings.
pub fn means(step: &Means, x: Map) -> Written {
    let group = x.shape.channels / step.y.shape.channels;
    let cells = fill(step.y.shape, |channel, line, block| {
        let mut cells = Vec::new();
        for map in channel * group..(channel + 1) * group {
            for row in (0..x.shape.height).filter(|row| row / 4 == line) {
                for column in (0..x.shape.width).filter(|column| column / 4 == block) {
                    let cell = x.at(map, row, column);
                    cells.push(if step.squared { cell * cell } else { cell });
                }
            }
        }
        let mut sum = Sum::default();
        cells.iter().for_each(|cell| sum.push_rough(cell / cells.len() as f64, 6.0));
        sum.cell()
    });
    Written { view: step.y, cells }
}

//! The left operand of a product.

use std::ops::Range;

use super::{GROUP, ROWS};

/// A matrix, packed as `[panel][column][row of the panel]`, [`ROWS`] rows to a panel.
#[derive(Debug)]
pub(in crate::cpu) struct Left {
    depth: usize,
    values: Vec<f32>,
}

impl Left {
    /// The matrix of `value(row, column)`.
    pub(in crate::cpu) fn new(rows: usize, depth: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let mut values = Vec::with_capacity(rows.next_multiple_of(ROWS) * depth);
        for first in (0..rows).step_by(ROWS) {
            for column in 0..depth {
                // The last panel is padded with zeros.
                let row = |row| if row < rows { value(row, column) } else { 0.0 };
                values.extend((first..first + ROWS).map(row));
            }
        }
        Self { depth, values }
    }

    /// The panels that contain some rows.
    pub(in crate::cpu) fn groups(&self, rows: Range<usize>) -> impl Iterator<Item = Group<'_>> {
        let size = self.depth * ROWS;
        let panels = rows.start / ROWS..rows.end.div_ceil(ROWS);
        panels.clone().step_by(GROUP).map(move |first| {
            let last = (first + GROUP).min(panels.end);
            let own = (first * ROWS).max(rows.start)..(last * ROWS).min(rows.end);
            let mut values: [&[f32]; GROUP] = [&[]; GROUP];
            values
                .iter_mut()
                .zip(first..last)
                .for_each(|(to, panel)| *to = &self.values[panel * size..][..size]);
            Group { first: first * ROWS, own, count: last - first, values }
        })
    }

    /// Terms of a sum.
    pub(in crate::cpu) fn depth(&self) -> usize {
        self.depth
    }
}

/// Some panels that are multiplied together.
pub(in crate::cpu) struct Group<'a> {
    /// The first row of the first panel.
    first: usize,
    /// The rows that are wanted.
    own: Range<usize>,
    count: usize,
    values: [&'a [f32]; GROUP],
}

impl<'a> Group<'a> {
    /// The panels.
    #[inline(always)]
    pub(in crate::cpu) fn panels(&self) -> &[&'a [f32]] {
        &self.values[..self.count]
    }

    /// Each wanted row: its number, its panel, and its row within the panel.
    #[inline(always)]
    pub(in crate::cpu) fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let first = self.first;
        self.own.clone().map(move |row| (row, (row - first) / ROWS, (row - first) % ROWS))
    }
}

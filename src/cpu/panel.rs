//! Rectangles of a map: the only module of the processor machine with raw pointers.
#![allow(
    unsafe_code,
    reason = "Tasks that fill one map side by side each own a rectangle of it, which slices cannot express. \
              Everything offered from here is safe: a panel is made from an exclusive slice, and splitting it \
              hands every cell to exactly one part."
)]

use std::marker::PhantomData;
use std::ops::Range;

/// A rectangle of a row-major matrix, owned exclusively: rows are channels, columns are cells of a map.
pub(super) struct Panel<'a> {
    start: *mut f32,
    pitch: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    owner: PhantomData<&'a mut [f32]>,
}

// SAFETY: a panel is an exclusive borrow of its cells, as `&mut [f32]` is, which is Send.
unsafe impl Send for Panel<'_> {}

impl<'a> Panel<'a> {
    /// All of `cells`, as rows of `pitch` cells.
    pub(super) fn new(cells: &'a mut [f32], pitch: usize) -> Self {
        assert!(pitch > 0 && cells.len().is_multiple_of(pitch), "whole rows");
        let rows = cells.len() / pitch;
        Self { start: cells.as_mut_ptr(), pitch, rows: 0..rows, columns: 0..pitch, owner: PhantomData }
    }

    /// Which rows of the original these are.
    pub(super) fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// Which columns of the original these are.
    pub(super) fn columns(&self) -> Range<usize> {
        self.columns.clone()
    }

    /// Cuts the panel into panels of at most `height` rows and `width` columns.
    pub(super) fn split(self, height: usize, width: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        for column in self.columns.clone().step_by(width) {
            for row in self.rows.clone().step_by(height) {
                let rows = row..row.saturating_add(height).min(self.rows.end);
                let columns = column..column.saturating_add(width).min(self.columns.end);
                parts.push(Self { rows, columns, ..self });
            }
        }
        parts
    }

    /// Cuts the panel into at most this many panels, one below the other, with about the same number of rows:
    /// multiples of `step`.
    pub(super) fn split_rows(self, parts: usize, step: usize) -> Vec<Self> {
        let steps = self.rows.len().div_ceil(step);
        let at = |part: usize| (self.rows.start + steps * part / parts * step).min(self.rows.end);
        let rows = (0..parts).map(|part| at(part)..at(part + 1)).filter(|rows| !rows.is_empty());
        rows.map(|rows| Self { rows, columns: self.columns.clone(), ..self }).collect()
    }

    /// The cells of one row, numbered as in the original.
    pub(super) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(self.rows.contains(&row), "row {row} of {:?}", self.rows);
        // SAFETY: the row belongs to this panel, whose cells nothing else can reach while `self` is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.at(row), self.columns.len()) }
    }

    fn at(&self, row: usize) -> *mut f32 {
        // SAFETY: `row` and the first column lie inside the slice that the panel was made from.
        unsafe { self.start.add(row * self.pitch + self.columns.start) }
    }
}

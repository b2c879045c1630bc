//! Matrix products on rectangles of a map: the one room of the processor machine with raw pointers.
#![allow(
    unsafe_code,
    reason = "`sgemm` takes pointers, and tasks that fill one map side by side each own a rectangle of it, \
              which slices cannot express. Everything offered from here is safe: a panel is made from an \
              exclusive slice, and splitting it hands every cell to exactly one part."
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
    /// The whole of `cells`, as rows of `pitch` cells.
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
                let rows = row..(row + height).min(self.rows.end);
                let columns = column..(column + width).min(self.columns.end);
                parts.push(Self { rows, columns, ..self });
            }
        }
        parts
    }

    /// The cells of one row, counted as in the original.
    pub(super) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(self.rows.contains(&row), "row {row} of {:?}", self.rows);
        // SAFETY: the row is one of this panel's, whose cells nothing
        // else can reach while `self` is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.at(row), self.columns.len()) }
    }

    fn at(&self, row: usize) -> *mut f32 {
        // SAFETY: `row` and the first column lie inside the slice that the panel was made from.
        unsafe { self.start.add(row * self.pitch + self.columns.start) }
    }

    /// `self = left x right (+ self)`, with as many rows of `right` as `left` has columns.
    pub(super) fn multiply(&mut self, left: LeftBlock<'_>, right: Right<'_>, add: bool) {
        let (m, k, n) = (self.rows.len(), left.inner.len(), self.columns.len());
        assert!(m == left.rows.len() && n <= right.pitch && right.cells.len() >= (k - 1) * right.pitch + n);
        let whole = left.whole;
        let left = &whole.values[left.inner.start * whole.rows + left.rows.start..];
        assert!(left.len() >= (k - 1) * whole.rows + m);
        let beta = if add { 1.0 } else { 0.0 };
        // SAFETY: the assertions above bound the two operands, and the panel owns its `m` rows of `n` cells.
        unsafe {
            matrixmultiply::sgemm(
                m,
                k,
                n,
                1.0,
                left.as_ptr(),
                1,
                whole.rows as isize,
                right.cells.as_ptr(),
                right.pitch as isize,
                1,
                beta,
                self.at(self.rows.start),
                self.pitch as isize,
                1,
            );
        }
    }
}

/// The left operand, transposed, so that the rows which the product handles together lie together.
#[derive(Debug)]
pub(super) struct Left {
    rows: usize,
    /// `[column][row]`.
    values: Vec<f32>,
}

impl Left {
    /// The matrix of `value(row, column)`.
    pub(super) fn new(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let column = |column| (0..rows).map(move |row| (row, column));
        let values = (0..columns).flat_map(column).map(|(row, column)| value(row, column)).collect();
        Self { rows, values }
    }

    /// Some rows and some columns of it.
    pub(super) fn block(&self, rows: Range<usize>, inner: Range<usize>) -> LeftBlock<'_> {
        assert!(!inner.is_empty() && rows.end <= self.rows);
        LeftBlock { whole: self, rows, inner }
    }
}

/// A part of a [`Left`].
pub(super) struct LeftBlock<'a> {
    whole: &'a Left,
    rows: Range<usize>,
    inner: Range<usize>,
}

/// The right operand: rows begin `pitch` cells apart.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    /// From the first cell to the last.
    pub(super) cells: &'a [f32],
    /// From row to row.
    pub(super) pitch: usize,
}

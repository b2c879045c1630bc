//! A layout of a map in which the cells that neighbouring windows see through one tap are contiguous, whatever
//! the stride, so that inner loops need not handle rows and edges.
//!
//! The padded map is cut into phases by row and column modulo the stride. The lines of all phases have the same
//! length: a line of outputs plus the few extra cells that their windows reach. Number the places along these
//! lines: for each tap there is then a fixed offset, and the window of the output at place `i` sees the cell at
//! `i` plus that offset, for every `i`.

use std::ops::Range;

use super::gemm::COLUMNS;
use super::stride::pick;
use crate::extent::Extent;
use crate::net::PlacedWindow;

/// Cells behind the last one that may be read or written along with it, with any content: one block.
pub(super) const ROOM: usize = COLUMNS;
/// Places are computed this many at a time: the lanes of the widest vector.
const LANES: usize = 16;

/// The layout of a map, or of the part of it that some lines of outputs see.
pub(super) struct Phases {
    window: PlacedWindow,
    pub(super) map: Extent,
    pub(super) outputs: Extent,
    /// The first of these lines among all lines of outputs.
    first: usize,
    /// The distance from the first cell of a window to its last, in cells of a phase.
    reach: usize,
    /// For each of the first `stride` columns of the map: where it and every `stride`-th column after it go,
    /// relative to the start of a row.
    lanes: Vec<Range<usize>>,
}

impl Phases {
    /// The layout of what all outputs see.
    pub(super) fn new(window: PlacedWindow, map: Extent, outputs: Extent) -> Self {
        Self::part(window, map, outputs, 0)
    }

    /// The layout of what some lines of the outputs see.
    pub(super) fn of_lines(&self, lines: Range<usize>) -> Self {
        let outputs = Extent::new(lines.len(), self.outputs.width);
        Self::part(self.window, self.map, outputs, lines.start)
    }

    fn part(window: PlacedWindow, map: Extent, outputs: Extent, first: usize) -> Self {
        let PlacedWindow { kernel, stride, pad } = window;
        let reach = (kernel - 1) / stride;
        let mut phases = Self { window, map, outputs, first, reach, lanes: Vec::new() };
        let lane = |column: usize| {
            let x = column + pad.1;
            let start = x % stride * phases.size() + x / stride;
            let there = phases.pitch().saturating_sub(x / stride);
            start..start + (map.width - column).div_ceil(stride).min(there)
        };
        phases.lanes = (0..stride.min(map.width)).map(lane).collect();
        phases
    }

    /// Cells of a line of a phase.
    fn pitch(&self) -> usize {
        self.outputs.width + self.reach
    }

    /// Lines of a phase.
    fn lines(&self) -> usize {
        self.outputs.height + self.reach
    }

    /// Cells of a phase.
    pub(super) fn size(&self) -> usize {
        self.lines() * self.pitch()
    }

    /// Places of outputs, including those beyond the ends of lines.
    pub(super) fn places(&self) -> usize {
        (self.outputs.height * self.pitch()).next_multiple_of(LANES)
    }

    /// Cells that one channel of the map takes.
    pub(super) fn map_cells(&self) -> usize {
        self.window.stride.pow(2) * self.size() + self.reach + ROOM
    }

    /// For each cell of the window, in order: its offset from an output's place.
    pub(super) fn sights(&self) -> Vec<usize> {
        let PlacedWindow { kernel, stride, .. } = self.window;
        let sight = |tap: usize| {
            let (ky, kx) = (tap / kernel, tap % kernel);
            self.phase(ky, kx) * self.size() + ky / stride * self.pitch() + kx / stride
        };
        (0..kernel * kernel).map(sight).collect()
    }

    /// For each place, the first cell of the window that lies inside the map.
    pub(super) fn first_inside(&self) -> Vec<f32> {
        let PlacedWindow { kernel, stride, pad } = self.window;
        let before = |at: usize, pad: usize| pad.saturating_sub(at * stride);
        let mut first = vec![0.0; self.places()];
        for (row, line) in first.chunks_mut(self.pitch()).take(self.outputs.height).enumerate() {
            for (column, first) in line.iter_mut().enumerate() {
                *first = (before(self.first + row, pad.0) * kernel + before(column, pad.1)) as f32;
            }
        }
        first
    }

    /// The place of an output.
    pub(super) fn place(&self, line: usize, column: usize) -> usize {
        (line - self.first) * self.pitch() + column
    }

    /// The phase of a cell of the padded map.
    fn phase(&self, row: usize, column: usize) -> usize {
        let stride = self.window.stride;
        row % stride * stride + column % stride
    }

    /// The rows of the map that the outputs see.
    fn rows_seen(&self) -> Range<usize> {
        let PlacedWindow { stride, pad, .. } = self.window;
        let start = (self.first * stride).saturating_sub(pad.0);
        let end = ((self.first + self.lines()) * stride).saturating_sub(pad.0).min(self.map.height);
        start.min(end)..end
    }

    /// Cuts a channel of the map into phases; cells outside the map become `outside`.
    #[inline(always)]
    pub(super) fn cut(&self, plane: &[f32], outside: f32, cells: &mut [f32]) {
        let PlacedWindow { stride, pad, .. } = self.window;
        cells.fill(outside);
        for row in self.rows_seen() {
            let line = &plane[row * self.map.width..][..self.map.width];
            let y = row + pad.0 - self.first * stride;
            let start = self.phase(y, 0) * self.size() + y / stride * self.pitch();
            for (column, lane) in self.lanes.iter().enumerate() {
                pick(stride, &line[column..], &mut cells[start + lane.start..start + lane.end]);
            }
        }
    }

    /// Copies a channel of outputs from their places into a plain map.
    #[inline(always)]
    pub(super) fn take(&self, places: &[f32], plane: &mut [f32]) {
        let lines = plane.chunks_exact_mut(self.outputs.width);
        for (line, places) in lines.zip(places.chunks(self.pitch())) {
            line.copy_from_slice(&places[..line.len()]);
        }
    }
}

/// The part of a range of consecutive cells that lies in one line.
pub(super) struct Run {
    /// The line.
    pub(super) line: usize,
    /// Its columns in that line.
    pub(super) columns: Range<usize>,
    /// How many of the cells come before it.
    pub(super) at: usize,
}

/// Splits consecutive cells of a map by the lines that they lie in.
pub(super) fn runs(width: usize, cells: Range<usize>) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut next = cells.start;
    while next < cells.end {
        let (line, column) = (next / width, next % width);
        let count = (width - column).min(cells.end - next);
        runs.push(Run { line, columns: column..column + count, at: next - cells.start });
        next += count;
    }
    runs
}

/// Where a run begins: among the consecutive cells, and in the phases.
pub(super) struct Piece {
    at: usize,
    place: usize,
}

impl Phases {
    /// The pieces that belong to some runs.
    pub(super) fn pieces(&self, runs: &[Run]) -> Vec<Piece> {
        let piece = |run: &Run| Piece { at: run.at, place: self.place(run.line, run.columns.start) };
        runs.iter().map(piece).collect()
    }
}

/// Copies what the windows of a block of outputs see through one cell. The outputs lie in some pieces. A whole
/// block of cells is copied from the start of each piece, which is quicker than working out its length.
#[inline(always)]
pub(super) fn look(cells: &[f32], sight: usize, pieces: &[Piece], to: &mut [f32]) {
    for piece in pieces {
        let from = &cells[sight + piece.place..][..ROOM];
        to[piece.at..][..ROOM].copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a window sees, by definition.
    fn seen(
        window: PlacedWindow,
        map: Extent,
        plane: &[f32],
        (row, column): (usize, usize),
        tap: usize,
    ) -> f32 {
        let PlacedWindow { kernel, stride, pad } = window;
        let y = (row * stride + tap / kernel).checked_sub(pad.0).filter(|&y| y < map.height);
        let x = (column * stride + tap % kernel).checked_sub(pad.1).filter(|&x| x < map.width);
        y.zip(x).map_or(0.0, |(y, x)| plane[y * map.width + x])
    }

    #[test]
    fn windows_see_what_they_say() {
        for (kernel, stride, pad, map, grid) in [
            (1, 1, (0, 0), (3, 4), (3, 4)),
            (3, 1, (1, 1), (5, 4), (5, 4)),
            (5, 1, (2, 2), (2, 1), (2, 1)), // the window is larger than the map
            (4, 1, (2, 1), (6, 3), (6, 3)), // the axes differ
            (4, 1, (1, 2), (4, 5), (4, 5)),
            (4, 1, (1, 1), (3, 3), (4, 5)), // zeros behind the last column as well
            (3, 1, (0, 0), (6, 7), (4, 5)), // no padding
            (4, 2, (1, 1), (7, 5), (4, 3)),
            (7, 2, (3, 3), (9, 6), (5, 3)),
            (7, 2, (3, 2), (9, 6), (5, 3)),
            (2, 3, (0, 0), (7, 8), (2, 3)),
        ] {
            let window = PlacedWindow { kernel, stride, pad };
            let (map, grid) = (Extent::new(map.0, map.1), Extent::new(grid.0, grid.1));
            let plane: Vec<f32> = (1..=map.plane()).map(|cell| cell as f32).collect();
            let count = grid.plane();
            for (start, end) in (0..count).flat_map(|start| (start + 1..=count).map(move |end| (start, end)))
            {
                let runs = runs(grid.width, start..end);
                let lines = start / grid.width..end.div_ceil(grid.width);
                let phases = Phases::new(window, map, grid).of_lines(lines);
                let mut cells = vec![f32::NAN; phases.map_cells()];
                phases.cut(&plane, 0.0, &mut cells);
                let pieces = phases.pieces(&runs);
                for (tap, sight) in phases.sights().into_iter().enumerate() {
                    let mut to = vec![f32::NAN; end - start + ROOM];
                    look(&cells, sight, &pieces, &mut to);
                    let cells = (start..end).map(|cell| (cell / grid.width, cell % grid.width));
                    let expected: Vec<f32> = cells.map(|cell| seen(window, map, &plane, cell, tap)).collect();
                    assert_eq!(to[..end - start], expected, "{window:?} tap {tap} cells {start}..{end}");
                }
            }
        }
    }
}

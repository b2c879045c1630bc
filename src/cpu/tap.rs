//! What a window sees of a map through one of its cells.

use std::ops::Range;

use crate::net::{PlacedWindow, Shape};
use crate::plan::View;
use crate::plan::convolution::ImplicitGemm;

/// Where one cell of the window looks: how far from the cell of the grid that its centre belongs to.
pub(super) struct Tap {
    pub(super) down: isize,
    pub(super) right: isize,
    stride: usize,
    /// Width of the grid.
    width: usize,
    /// The map it looks at.
    map: Shape,
}

impl Tap {
    pub(super) fn new(gemm: &ImplicitGemm, source: View, tap: usize) -> Self {
        let PlacedWindow { kernel, stride, pad } = gemm.window;
        let down = (tap / kernel) as isize - pad.0 as isize;
        let right = (tap % kernel) as isize - pad.1 as isize;
        Self { down, right, stride, width: gemm.grid.width, map: source.shape }
    }

    /// What it sees of one channel from each of some cells of the grid: the channel itself, where it can.
    pub(super) fn look<'p>(&self, plane: &'p [f32], columns: Range<usize>, row: &'p mut [f32]) -> &'p [f32] {
        let onto_itself =
            self.stride == 1 && (self.down, self.right) == (0, 0) && self.width == self.map.width;
        if onto_itself && columns.end <= plane.len() {
            return &plane[columns];
        }
        self.fill(plane, columns, row);
        row
    }

    /// The same, written down.
    fn fill(&self, plane: &[f32], columns: Range<usize>, row: &mut [f32]) {
        if self.stride == 1 && self.width == self.map.width {
            self.shift(plane, columns, row);
        } else {
            self.stride_over(plane, columns, row);
        }
    }

    /// Grid and map are of one width: a copy from further on, with zeros where it ran over a row's end.
    fn shift(&self, plane: &[f32], columns: Range<usize>, row: &mut [f32]) {
        let shift = self.down * self.width as isize + self.right;
        let inside = |cell: usize| (cell as isize + shift).clamp(0, plane.len() as isize);
        let (start, end) = (inside(columns.start), inside(columns.end));
        // Columns that all look past the plane's end start behind the place found here: none lie before it.
        let before = ((start - shift) as usize).saturating_sub(columns.start).min(row.len());
        let count = (end - start) as usize;
        row[..before].fill(0.0);
        row[before..before + count].copy_from_slice(&plane[start as usize..end as usize]);
        row[before + count..].fill(0.0);
        let beyond = match self.right {
            ..0 => 0..self.right.unsigned_abs().min(self.width),
            right => self.width.saturating_sub(right as usize)..self.width,
        };
        for line in columns.start / self.width..columns.end.div_ceil(self.width) {
            let cell = |at: usize| (line * self.width + at).clamp(columns.start, columns.end) - columns.start;
            row[cell(beyond.start)..cell(beyond.end)].fill(0.0);
        }
    }

    /// The general case, line by line of the grid.
    fn stride_over(&self, plane: &[f32], columns: Range<usize>, mut row: &mut [f32]) {
        let mut cell = columns.start;
        while cell < columns.end {
            let (y, x) = (cell / self.width, cell % self.width);
            let count = (self.width - x).min(columns.end - cell);
            let (line, rest) = row.split_at_mut(count);
            match (y * self.stride).checked_add_signed(self.down).filter(|&y| y < self.map.height) {
                Some(y) => self.pick(&plane[y * self.map.width..][..self.map.width], x, line),
                None => line.fill(0.0),
            }
            row = rest;
            cell += count;
        }
    }

    /// Every `stride`-th cell of a line of the map, from column `x` of the grid on.
    fn pick(&self, map: &[f32], x: usize, line: &mut [f32]) {
        let at = (x * self.stride) as isize + self.right;
        let before = ((-at).max(0) as usize).div_ceil(self.stride).min(line.len());
        let (left, line) = line.split_at_mut(before);
        left.fill(0.0);
        let first = ((at + (before * self.stride) as isize).max(0) as usize).min(map.len());
        let count = (map.len() - first).div_ceil(self.stride).min(line.len());
        let (inside, right) = line.split_at_mut(count);
        for (to, from) in inside.iter_mut().zip(map[first..].chunks(self.stride)) {
            *to = from[0];
        }
        right.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::plan::convolution::{Direction, Epilogue, FilterKey};

    /// The definition, one cell at a time.
    fn seen(gemm: &ImplicitGemm, plane: &[f32], map: Shape, tap: usize, cell: usize) -> f32 {
        let PlacedWindow { kernel, stride, pad } = gemm.window;
        let y =
            (cell / gemm.grid.width * stride + tap / kernel).checked_sub(pad.0).filter(|&y| y < map.height);
        let x =
            (cell % gemm.grid.width * stride + tap % kernel).checked_sub(pad.1).filter(|&x| x < map.width);
        y.zip(x).map_or(0.0, |(y, x)| plane[y * map.width + x])
    }

    #[test]
    fn taps_see_what_the_window_says() {
        for (kernel, stride, pad, map, grid) in [
            (3, 1, (1, 1), (5, 4), (5, 4)),
            (5, 1, (2, 2), (2, 1), (2, 1)), // the window is larger than the map
            (4, 1, (1, 1), (6, 3), (6, 3)),
            (4, 1, (2, 1), (6, 3), (6, 3)), // the axes differ
            (4, 1, (1, 2), (4, 5), (4, 5)),
            (4, 1, (1, 1), (3, 3), (4, 5)), // zeros behind the last column as well
            (7, 2, (3, 3), (9, 6), (5, 3)),
            (7, 2, (3, 2), (9, 6), (5, 3)),
            (2, 3, (0, 0), (7, 8), (2, 3)),
        ] {
            let window = PlacedWindow { kernel, stride, pad };
            let grid = Extent::new(grid.0, grid.1);
            let map = Shape::new(1, map.0, map.1);
            let plane: Vec<f32> = (1..=map.plane()).map(|cell| cell as f32).collect();
            let source = crate::plan::Builder::new().buffer("map", map);
            let gemm = ImplicitGemm {
                filter: FilterKey { layers: Vec::new(), direction: Direction::Forward },
                sources: vec![source],
                window,
                grid,
                destinations: Vec::new(),
                interleave: 1,
                epilogue: Epilogue::Bias,
            };
            let cells = grid.plane();
            for (start, end) in (0..cells).flat_map(|start| (start + 1..=cells).map(move |end| (start, end)))
            {
                for tap in 0..window.kernel.pow(2) {
                    let mut row = vec![f32::NAN; end - start];
                    Tap::new(&gemm, source, tap).fill(&plane, start..end, &mut row);
                    let expected: Vec<f32> =
                        (start..end).map(|cell| seen(&gemm, &plane, map, tap, cell)).collect();
                    assert_eq!(row, expected, "{window:?} {map} tap {tap} cells {start}..{end}");
                }
            }
        }
    }
}

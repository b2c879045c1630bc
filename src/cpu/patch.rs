//! Patches of pictures, as optical flow compares them.

use pulp::Simd;

use super::isa::each;
use crate::net::Shape;
use crate::plan::patches::PATCH;
use crate::plan::step::Warp;

/// The number of cells of a patch.
pub(super) const CELLS: usize = PATCH * PATCH;
/// The cells of a patch, line by line.
pub(super) type Patch = [f32; CELLS];
/// The cells of a patch, of the line above it, and of the line below.
pub(super) const WITH_LINES_AROUND: usize = CELLS + 2 * PATCH;

/// [`array::from_fn`](std::array::from_fn), but always compiled with its caller, for the instructions that its caller may
/// use.
#[inline(always)]
pub(super) fn from_fn<T: Copy + Default, const COUNT: usize>(value: impl Fn(usize) -> T) -> [T; COUNT] {
    let mut values = [T::default(); COUNT];
    for (at, to) in values.iter_mut().enumerate() {
        *to = value(at);
    }
    values
}

/// How many places a picture is sampled at together.
pub(super) const MANY: usize = 8;

/// A picture of one channel.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) cells: &'a [f32],
    pub(super) shape: Shape,
}

impl Plane<'_> {
    /// Lines of cells, one after the other, as long as those of a patch, that begin at any place, even outside: cells
    /// beyond an edge repeat the cell at the edge.
    #[inline(always)]
    pub(super) fn lines<const COUNT: usize>(self, row: isize, column: isize) -> [f32; COUNT] {
        let mut cells = [0.0; COUNT];
        for (down, line) in cells.as_chunks_mut::<PATCH>().0.iter_mut().enumerate() {
            *line = self.line(row + down as isize, column);
        }
        cells
    }

    /// One such line, of any length.
    #[inline(always)]
    pub(super) fn line<const SIDE: usize>(self, row: isize, column: isize) -> [f32; SIDE] {
        let Shape { height, width, .. } = self.shape;
        let line = &self.cells[inside(row, height) * width..][..width];
        match usize::try_from(column).ok().filter(|start| start + SIDE <= width) {
            Some(start) => from_fn(|right| line[start..start + SIDE][right]),
            None => from_fn(|right| line[inside(column + right as isize, width)]),
        }
    }

    /// The value between cells, interpolated bilinearly; beyond an edge it is the value at the edge.
    #[inline(always)]
    pub(super) fn between(self, row: f32, column: f32) -> f32 {
        let Shape { height, width, .. } = self.shape;
        // The casts saturate.
        let (above, left) = (row as usize, column as usize);
        let is_inside = row >= 0.0 && column >= 0.0 && above < height - 1 && left < width - 1;
        if !is_inside {
            let corners = Warp::corners(row, column, self.shape);
            return corners.iter().map(|&(at, weight)| weight * self.cells[at]).sum();
        }
        let (below, beside) = (row - above as f32, column - left as f32);
        let lines =
            [&self.cells[above * width + left..][..2], &self.cells[(above + 1) * width + left..][..2]];
        (1.0 - below) * (1.0 - beside) * lines[0][0]
            + (1.0 - below) * beside * lines[0][1]
            + below * (1.0 - beside) * lines[1][0]
            + below * beside * lines[1][1]
    }

    /// The same at many places, with few branches.
    #[inline(always)]
    pub(super) fn between_many(self, rows: [f32; MANY], columns: [f32; MANY]) -> [f32; MANY] {
        let Shape { height, width, .. } = self.shape;
        if height < 2 || width < 2 {
            return from_fn(|at| self.between(rows[at], columns[at]));
        }
        let (above, below) = cells_before(rows, height);
        let (left, beside) = cells_before(columns, width);
        let pairs: [[&[f32]; 2]; MANY] = from_fn(|at| {
            let first = above[at] as usize * width + left[at] as usize;
            [&self.cells[first..][..2], &self.cells[first + width..][..2]]
        });
        let corners: [[[f32; MANY]; 2]; 2] =
            from_fn(|down| from_fn(|right| from_fn(|at| pairs[at][down][right])));
        from_fn(|at| {
            let (below, beside) = (below[at], beside[at]);
            (1.0 - below) * (1.0 - beside) * corners[0][0][at]
                + (1.0 - below) * beside * corners[0][1][at]
                + below * (1.0 - beside) * corners[1][0][at]
                + below * beside * corners[1][1][at]
        })
    }

    /// The patch that begins at a place moved by this many rows and columns, interpolated bilinearly between
    /// cells.
    #[inline(always)]
    pub(super) fn moved<S: Simd>(self, simd: S, place: (usize, usize), moved: [f32; 2]) -> Patch {
        let (row, column, [below, beside]) = moved_to(place, moved);
        // The last line is one too many, so that there are whole vectors.
        let mut cells: [f32; WITH_LINES_AROUND] = self.lines(row, column);
        let right: [f32; WITH_LINES_AROUND] = self.lines(row, column + 1);
        let (across, right) = (&mut cells[..], &right[..]);
        let (here, there) = (simd.splat_f32s(1.0 - beside), simd.splat_f32s(beside));
        each!(simd, across, |left, right = right| {
            simd.add_f32s(simd.mul_f32s(left, here), simd.mul_f32s(right, there))
        });
        let mut patch = [0.0; CELLS];
        patch.copy_from_slice(&cells[..CELLS]);
        let (down, lines) = (&mut patch[..], &cells[PATCH..PATCH + CELLS]);
        let (here, there) = (simd.splat_f32s(1.0 - below), simd.splat_f32s(below));
        each!(simd, down, |above, line = lines| {
            simd.add_f32s(simd.mul_f32s(above, here), simd.mul_f32s(line, there))
        });
        patch
    }

    /// The first line of such a patch.
    #[inline(always)]
    pub(super) fn moved_line(self, place: (usize, usize), moved: [f32; 2]) -> [f32; PATCH] {
        let (row, column, [below, beside]) = moved_to(place, moved);
        let [first, second]: [[f32; PATCH + 1]; 2] = from_fn(|down| self.line(row + down as isize, column));
        mixed(&mixed_across(&first, beside), &mixed_across(&second, beside), below)
    }
}

/// The cell before each position on a line of this many cells, the last one excepted, and how far beyond it the position
/// is.
#[inline(always)]
fn cells_before(at: [f32; MANY], size: usize) -> ([i32; MANY], [f32; MANY]) {
    let last = (size - 1) as f32;
    let at: [f32; MANY] = from_fn(|number| at[number].max(0.0).min(last));
    let before = from_fn(|number| (at[number] as i32).min(size as i32 - 2));
    (before, from_fn(|number| at[number] - before[number] as f32))
}

/// Where a place is moved to: the cell above and to the left, and how far beyond it.
#[inline(always)]
fn moved_to((row, column): (usize, usize), [down, right]: [f32; 2]) -> (isize, isize, [f32; 2]) {
    let (rows, columns) = (whole(down), whole(right));
    let beyond = [down - rows as f32, right - columns as f32];
    (row as isize + rows as isize, column as isize + columns as isize, beyond)
}

/// Each cell of a line mixed with the one to its right.
#[inline(always)]
fn mixed_across(line: &[f32; PATCH + 1], beside: f32) -> [f32; PATCH] {
    from_fn(|at| line[at] * (1.0 - beside) + line[at + 1] * beside)
}

/// Each cell of a line mixed with the one below.
#[inline(always)]
fn mixed(above: &[f32; PATCH], line: &[f32; PATCH], below: f32) -> [f32; PATCH] {
    from_fn(|at| above[at] * (1.0 - below) + line[at] * below)
}

/// The floor of a number, saturated to the range of `i32`. `f32::floor` is a function call where the compiler may
/// not use SSE4.1.
#[inline(always)]
fn whole(at: f32) -> i32 {
    let cut = at as i32;
    cut.saturating_sub(i32::from(cut as f32 > at))
}

#[inline(always)]
fn inside(at: isize, size: usize) -> usize {
    at.clamp(0, size as isize - 1) as usize
}

/// Lanes of the widest vectors, a quarter of a patch. Sums take their terms in the same order with shorter ones.
const LANES: usize = 16;

/// The sum of the products of the cells of two patches, after subtracting the mean of each.
#[inline(always)]
pub(super) fn covariance<S: Simd>(simd: S, a: &Patch, b: &Patch) -> f32 {
    let mut products = *a;
    let (cells, others) = (&mut products[..], &b[..]);
    each!(simd, cells, |a, b = others| simd.mul_f32s(a, b));
    total(simd, &products) - total(simd, a) * total(simd, b) / CELLS as f32
}

/// The sum of the cells of a patch.
#[inline(always)]
fn total<S: Simd>(simd: S, cells: &Patch) -> f32 {
    let cells = S::as_simd_f32s(cells).0;
    let (mut sums, apart) = ([0.0; LANES], cells.len() / 4);
    for (at, sum) in S::as_mut_simd_f32s(&mut sums).0.iter_mut().enumerate() {
        let first = simd.add_f32s(cells[at], cells[at + apart]);
        let second = simd.add_f32s(cells[at + 2 * apart], cells[at + 3 * apart]);
        *sum = simd.add_f32s(first, second);
    }
    folded(sums)
}

#[inline(always)]
fn folded(mut sums: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for at in 0..half {
            sums[at] += sums[at + half];
        }
    }
    sums[0]
}

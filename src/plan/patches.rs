//! The positions of the patches that optical flow searches for.

/// The side of a patch.
pub const PATCH: usize = 8;

/// How many patches cover a side of this many cells. Patch `i` begins at cell `i * stride`. The last may
/// reach beyond the edge, where it sees the cell at the edge.
pub fn count(size: usize, stride: usize) -> usize {
    1 + size.saturating_sub(PATCH).div_ceil(stride)
}

/// Which of `count` patches cover a cell.
pub fn covering(cell: usize, stride: usize, count: usize) -> std::ops::RangeInclusive<usize> {
    (cell + 1).saturating_sub(PATCH).div_ceil(stride)..=(cell / stride).min(count - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_covered_by_the_patches_that_reach_it() {
        for (size, stride) in [(1, 4), (7, 3), (8, 4), (9, 4), (12, 4), (13, 8), (40, 3), (41, 5)] {
            let count = count(size, stride);
            assert!((count - 1) * stride < size, "the last of {size} begins inside");
            for cell in 0..size {
                let reaches = |patch: &usize| (patch * stride..patch * stride + PATCH).contains(&cell);
                let expected: Vec<usize> = (0..count).filter(reaches).collect();
                assert_eq!(covering(cell, stride, count).collect::<Vec<_>>(), expected, "{cell} of {size}");
                assert!(!expected.is_empty());
            }
        }
    }
}

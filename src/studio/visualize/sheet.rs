//! Arranges pictures of one size side by side.

use crate::extent::Extent;
use crate::picture::{Picture, PictureError};

/// The space between neighbours in pixels.
const GAP: usize = 4;
/// The level of that space: white.
const WHITE: f32 = 255.0;

/// How many pictures a sheet has room for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) size: Extent,
    /// The number of things that are pictured.
    pub(super) things: usize,
    /// The number of pictures of each thing, at least one.
    pub(super) each: usize,
}

impl Places {
    fn count(self) -> usize {
        self.things * self.each
    }

    /// If there are several pictures of several things, each thing has a row. Otherwise there are about as many
    /// columns as rows.
    fn columns(self) -> usize {
        if self.things > 1 && self.each > 1 {
            return self.each;
        }
        (1..).find(|columns| columns * columns >= self.count()).unwrap_or(1)
    }

    /// The size of the sheet.
    pub(super) fn extent(self) -> Extent {
        let Self { size, .. } = self;
        let columns = self.columns();
        let side = |size: usize, count: usize| count * (size + GAP) - GAP;
        Extent::new(
            side(size.height, self.count().div_ceil(columns).max(1)),
            side(size.width, columns.max(1)),
        )
    }
}

/// Makes a sheet. These are its first pictures; there may be fewer than it has room for.
pub(super) fn sheet(mut pictures: Vec<Picture>, places: Places) -> Result<Picture, PictureError> {
    if places.count() == 1
        && let Some(only) = pictures.pop()
    {
        return Ok(only);
    }
    let (whole, size) = (places.extent(), places.size);
    let mut cells = vec![WHITE; 3 * whole.plane()];
    for (number, picture) in pictures.iter().enumerate() {
        let (row, column) = (number / places.columns(), number % places.columns());
        let start = row * (size.height + GAP) * whole.width + column * (size.width + GAP);
        for (line, samples) in picture.rgb().chunks_exact(size.width).enumerate() {
            let (channel, line) = (line / size.height, line % size.height);
            let to = channel * whole.plane() + start + line * whole.width;
            cells[to..to + size.width].copy_from_slice(samples);
        }
    }
    Picture::from_rgb(whole, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_in_rows_with_gaps_between() {
        let size = Extent::new(2, 3);
        let places = |things, each| Places { size, things, each };
        let picture = |level: f32| Picture::from_rgb(size, vec![level; 18]).expect("a picture");
        let three = sheet(vec![picture(1.0), picture(2.0), picture(3.0)], places(3, 1)).expect("a sheet");
        assert_eq!(three.extent(), Extent::new(8, 10));
        let at = |row: usize, column: usize| three.rgb()[row * 10 + column];
        assert_eq!(
            [at(0, 0), at(1, 2), at(0, 3), at(0, 7), at(6, 0), at(7, 9)],
            [1.0, 1.0, WHITE, 2.0, 3.0, WHITE]
        );
        assert_eq!(sheet(vec![picture(5.0)], places(1, 1)).expect("itself").extent(), size);
        for (count, expected) in [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4)] {
            assert_eq!(places(count, 1).columns(), expected);
            assert_eq!(places(1, count).columns(), expected);
        }
        assert_eq!((places(2, 5).columns(), places(5, 2).columns()), (5, 2));
    }
}

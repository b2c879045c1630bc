//! Pictures of one size side by side.

use crate::extent::Extent;
use crate::picture::{Picture, PictureError};

/// Pixels between neighbours.
const GAP: usize = 4;
/// What is between: white.
const WHITE: f32 = 255.0;

/// Columns of a sheet of so many pictures: about as many as rows.
fn columns(count: usize) -> usize {
    (1..).find(|columns| columns * columns >= count).unwrap_or(1)
}

/// The size of a sheet of so many pictures.
pub(super) fn sheet_size(size: Extent, count: usize) -> Extent {
    let columns = columns(count);
    let side = |size: usize, count: usize| count * (size + GAP) - GAP;
    Extent::new(side(size.height, count.div_ceil(columns).max(1)), side(size.width, columns.max(1)))
}

/// A sheet for `count` pictures, of which these are the first.
pub(super) fn sheet(mut pictures: Vec<Picture>, size: Extent, count: usize) -> Result<Picture, PictureError> {
    if count == 1
        && let Some(only) = pictures.pop()
    {
        return Ok(only);
    }
    let whole = sheet_size(size, count);
    let mut cells = vec![WHITE; 3 * whole.plane()];
    for (number, picture) in pictures.iter().enumerate() {
        let (row, column) = (number / columns(count), number % columns(count));
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
        let picture = |level: f32| Picture::from_rgb(size, vec![level; 18]).expect("a picture");
        let three = sheet(vec![picture(1.0), picture(2.0), picture(3.0)], size, 3).expect("a sheet");
        assert_eq!(three.extent(), Extent::new(8, 10));
        let at = |row: usize, column: usize| three.rgb()[row * 10 + column];
        assert_eq!(
            [at(0, 0), at(1, 2), at(0, 3), at(0, 7), at(6, 0), at(7, 9)],
            [1.0, 1.0, WHITE, 2.0, 3.0, WHITE]
        );
        assert_eq!(sheet(vec![picture(5.0)], size, 1).expect("itself").extent(), size);
        for (count, expected) in [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4)] {
            assert_eq!(columns(count), expected);
        }
    }
}

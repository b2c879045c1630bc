//! Sheets: small pictures of the same size, arranged on a large one.

use crate::extent::Extent;
use crate::picture::{Format, Picture, PictureError, SaveOptions};

/// A square picture: a byte each for red, green and blue of each pixel, row by row.
pub type Tile = Vec<u8>;

/// The JPEG quality of a sheet: below this, the fine patterns that channels look for turn into blocks.
const QUALITY: u8 = 82;
/// The level shown where there is no picture.
const GRAY: f32 = 127.5;

/// A JPEG of tiles arranged in rows.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Tiles in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

impl Sheet {
    /// Arranges tiles with this side in rows, about as many as columns.
    ///
    /// # Errors
    /// There are more tiles than a JPEG can hold.
    ///
    /// # Panics
    /// If a tile has another side.
    pub fn of(tiles: &[Option<Tile>], side: usize) -> Result<Self, PictureError> {
        let columns = (1..).find(|columns| columns * columns >= tiles.len()).unwrap_or(1);
        let rows = tiles.len().div_ceil(columns).max(1);
        let size = Extent::new(rows * side, columns * side);
        let mut cells = vec![GRAY; 3 * size.plane()];
        for (number, tile) in tiles.iter().enumerate() {
            let Some(tile) = tile else { continue };
            assert_eq!(tile.len(), 3 * side * side, "a tile of side {side}");
            let corner = number / columns * side * size.width + number % columns * side;
            for (pixel, colours) in tile.chunks_exact(3).enumerate() {
                let at = corner + pixel / side * size.width + pixel % side;
                for (channel, &colour) in colours.iter().enumerate() {
                    cells[channel * size.plane() + at] = f32::from(colour);
                }
            }
        }
        let options =
            SaveOptions { format: Some(Format::Jpeg), quality: Some(QUALITY), ..Default::default() };
        let jpeg = Picture::from_rgb(size, cells)?.encode("sheet.jpg", &options)?;
        Ok(Self { jpeg, columns, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_stand_in_rows_and_do_not_bleed() {
        let side = 16;
        let plain = |colour: [u8; 3]| Some(colour.repeat(side * side));
        let colours = [[250, 0, 0], [0, 250, 0], [0, 0, 250], [250, 250, 0]];
        let mut tiles: Vec<Option<Tile>> = colours.into_iter().map(plain).collect();
        tiles.push(None);
        let sheet = Sheet::of(&tiles, side).expect("a sheet");
        assert_eq!((sheet.columns, sheet.rows), (3, 2));
        let picture = Picture::decode_as(&sheet.jpeg, "sheet.jpg", &Default::default()).expect("a JPEG").0;
        assert_eq!(picture.extent(), Extent::new(32, 48));
        let plane = picture.extent().plane();
        // In a JPEG of plain blocks, the only errors are the rounding of colours and of one coefficient per block.
        for (number, colour) in colours.into_iter().enumerate() {
            for (row, column) in [(0, 0), (0, 15), (15, 15)] {
                let at = (number / 3 * side + row) * 48 + number % 3 * side + column;
                for (channel, level) in colour.into_iter().enumerate() {
                    let found = picture.rgb()[channel * plane + at];
                    assert!((found - f32::from(level)).abs() <= 4.0, "{number} {channel}: {found}");
                }
            }
        }
    }
}

//! How much of the window a picture takes.

use crate::picture::Size;

/// A VT340's, for terminals that do not say how large theirs are. Newer ones that draw sixels imitate it.
const VT340: Screen = Screen { columns: 80, rows: 24, cell: (10, 20) };

/// The longest side of a preview, in pixels: what is larger takes longer to send than it is worth.
const LARGEST: usize = 1024;

/// A terminal's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    columns: usize,
    rows: usize,
    /// Width and height of a character, in pixels.
    cell: (usize, usize),
}

/// The place of a picture, in pixels and in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Screen {
    #[cfg(unix)]
    pub(super) fn of_stderr() -> Self {
        let size = rustix::termios::tcgetwinsize(std::io::stderr());
        size.map_or(VT340, |size| {
            Self::of((size.ws_col.into(), size.ws_row.into()), (size.ws_xpixel.into(), size.ws_ypixel.into()))
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of_stderr() -> Self {
        Self::of((0, 0), (0, 0))
    }

    /// By columns and rows, and by width and height in pixels. Zeros mean that it is not known.
    fn of((columns, rows): (usize, usize), (width, height): (usize, usize)) -> Self {
        if columns == 0 || rows == 0 {
            return VT340;
        }
        let cell = (width / columns, height / rows);
        let cell = if cell.0 < 2 || cell.1 < 2 { VT340.cell } else { cell };
        Self { columns, rows, cell }
    }

    /// As large as fits half of the window. The last column stays free: a cursor behind it would break the line.
    pub(super) fn frame(self, width: usize, height: usize) -> Frame {
        let across = (self.columns - 1).max(1);
        let down = (self.rows / 2).max(1);
        let (cell_width, cell_height) = self.cell;
        let largest = Size::Box {
            width: (across * cell_width).min(LARGEST),
            height: (down * cell_height).min(LARGEST),
        };
        let (width, height) = largest.fit(width, height);
        // A picture that is a hair in this size is shown as wide as a character.
        let (width, height) = (width.max(cell_width), height.max(cell_height));
        Frame {
            width,
            height,
            columns: ((width + cell_width / 2) / cell_width).min(across),
            rows: ((height + cell_height / 2) / cell_height).min(down),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Screen = Screen { columns: 101, rows: 40, cell: (10, 20) };

    #[test]
    fn pictures_fit_the_width_and_half_the_height() {
        let frame = |width, height| {
            let Frame { width, height, columns, rows } = WINDOW.frame(width, height);
            (width, height, columns, rows)
        };
        assert_eq!(frame(4000, 1000), (1000, 250, 100, 13));
        assert_eq!(frame(1000, 1000), (400, 400, 40, 20));
        assert_eq!(frame(100, 100), (400, 400, 40, 20));
        assert_eq!(frame(20, 60_000), (10, 400, 1, 20));
        assert_eq!(frame(60_000, 20), (1000, 20, 100, 1));
    }

    #[test]
    fn huge_windows_get_no_huge_pictures() {
        let screen = Screen::of((65_535, 65_535), (0, 0));
        let frame = screen.frame(8000, 6000);
        assert_eq!((frame.width, frame.height), (1024, 768));
    }

    #[test]
    fn what_a_terminal_does_not_say_is_a_vt340() {
        assert_eq!(Screen::of((0, 0), (0, 0)), VT340);
        assert_eq!(Screen::of((100, 50), (0, 0)), Screen { columns: 100, rows: 50, cell: (10, 20) });
        assert_eq!(Screen::of((100, 50), (900, 850)), Screen { columns: 100, rows: 50, cell: (9, 17) });
        let smallest = Screen::of((1, 1), (0, 0)).frame(640, 480);
        assert_eq!((smallest.columns, smallest.rows), (1, 1));
    }
}

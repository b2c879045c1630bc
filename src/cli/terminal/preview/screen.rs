//! How much of the window a picture fills.

use crate::extent::Extent;
use crate::picture::Size;

/// The window of a VT340, for terminals that do not report their size. Newer terminals that draw sixels imitate
/// the VT340.
const VT340: Screen = Screen { columns: 80, rows: 24, cell: Extent::new(20, 10) };

/// The longest side of a preview, in pixels: a larger one takes longer to send than it is worth.
const LARGEST: usize = 1024;

/// A terminal's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    columns: usize,
    rows: usize,
    /// The size of a character in pixels.
    cell: Extent,
}

/// The size of a picture on the screen, in pixels and in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) size: Extent,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Screen {
    #[cfg(unix)]
    pub(super) fn of_stderr() -> Self {
        let size = rustix::termios::tcgetwinsize(std::io::stderr());
        size.map_or(VT340, |size| {
            Self::of(
                Extent::new(size.ws_row.into(), size.ws_col.into()),
                Extent::new(size.ws_ypixel.into(), size.ws_xpixel.into()),
            )
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of_stderr() -> Self {
        Self::of(Extent::square(0), Extent::square(0))
    }

    /// The screen of this size in characters and in pixels. Zeros mean that a size is not known.
    fn of(characters: Extent, pixels: Extent) -> Self {
        if characters.shortest() == 0 {
            return VT340;
        }
        let Extent { height: rows, width: columns } = characters;
        let cell = Extent::new(pixels.height / rows, pixels.width / columns);
        let cell = if cell.shortest() < 2 { VT340.cell } else { cell };
        Self { columns, rows, cell }
    }

    /// The largest size that fits into half of the window. The last column stays free: a cursor behind it would
    /// wrap to the next line.
    pub(super) fn frame(self, picture: Extent) -> Frame {
        let across = (self.columns - 1).max(1);
        let down = (self.rows / 2).max(1);
        let cell = self.cell;
        let largest = Extent::new((down * cell.height).min(LARGEST), (across * cell.width).min(LARGEST));
        let fitted = Size::Box(largest).fit(picture);
        // Even a picture that would be extremely narrow fills at least one character.
        let size = Extent::new(fitted.height.max(cell.height), fitted.width.max(cell.width));
        Frame {
            size,
            columns: ((size.width + cell.width / 2) / cell.width).min(across),
            rows: ((size.height + cell.height / 2) / cell.height).min(down),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Screen = Screen { columns: 101, rows: 40, cell: Extent::new(20, 10) };

    #[test]
    fn pictures_fit_the_width_and_half_the_height() {
        let frame = |width, height| {
            let Frame { size, columns, rows } = WINDOW.frame(Extent { height, width });
            (size.width, size.height, columns, rows)
        };
        assert_eq!(frame(4000, 1000), (1000, 250, 100, 13));
        assert_eq!(frame(1000, 1000), (400, 400, 40, 20));
        assert_eq!(frame(100, 100), (400, 400, 40, 20));
        assert_eq!(frame(20, 60_000), (10, 400, 1, 20));
        assert_eq!(frame(60_000, 20), (1000, 20, 100, 1));
    }

    #[test]
    fn huge_windows_get_no_huge_pictures() {
        let screen = Screen::of(Extent::square(65_535), Extent::square(0));
        let frame = screen.frame(Extent::new(6000, 8000));
        assert_eq!(frame.size, Extent::new(768, 1024));
    }

    #[test]
    fn what_a_terminal_does_not_say_is_a_vt340() {
        assert_eq!(Screen::of(Extent::square(0), Extent::square(0)), VT340);
        assert_eq!(
            Screen::of(Extent::new(50, 100), Extent::square(0)),
            Screen { columns: 100, rows: 50, cell: Extent::new(20, 10) }
        );
        assert_eq!(
            Screen::of(Extent::new(50, 100), Extent::new(850, 900)),
            Screen { columns: 100, rows: 50, cell: Extent::new(17, 9) }
        );
        let smallest = Screen::of(Extent::square(1), Extent::square(0)).frame(Extent::new(480, 640));
        assert_eq!((smallest.columns, smallest.rows), (1, 1));
    }
}

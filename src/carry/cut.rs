//! Where a film cuts from one shot to another.

use crate::picture::Picture;

/// Columns of a glance; rows as many as make its cells square.
const COLUMNS: usize = 32;
/// Correlation from which on two glances show the same.
const ALIKE: f32 = 0.6;
/// Mean difference, in gray levels, up to which they do whatever they show.
const CLOSE: f32 = 4.0;
/// How much of a glance has to lie inside the other, at least.
const OVERLAP: f32 = 0.4;
/// Deviation, in gray levels, below which there is nothing to see: white, black, fog.
const BLANK: f32 = 4.0;

/// What a frame looks like from afar: brightness, 0 to 255, without grain and small things.
#[derive(Clone, Debug, PartialEq)]
struct Glance {
    rows: usize,
    columns: usize,
    cells: Vec<f32>,
}

/// What a frame is to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// The same shot goes on.
    GoesOn,
    /// Another shot begins.
    Cut,
    /// The shot is interrupted: a flash, a black frame. What follows is to be compared with what was before.
    Interrupted,
}

/// The shots of a film, frame after frame.
#[derive(Debug, Default)]
pub struct Shots {
    /// The last frame that is part of one.
    last: Option<Glance>,
}

impl Shots {
    /// What the next frame is, if this one follows it. The first is a cut.
    pub fn join(&mut self, frame: &Picture, next: Option<&Picture>) -> Junction {
        let glance = Glance::of(frame);
        let junction = match &self.last {
            None => Junction::Cut,
            Some(last) => glance.after(last, next.map(Glance::of).as_ref()),
        };
        if junction != Junction::Interrupted {
            self.last = Some(glance);
        }
        junction
    }
}

impl Glance {
    /// A glance at a frame.
    fn of(frame: &Picture) -> Self {
        let (height, width) = (frame.height(), frame.width());
        let columns = COLUMNS.min(width);
        let rows = (height * columns).div_ceil(width).clamp(1, height.min(8 * COLUMNS));
        let luma = frame.luma();
        let cell = |at: usize| {
            let (row, column) = (at / columns, at % columns);
            let (top, bottom) = (row * height / rows, (row + 1) * height / rows);
            let (left, right) = (column * width / columns, (column + 1) * width / columns);
            let sum: f32 =
                (top..bottom).map(|row| luma[row * width..][left..right].iter().sum::<f32>()).sum();
            sum / ((bottom - top) * (right - left)) as f32
        };
        Self { rows, columns, cells: (0..rows * columns).map(cell).collect() }
    }

    /// What this frame is to the last of its shot, and what follows it to that.
    fn after(&self, last: &Self, next: Option<&Self>) -> Junction {
        if last.agrees(self) {
            Junction::GoesOn
        } else if self.is_blank() || next.is_some_and(|next| last.agrees(next)) {
            Junction::Interrupted
        } else {
            Junction::Cut
        }
    }

    fn is_blank(&self) -> bool {
        let count = self.cells.len() as f32;
        let mean = self.cells.iter().sum::<f32>() / count;
        self.cells.iter().map(|cell| (cell - mean).powi(2)).sum::<f32>() < BLANK * BLANK * count
    }

    /// Whether both show the same, wherever the camera has moved in between.
    fn agrees(&self, other: &Self) -> bool {
        if (self.rows, self.columns) != (other.rows, other.columns) {
            return false;
        }
        let apart: f32 = self.cells.iter().zip(&other.cells).map(|(a, b)| (a - b).abs()).sum();
        apart <= CLOSE * self.cells.len() as f32 || self.correlation(other) >= ALIKE
    }

    /// The highest correlation of what two glances have in common, over all places where that is enough.
    fn correlation(&self, other: &Self) -> f32 {
        let (rows, columns) = (self.rows as isize, self.columns as isize);
        let least = OVERLAP * self.cells.len() as f32;
        let moved = (1 - rows..rows).flat_map(|down| (1 - columns..columns).map(move |right| (down, right)));
        let common = |&(down, right): &(isize, isize)| {
            ((rows - down.abs()) * (columns - right.abs())) as f32 >= least
        };
        moved.filter(common).map(|place| self.correlation_at(other, place)).fold(-1.0, f32::max)
    }

    /// The correlation with another glance that is moved down and right.
    fn correlation_at(&self, other: &Self, (down, right): (isize, isize)) -> f32 {
        let range = |by: isize, size: usize| by.max(0) as usize..(size as isize + by.min(0)) as usize;
        let (rows, columns) = (range(down, self.rows), range(right, self.columns));
        let (mut count, mut sums, mut squares, mut product) = (0.0, [0.0; 2], [0.0; 2], 0.0);
        for row in rows {
            let own = &self.cells[row * self.columns..][columns.clone()];
            let line = row.wrapping_add_signed(-down) * self.columns;
            let others = &other.cells[line + columns.start.wrapping_add_signed(-right)..];
            for (&a, &b) in own.iter().zip(others) {
                let (a, b) = (f64::from(a), f64::from(b));
                count += 1.0;
                sums = [sums[0] + a, sums[1] + b];
                squares = [squares[0] + a * a, squares[1] + b * b];
                product += a * b;
            }
        }
        let variances = [0, 1].map(|of| (squares[of] - sums[of] * sums[of] / count).max(0.0));
        let covariance = product - sums[0] * sums[1] / count;
        // An eighth of a gray level in each cell is nothing to correlate.
        (covariance / (variances[0] * variances[1]).sqrt().max(count / 64.0)) as f32
    }
}

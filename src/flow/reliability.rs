//! Where a flow can be relied on: the rule of Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for
//! Videos" (2016).

use super::Flow;
use crate::extent::Extent;

/// Deviation of the Gaussian that softens edges, in pixels.
const SOFT: f32 = 0.8;
/// How far it reaches: twice the deviation, in whole pixels.
const REACH: isize = 2;

/// Whether a flow can be relied on at the borders of what moves, as far as there is a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borders {
    /// As anywhere else: so does the copy of the rule in "Artistic Style Transfer for Videos and Spherical Images" (2018).
    Count,
    /// Not at all, as in the rule of 2016.
    DoNot,
}

impl Borders {
    fn level(self) -> f32 {
        match self {
            Self::Count => 255.0,
            Self::DoNot => 0.0,
        }
    }
}

/// How far each vector of a flow can be relied on, 0 to 255, if `back` leads from the second picture to the
/// first.
///
/// With `w` the vector of a pixel and `w'` that of `back` where it leads to: nothing where it leads out of
/// the picture, nor at the borders of what moves (unless they count), where `|grad w|^2 > 0.01 |w|^2 + 0.002`; and less than
/// nothing, -255, where there is no way back, `|w + w'|^2 >= 0.01 (|w|^2 + |w'|^2) + 0.5`. That is softened
/// and then clamped, so that what is hidden grows into what is around it.
///
/// # Panics
/// If the two are not of one size.
pub fn reliability(flow: &Flow, back: &Flow, borders: Borders) -> Vec<f32> {
    assert_eq!(flow.extent, back.extent, "both ways between two pictures of one size");
    let Extent { height, width } = flow.extent;
    let judged: Vec<f32> =
        (0..height * width).map(|at| judge(flow, back, borders, at / width, at % width)).collect();
    let kernel: Vec<f32> = (-REACH..=REACH).map(|at| (-0.5 * (at as f32 / SOFT).powi(2)).exp()).collect();
    let total: f32 = kernel.iter().sum();
    let soften = |cells: &[f32], down: isize, right: isize| -> Vec<f32> {
        let near = |at: usize, by: isize, size: usize| at.saturating_add_signed(by).min(size - 1);
        let cell = |at: usize| {
            let term = |(weight, by): (&f32, isize)| {
                let (row, column) =
                    (near(at / width, by * down, height), near(at % width, by * right, width));
                weight / total * cells[row * width + column]
            };
            kernel.iter().zip(-REACH..).map(term).sum()
        };
        (0..cells.len()).map(cell).collect()
    };
    let soft = soften(&soften(&judged, 1, 0), 0, 1);
    soft.into_iter().map(|cell| cell.clamp(0.0, 255.0)).collect()
}

fn judge(flow: &Flow, back: &Flow, borders: Borders, row: usize, column: usize) -> f32 {
    let Extent { height, width } = flow.extent;
    let vector =
        |row: usize, column: usize| [flow.down()[row * width + column], flow.right()[row * width + column]];
    let there = vector(row, column);
    let (to_row, to_column) = (row as f32 + there[0], column as f32 + there[1]);
    let inside =
        to_row >= 0.0 && to_column >= 0.0 && to_row < (height - 1) as f32 && to_column < (width - 1) as f32;
    if !inside {
        return 0.0;
    }
    let again = [back.down(), back.right()].map(|cells| between(cells, width, to_row, to_column));
    let squares = |[a, b]: [f32; 2]| a * a + b * b;
    let left_over = squares([there[0] + again[0], there[1] + again[1]]);
    if left_over >= 0.01 * (squares(there) + squares(again)) + 0.5 {
        return -255.0;
    }
    let slope = |a: [f32; 2], b: [f32; 2]| squares([0.5 * (b[0] - a[0]), 0.5 * (b[1] - a[1])]);
    let (above, below) = (row.saturating_sub(1), (row + 1).min(height - 1));
    let (left, right) = (column.saturating_sub(1), (column + 1).min(width - 1));
    let border =
        slope(vector(above, column), vector(below, column)) + slope(vector(row, left), vector(row, right));
    if border > 0.01 * squares(there) + 0.002 { borders.level() } else { 255.0 }
}

/// A map between its cells, at a place inside it.
fn between(cells: &[f32], width: usize, row: f32, column: f32) -> f32 {
    let (down, right) = (row.fract(), column.fract());
    let corner = row as usize * width + column as usize;
    let across = |at: usize| cells[at] * (1.0 - right) + cells[at + 1] * right;
    across(corner) * (1.0 - down) + across(corner + width) * down
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Extent = Extent::new(9, 12);

    fn moved(down: f32, right: f32) -> Flow {
        let plane = SIZE.plane();
        Flow::new(SIZE, [vec![down; plane], vec![right; plane]].concat())
    }

    #[test]
    fn a_way_there_and_back_is_relied_on_but_not_out_of_the_picture() {
        let mask = reliability(&moved(0.0, 3.5), &moved(0.0, -3.5), Borders::DoNot);
        let row = &mask[4 * SIZE.width..][..SIZE.width];
        // Columns up to 7 stay inside; the Gaussian takes from the two beside the edge.
        assert!(row[..6].iter().all(|&cell| (cell - 255.0).abs() < 0.01), "{row:?}");
        assert!(row[10..].iter().all(|&cell| cell == 0.0), "{row:?}");
        assert!(row[6] < 255.0 && row[9] > 0.0, "{row:?}");
    }

    #[test]
    fn no_way_back_is_less_than_nothing() {
        let mask = reliability(&moved(0.0, 0.0), &moved(0.0, 1.0), Borders::DoNot);
        assert!(mask.iter().all(|&cell| cell == 0.0));
        // 0.25 is below a half: near enough.
        let inner = 4 * SIZE.width + 5;
        assert!(reliability(&moved(0.0, 0.0), &moved(0.0, 0.5), Borders::DoNot)[inner] > 254.0);
    }

    #[test]
    fn borders_of_what_moves_do_not_count() {
        let mut flow = moved(0.0, 0.0);
        let plane = SIZE.plane();
        // Half a pixel is near enough a way back, and a step of a quarter a pixel in central differences.
        (0..plane).filter(|at| at % SIZE.width >= 6).for_each(|at| flow.cells[plane + at] = 0.5);
        let mask = reliability(&flow, &moved(0.0, 0.0), Borders::DoNot);
        let row = &mask[4 * SIZE.width..][..SIZE.width];
        assert!(row[2] > 254.0 && row[8] > 240.0, "{row:?}");
        assert!(row[5] < 128.0 && row[6] < 128.0, "{row:?}");
        let mask = reliability(&flow, &moved(0.0, 0.0), Borders::Count);
        assert!(mask[4 * SIZE.width..][..8].iter().all(|&cell| cell > 254.0), "{mask:?}");
    }
}

//! Where a film cuts from one shot to another.

use crate::picture::Picture;

/// Columns of a glance. It has as many rows as make its cells square.
const COLUMNS: usize = 32;
/// The correlation from which two glances count as showing the same.
const ALIKE: f32 = 0.6;
/// The mean difference, in gray levels, up to which they count as the same whatever their correlation.
const CLOSE: f32 = 4.0;
/// The smallest part of a glance that has to overlap the other.
const OVERLAP: f32 = 0.4;
/// The standard deviation, in gray levels, below which a frame counts as blank: white, black, fog.
const BLANK: f32 = 4.0;

/// What a frame looks like from afar: brightness, 0 to 255, without grain and small details.
#[derive(Clone, Debug, PartialEq)]
struct Glance {
    rows: usize,
    columns: usize,
    cells: Vec<f32>,
}

/// How a frame relates to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junction {
    /// The same shot continues.
    GoesOn,
    /// Another shot begins.
    Cut,
    /// The shot is interrupted by a flash or a black frame. The frames after it are compared with the last one
    /// before it.
    Interrupted,
}

/// Follows the shots of a film, frame by frame.
#[derive(Debug, Default)]
pub struct Shots {
    /// The last frame that belongs to a shot.
    last: Option<Glance>,
}

impl Shots {
    /// Continues after this frame, which belongs to a shot.
    pub fn after(frame: &Picture) -> Self {
        Self { last: Some(Glance::of(frame)) }
    }

    /// Classifies the next frame, `next` being the one after it. The first frame is a cut.
    pub fn join(&mut self, frame: &Picture, next: Option<&Picture>) -> Junction {
        let glance = Glance::of(frame);
        let junction = match &self.last {
            None => Junction::Cut,
            Some(last) => glance.after(last, next),
        };
        if junction != Junction::Interrupted {
            self.last = Some(glance);
        }
        junction
    }
}

impl Glance {
    /// Takes a glance at a frame.
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

    /// Classifies this frame by comparing it, and the one after it, with the last frame of the shot.
    fn after(&self, last: &Self, next: Option<&Picture>) -> Junction {
        if last.agrees(self) {
            Junction::GoesOn
        } else if self.is_blank() || next.is_some_and(|next| last.agrees(&Self::of(next))) {
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

    /// Whether both show the same, however far the camera has moved in between.
    fn agrees(&self, other: &Self) -> bool {
        if (self.rows, self.columns) != (other.rows, other.columns) {
            return false;
        }
        let apart: f32 = self.cells.iter().zip(&other.cells).map(|(a, b)| (a - b).abs()).sum();
        apart <= CLOSE * self.cells.len() as f32 || self.correlation(other) >= ALIKE
    }

    /// The highest correlation of the overlapping parts of two glances, over all displacements with enough
    /// overlap.
    fn correlation(&self, other: &Self) -> f32 {
        let (rows, columns) = (self.rows as isize, self.columns as isize);
        let least = OVERLAP * self.cells.len() as f32;
        let moved = (1 - rows..rows).flat_map(|down| (1 - columns..columns).map(move |right| (down, right)));
        let common =
            |&(down, right): &(isize, isize)| ((rows - down.abs()) * (columns - right.abs())) as f32 >= least;
        moved.filter(common).map(|place| self.correlation_at(other, place)).fold(-1.0, f32::max)
    }

    /// The correlation with another glance displaced by this much down and right.
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
        // Deviations of up to an eighth of a gray level per cell are too small to correlate.
        (covariance / (variances[0] * variances[1]).sqrt().max(count / 64.0)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    const SIZE: Extent = Extent::new(136, 240);

    /// Draws pseudo-random numbers from 0 to 1; the sequence is the same in every run.
    struct Dice(u64);

    impl Dice {
        fn draw(&mut self) -> f32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 40) as f32 / (1 << 24) as f32
        }
    }

    /// The brightness of a scene of boxes of all sizes. It has the given width, and the number selects the scene.
    fn scene(number: u64, width: usize) -> Vec<f32> {
        let mut dice = Dice(number);
        let mut cells = vec![40.0 + 160.0 * dice.draw(); SIZE.height * width];
        for _ in 0..60 * width / SIZE.width {
            let (height, long) = (8.0 + 60.0 * dice.draw(), 8.0 + 80.0 * dice.draw());
            let (top, left) = (dice.draw() * SIZE.height as f32, dice.draw() * width as f32);
            let level = 255.0 * dice.draw();
            for row in top as usize..((top + height) as usize).min(SIZE.height) {
                cells[row * width..][left as usize..((left + long) as usize).min(width)].fill(level);
            }
        }
        cells
    }

    /// A part of a scene of this width, as wide as a frame, starting at a column, blurred along the camera's
    /// movement.
    fn part(cells: &[f32], width: usize, from: usize, blur: usize) -> Vec<f32> {
        let column = |at: usize| {
            let (row, column) = (at / SIZE.width, at % SIZE.width);
            let line = &cells[row * width + from + column..][..=blur];
            line.iter().sum::<f32>() / line.len() as f32
        };
        (0..SIZE.plane()).map(column).collect()
    }

    /// Twelve frames of a scene along which the camera moves slowly.
    fn shot(number: u64) -> Vec<Vec<f32>> {
        let cells = scene(number, 300);
        (0..12).map(|frame| part(&cells, 300, 3 * frame, 0)).collect()
    }

    fn mixed(a: &[f32], b: &[f32], of_b: f32) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + of_b * (b - a)).collect()
    }

    /// The numbers of the frames at which a film cuts to another shot.
    fn cuts(frames: &[Vec<f32>]) -> Vec<usize> {
        let frame = |luma: &Vec<f32>| {
            let levels: Vec<f32> = luma.iter().map(|level| level.round().clamp(0.0, 255.0)).collect();
            Picture::from_rgb(SIZE, levels.repeat(3)).expect("a frame")
        };
        let frames: Vec<Picture> = frames.iter().map(frame).collect();
        let mut shots = Shots::default();
        let joined = |number: usize| shots.join(&frames[number], frames.get(number + 1));
        let junctions: Vec<Junction> = (0..frames.len()).map(joined).collect();
        (1..frames.len()).filter(|&number| junctions[number] == Junction::Cut).collect()
    }

    #[test]
    fn a_film_cuts_where_another_scene_begins() {
        for number in 0..12 {
            let film = [shot(number), shot(number + 100), shot(number + 200)].concat();
            assert_eq!(cuts(&film), [12, 24], "scenes {number}");
        }
    }

    /// What is found after a cut does not depend on the frames before it.
    #[test]
    fn what_follows_a_cut_is_a_film_of_its_own() {
        let second = [shot(7), shot(8)].concat();
        let whole = [shot(3), second.clone()].concat();
        let shifted: Vec<usize> = [0].into_iter().chain(cuts(&second)).map(|number| number + 12).collect();
        assert_eq!(cuts(&whole), shifted);
    }

    #[test]
    fn a_flash_is_no_cut() {
        for (number, level, frames) in [(1, 255.0, 1), (2, 255.0, 3), (3, 0.0, 1), (4, 0.0, 5)] {
            let mut film = shot(number);
            film[5..5 + frames].fill(vec![level; SIZE.plane()]);
            assert!(cuts(&film).is_empty(), "{frames} of {level}");
        }
        // Nor is a single frame of something else a shot.
        let mut film = shot(5);
        film[6] = scene(50, SIZE.width);
        assert!(cuts(&film).is_empty());
    }

    #[test]
    fn a_whip_pan_is_no_cut() {
        for (number, step) in [(1, 24), (2, 48), (3, 72), (4, 96)] {
            let cells = scene(number, 1400);
            let film: Vec<Vec<f32>> =
                (0..12).map(|frame| part(&cells, 1400, step * frame, step / 2)).collect();
            assert!(cuts(&film).is_empty(), "{step} pixels a frame: {:?}", cuts(&film));
        }
    }

    #[test]
    fn a_fade_to_black_and_back_is_no_cut() {
        for number in 0..6 {
            let cells = scene(number, 400);
            let light = |frame: usize| (frame as f32 - 15.0).abs() / 15.0;
            let film: Vec<Vec<f32>> = (0..31)
                .map(|frame| {
                    part(&cells, 400, 2 * frame, 0).iter().map(|level| light(frame) * level).collect()
                })
                .collect();
            assert!(cuts(&film).is_empty(), "scene {number}: {:?}", cuts(&film));
        }
    }

    #[test]
    fn grain_is_no_cut_and_hides_none() {
        let mut dice = Dice(1);
        let mut film = [shot(20), shot(21)].concat();
        film.iter_mut().flatten().for_each(|level| *level += 160.0 * (dice.draw() - 0.5));
        assert_eq!(cuts(&film), [12]);
    }

    #[test]
    fn a_dissolve_is_one_cut_at_most() {
        for number in 0..6 {
            let (first, second) = (shot(number), shot(number + 30));
            let between: Vec<Vec<f32>> =
                (0..12).map(|frame| mixed(&first[11], &second[0], (frame + 1) as f32 / 13.0)).collect();
            let film = [first, between, second].concat();
            assert!(cuts(&film).len() <= 1, "scene {number}: {:?}", cuts(&film));
        }
    }
}

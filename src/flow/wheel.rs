//! Draws flow in colours: the hue is the direction, the saturation is the length.

use super::Flow;
use crate::picture::{Picture, PictureError};

/// The number of hues between red and yellow, yellow and green, green and cyan, cyan and blue, blue and magenta,
/// magenta and red: more where the eye distinguishes more (Baker et al., "A Database and Evaluation Methodology
/// for Optical Flow", 2011).
const HUES: [usize; 6] = [15, 6, 4, 11, 13, 6];

/// The corners of the wheel, red first.
const CORNERS: [[f32; 3]; 7] = [
    [255.0, 0.0, 0.0],
    [255.0, 255.0, 0.0],
    [0.0, 255.0, 0.0],
    [0.0, 255.0, 255.0],
    [0.0, 0.0, 255.0],
    [255.0, 0.0, 255.0],
    [255.0, 0.0, 0.0],
];

/// Draws a flow. White is no motion, the longest vector has full saturation, and red points to the right.
///
/// # Errors
/// If a picture may not have this size.
pub fn draw(flow: &Flow) -> Result<Picture, PictureError> {
    let longest = flow.vectors().map(length).fold(f32::MIN_POSITIVE, f32::max);
    let colours: Vec<[f32; 3]> =
        flow.vectors().map(|vector| colour(vector.map(|part| part / longest))).collect();
    let planes = (0..3).flat_map(|channel| colours.iter().map(move |colour| colour[channel]));
    Picture::from_rgb(flow.extent(), planes.collect())
}

fn length([down, right]: [f32; 2]) -> f32 {
    down.hypot(right)
}

/// The colour of a vector of length at most 1.
fn colour(vector: [f32; 2]) -> [f32; 3] {
    let [down, right] = vector;
    let turn = (down.atan2(right) / std::f32::consts::TAU).rem_euclid(1.0);
    let mut hue = turn * HUES.iter().sum::<usize>() as f32;
    let mut sector = 0;
    while sector + 1 < HUES.len() && hue >= HUES[sector] as f32 {
        hue -= HUES[sector] as f32;
        sector += 1;
    }
    let part = (hue / HUES[sector] as f32).min(1.0);
    let full = length(vector).min(1.0);
    let mix = |a: f32, b: f32, part: f32| a + (b - a) * part;
    let [from, to] = [CORNERS[sector], CORNERS[sector + 1]];
    [0, 1, 2].map(|channel| mix(255.0, mix(from[channel], to[channel], part), full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    #[test]
    fn directions_are_hues_and_lengths_their_fullness() {
        assert_eq!(colour([0.0, 0.0]), [255.0; 3]);
        assert_eq!(colour([0.0, 1.0]), CORNERS[0]);
        assert_eq!(colour([0.0, 0.5]), [255.0, 127.5, 127.5]);
        // A quarter of 55 hues is 13.75: nearly yellow. Half is 27.5, between cyan and blue.
        let [red, green, blue] = colour([1.0, 0.0]);
        assert!((red, blue) == (255.0, 0.0) && (green - 255.0 * 13.75 / 15.0).abs() < 0.01);
        let [red, green, blue] = colour([0.0, -1.0]);
        assert!(red == 0.0 && (green - 255.0 * (1.0 - 2.5 / 11.0)).abs() < 0.01 && blue == 255.0);
    }

    #[test]
    fn the_longest_vector_has_a_full_colour_and_rest_is_white() {
        let flow = Flow::new(Extent::new(1, 2), vec![0.0, 0.0, 0.0, 7.0]);
        assert_eq!(draw(&flow).expect("a picture").rgb(), [255.0, 255.0, 255.0, 0.0, 255.0, 0.0]);
        let still = Flow::new(Extent::new(1, 1), vec![0.0; 2]);
        assert_eq!(draw(&still).expect("a picture").rgb(), [255.0; 3]);
    }
}

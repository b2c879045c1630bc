//! The sizes of a dream: from the picture downwards, each a constant factor smaller.

/// Sizes (height, width) of `count` octaves, smallest first; the last is the picture's own.
///
/// Each is the one above it divided by `scale` and rounded to the nearest whole number, half to even, as
/// `scipy.ndimage.zoom` does in the notebook. Sizes without a pixel are left out.
pub fn octave_sizes((height, width): (usize, usize), count: usize, scale: f64) -> Vec<(usize, usize)> {
    let zoom = 1.0 / scale;
    let shrink = |n: usize| (n as f64 * zoom).round_ties_even() as usize;
    let below = |&(height, width): &(usize, usize)| Some((shrink(height), shrink(width)));
    let mut sizes: Vec<(usize, usize)> = std::iter::successors(Some((height, width)), below)
        .take(count)
        .filter(|&(h, w)| h > 0 && w > 0)
        .collect();
    sizes.reverse();
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sky_of_the_notebook() {
        let sizes = [(210, 373), (294, 522), (411, 731), (575, 1024)];
        assert_eq!(octave_sizes((575, 1024), 4, 1.4), sizes);
    }

    #[test]
    fn octaves_end_where_the_picture_does() {
        assert_eq!(octave_sizes((1, 3), 4, 2.0), [(1, 3)]); // half of 1 rounds to 0
        assert_eq!(octave_sizes((8, 8), 2, 1.5), [(5, 5), (8, 8)]);
    }
}

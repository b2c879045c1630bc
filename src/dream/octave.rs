//! The sizes of a dream: from the picture downwards, each smaller by a constant factor.

use crate::extent::Extent;

/// Sizes of `count` octaves, smallest first; the last is the picture's own.
///
/// Each is the next larger one divided by `scale` and rounded to the nearest whole number, half to even, as
/// `scipy.ndimage.zoom` does in the notebook. Sizes without pixels are left out.
pub fn octave_sizes(size: Extent, count: usize, scale: f64) -> Vec<Extent> {
    let zoom = 1.0 / scale;
    let shrink = |n: usize| (n as f64 * zoom).round_ties_even() as usize;
    let below = |size: &Extent| Some(Extent::new(shrink(size.height), shrink(size.width)));
    let sizes = std::iter::successors(Some(size), below).take(count);
    let mut sizes: Vec<Extent> = sizes.filter(|size| size.shortest() > 0).collect();
    sizes.reverse();
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sky_of_the_notebook() {
        let sizes = [(210, 373), (294, 522), (411, 731), (575, 1024)];
        assert_eq!(octave_sizes(Extent::new(575, 1024), 4, 1.4), sizes.map(|(h, w)| Extent::new(h, w)));
    }

    #[test]
    fn octaves_end_where_the_picture_does() {
        assert_eq!(octave_sizes(Extent::new(1, 3), 4, 2.0), [Extent::new(1, 3)]); // half of 1 rounds to 0
        assert_eq!(octave_sizes(Extent::square(8), 2, 1.5), [5, 8].map(Extent::square));
    }
}

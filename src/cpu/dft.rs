//! A discrete Fourier transform of any length, of several columns side by side: Stockham's form of the mixed-radix
//! algorithm, which needs no reordering and reads and writes whole lines.

use pulp::{Simd, WithSimd};

use super::isa::each;

/// Columns that are transformed together: whole vectors of every set of instructions.
pub(super) const LANES: usize = 16;

/// `y[r] = sum over k of e^(2 pi i k r / N) x[k]` for `LANES` columns, `N` lines of them.
pub(super) struct Dft<'a> {
    /// `N` cosines, then `N` sines: see [`plan::step`](crate::plan::step::DftColumns).
    pub(super) waves: &'a [f32],
    /// Whether the exponent is negative.
    pub(super) back: bool,
    /// Real and imaginary lines, and room for as many.
    pub(super) cells: [&'a mut [f32]; 4],
}

/// Cells that [`Dft`] works in, for a length.
pub(super) fn cells(length: usize) -> usize {
    4 * length * LANES
}

/// Cuts cells of [`cells`] into the lines of [`Dft::cells`].
pub(super) fn lines(cells: &mut [f32]) -> [&mut [f32]; 4] {
    let quarter = cells.len() / 4;
    let (first, second) = cells.split_at_mut(2 * quarter);
    let (a, b) = first.split_at_mut(quarter);
    let (c, d) = second.split_at_mut(quarter);
    [a, b, c, d]
}

impl WithSimd for Dft<'_> {
    /// In which half of the cells the result lies: 0 or 2.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let Self { waves, back, cells: [mut re, mut im, mut to_re, mut to_im] } = self;
        let (cosines, sines) = waves.split_at(waves.len() / 2);
        let length = cosines.len();
        let (mut rest, mut stride, mut place) = (length, 1, 0);
        while rest > 1 {
            let radix = factor(rest);
            rest /= radix;
            let block = stride * LANES;
            for (number, (re_out, im_out)) in
                to_re.chunks_exact_mut(block).zip(to_im.chunks_exact_mut(block)).enumerate()
            {
                let (at, output) = (number / radix, number % radix);
                re_out.fill(0.0);
                im_out.fill(0.0);
                for term in 0..radix {
                    let wave = output * (stride * at + length / radix * term) % length;
                    let sine = if back { -sines[wave] } else { sines[wave] };
                    let start = (at + rest * term) * block;
                    let (re_in, im_in) = (&re[start..start + block], &im[start..start + block]);
                    add_turned(simd, [re_out, im_out], [re_in, im_in], [cosines[wave], sine]);
                }
            }
            stride *= radix;
            (re, im, to_re, to_im) = (to_re, to_im, re, im);
            place = 2 - place;
        }
        place
    }
}

/// Adds a line times `cos + i sin`.
#[inline(always)]
fn add_turned<S: Simd>(simd: S, [re, im]: [&mut [f32]; 2], [x, y]: [&[f32]; 2], [cosine, sine]: [f32; 2]) {
    let (cos, sin, against) = (simd.splat_f32s(cosine), simd.splat_f32s(sine), simd.splat_f32s(-sine));
    each!(simd, re, |sum, x = x, y = y| simd.mul_add_f32s(against, y, simd.mul_add_f32s(cos, x, sum)));
    each!(simd, im, |sum, x = x, y = y| simd.mul_add_f32s(sin, x, simd.mul_add_f32s(cos, y, sum)));
}

/// By what a length is divided next: 4 does two halvings in one pass.
fn factor(length: usize) -> usize {
    let divides = |&factor: &usize| length.is_multiple_of(factor);
    [4].into_iter()
        .chain((2..).take_while(|factor| factor * factor <= length))
        .find(divides)
        .unwrap_or(length)
}

#[cfg(test)]
mod tests {
    use super::factor;

    #[test]
    fn lengths_fall_apart_into_primes_and_fours() {
        let factors = |mut length: usize| {
            let mut found = Vec::new();
            while length > 1 {
                found.push(factor(length));
                length /= factor(length);
            }
            found
        };
        assert_eq!(factors(224), [4, 4, 2, 7]);
        assert_eq!(factors(226), [2, 113]);
        assert!(factors(1).is_empty());
        assert_eq!(factors(9), [3, 3]);
    }
}

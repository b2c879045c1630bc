//! A discrete Fourier transform of any length, of several columns side by side. It is Stockham's form of the
//! mixed-radix algorithm, which needs no reordering and reads and writes whole lines.

use pulp::{Simd, WithSimd};

use super::isa::vector;

/// Columns that are transformed together: a whole number of vectors in every instruction set.
pub(super) const LANES: usize = 16;

/// `y[r] = sum over k of e^(2 pi i k r / N) x[k]` for `LANES` columns, `N` lines of them.
pub(super) struct Dft<'a> {
    /// `N` cosines, then `N` sines: see [`plan::step`](crate::plan::step::DftColumns).
    pub(super) waves: &'a [f32],
    /// Whether the exponent is negative.
    pub(super) back: bool,
    /// Real and imaginary lines, and scratch space of the same size.
    pub(super) cells: [&'a mut [f32]; 4],
}

/// The number of cells that [`Dft`] works in, for a length.
pub(super) fn cells(length: usize) -> usize {
    4 * length * LANES
}

/// Cuts that many cells into the lines of [`Dft::cells`].
pub(super) fn lines(cells: &mut [f32]) -> [&mut [f32]; 4] {
    let quarter = cells.len() / 4;
    let (first, second) = cells.split_at_mut(2 * quarter);
    let (a, b) = first.split_at_mut(quarter);
    let (c, d) = second.split_at_mut(quarter);
    [a, b, c, d]
}

impl WithSimd for Dft<'_> {
    /// Which half of the cells holds the result: 0 or 2.
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
            let (block, sign) = (stride * LANES, if back { -1.0 } else { 1.0 });
            let groups = to_re.chunks_exact_mut(radix * block).zip(to_im.chunks_exact_mut(radix * block));
            for (at, (re_out, im_out)) in groups.enumerate() {
                let outputs = re_out.chunks_exact_mut(block).zip(im_out.chunks_exact_mut(block));
                for (output, (re_out, im_out)) in outputs.enumerate() {
                    let turn = Turn {
                        first: output * stride * at % length,
                        by: output * (length / radix) % length,
                        cosines,
                        sines,
                        sign,
                    };
                    let from = [&re[at * block..], &im[at * block..]];
                    turn.sum(simd, [re_out, im_out], from, (radix, rest * block));
                }
            }
            stride *= radix;
            (re, im, to_re, to_im) = (to_re, to_im, re, im);
            place = 2 - place;
        }
        place
    }
}

/// The waves by which the terms of an output are multiplied: entries `first`, `first + by` and so on of the
/// table, wrapping around.
struct Turn<'a> {
    first: usize,
    by: usize,
    cosines: &'a [f32],
    sines: &'a [f32],
    /// The sign of the sines.
    sign: f32,
}

impl Turn<'_> {
    /// Sums lines that lie a fixed distance apart, each multiplied by its `cos + i sin`.
    #[inline(always)]
    fn sum<S: Simd>(
        &self,
        simd: S,
        [re, im]: [&mut [f32]; 2],
        [x, y]: [&[f32]; 2],
        (terms, apart): (usize, usize),
    ) {
        // Lines consist of whole vectors because LANES does.
        let (re, im) = (S::as_mut_simd_f32s(re).0, S::as_mut_simd_f32s(im).0);
        for (at, (re, im)) in re.iter_mut().zip(im).enumerate() {
            let zero = simd.splat_f32s(0.0);
            let (mut sum, mut wave) = ([zero, zero], self.first);
            for term in 0..terms {
                let first = term * apart + at * S::F32_LANES;
                let (x, y) = (vector::<S>(x, first), vector::<S>(y, first));
                let (cosine, sine) = (self.cosines[wave], self.sign * self.sines[wave]);
                let cos = simd.splat_f32s(cosine);
                sum[0] = simd.mul_add_f32s(simd.splat_f32s(-sine), y, simd.mul_add_f32s(cos, x, sum[0]));
                sum[1] = simd.mul_add_f32s(simd.splat_f32s(sine), x, simd.mul_add_f32s(cos, y, sum[1]));
                wave += self.by;
                if wave >= self.cosines.len() {
                    wave -= self.cosines.len();
                }
            }
            (*re, *im) = (sum[0], sum[1]);
        }
    }
}

/// The next factor to divide a length by. A factor of 4 does two halvings in one pass.
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

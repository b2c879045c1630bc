//! A value and how far from it an f32 machine may land.

/// Half the distance from 1 to the next f32: the largest relative error of one rounding.
pub const EPSILON: f64 = 1.0 / (1u32 << 24) as f64;

/// A value and the largest error that is still rounding.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub value: f64,
    pub tolerance: f64,
}

impl Cell {
    /// A value that was only moved or compared: any machine must have it to the bit.
    pub fn exact(value: f64) -> Self {
        Self { value, tolerance: 0.0 }
    }
}

/// A sum that keeps account of its rounding.
///
/// Every one of its `n` additions (and products) errs by at most `EPSILON` times a partial sum, and no
/// partial sum exceeds `S`, the sum of magnitudes. In the worst case, with one rounding for each product and
/// one for each addition, that adds up to about `(n + 1) EPSILON S`; but roundings of random sign add like
/// a random walk, to the order of `sqrt(n) EPSILON S`. So the tolerance is `4 sqrt(n) EPSILON S`: beyond the
/// worst case up to n = 13, and four standard deviations of a walk with largest steps above that. It holds
/// for any order of summation and with or without fused multiply-adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    value: f64,
    scale: f64,
    terms: usize,
    extra: f64,
}

impl Sum {
    /// The sum of some terms.
    pub fn of(terms: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|term| sum.push(term));
        sum
    }

    /// Adds a term: a number, or a product of two.
    pub fn push(&mut self, term: f64) {
        self.value += term;
        self.scale += term.abs();
        self.terms += 1;
    }

    /// Adds a term that itself is wrong by up to `error` roundings, because a function made it.
    pub fn push_rough(&mut self, term: f64, error: f64) {
        self.push(term);
        self.blur(error * EPSILON * term.abs());
    }

    /// Allows for terms of another form, which are larger than the sum's own by so much.
    pub fn enlarge(&mut self, scale: f64) {
        self.scale += scale;
    }

    /// Allows for an absolute error that has another cause.
    pub fn blur(&mut self, error: f64) {
        self.extra += error;
    }

    /// The sum times a factor. The product rounds once more: a term's worth.
    pub fn times(self, factor: f64) -> Self {
        let size = factor.abs();
        Self {
            value: self.value * factor,
            scale: self.scale * size,
            terms: self.terms + 1,
            extra: self.extra * size,
        }
    }

    /// The finished sum. Devices may flush numbers below the smallest normal one to zero, and a sum of
    /// nothing is zero exactly.
    pub fn cell(self) -> Cell {
        if self.scale == 0.0 && self.extra == 0.0 {
            return Cell::exact(self.value);
        }
        let rounding = 4.0 * EPSILON * (self.terms as f64).sqrt() * self.scale;
        Cell { value: self.value, tolerance: rounding + self.extra + f64::from(f32::MIN_POSITIVE) }
    }
}

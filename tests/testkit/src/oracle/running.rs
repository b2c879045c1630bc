//! Numbers that carry a bound on what rounding has done to them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{Cell, EPSILON, Map, Sum};

/// Roundings of a division: WGSL allows 2.5 units in the last place, each of which is two roundings.
const DIVISION: f64 = 5.0;
/// Roundings of a root: one over an inverse root of 2 such units.
const ROOT: f64 = 9.0;

/// A value, and how far from it an f32 machine may be that computes the same formula: Wilkinson's running
/// error analysis, with each operation's own rounding added to what it makes of its operands' errors. A fused
/// operation rounds less often and stays within it.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    pub value: f64,
    pub error: f64,
}

impl Running {
    /// A number that the machine has to the bit.
    pub fn exact(value: f64) -> Self {
        Self { value, error: 0.0 }
    }

    fn rounded(value: f64, error: f64, roundings: f64) -> Self {
        Self { value, error: error + roundings * EPSILON * value.abs() }
    }

    /// The square root of a number that is not negative; an error may have made it so, and is bounded by a
    /// root that has the same error at 0.
    pub fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        let lowest = (self.value - self.error).max(0.0).sqrt();
        let error = if self.error == 0.0 { 0.0 } else { self.error / (root + lowest) };
        Self::rounded(root, error, ROOT)
    }

    /// The larger of two, which is exact.
    pub fn max(self, other: f64) -> Self {
        Self { value: self.value.max(other), ..self }
    }

    /// The nearest number between two, which is exact.
    pub fn clamp(self, low: f64, high: f64) -> Self {
        Self { value: self.value.clamp(low, high), ..self }
    }

    /// The magnitude, which is exact.
    pub fn abs(self) -> Self {
        Self { value: self.value.abs(), ..self }
    }

    /// The sum of terms in any order.
    pub fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut sum = Sum::default();
        for term in terms {
            sum.push(term.value);
            sum.blur(term.error);
        }
        let Cell { value, tolerance } = sum.cell();
        Self { value, error: tolerance }
    }

    /// The finished number; devices may flush numbers below the smallest normal one to zero.
    pub fn cell(self) -> Cell {
        Cell { value: self.value, tolerance: self.error + f64::from(f32::MIN_POSITIVE) }
    }
}

impl Add for Running {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::rounded(self.value + other.value, self.error + other.error, 1.0)
    }
}

impl Sub for Running {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Running {
    type Output = Self;

    fn neg(self) -> Self {
        Self { value: -self.value, ..self }
    }
}

impl Mul for Running {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let error =
            self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error;
        Self::rounded(self.value * other.value, error, 1.0)
    }
}

impl Div for Running {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let least = other.value.abs() - other.error;
        let error =
            if least > 0.0 { (self.error + value.abs() * other.error) / least } else { f64::INFINITY };
        Self::rounded(value, error, DIVISION)
    }
}

impl Mul<f64> for Running {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        self * Self::exact(factor)
    }
}

/// A map between its cells by bilinear weights; beyond the edge is the edge.
pub fn bilinear(x: Map, channel: usize, [row, column]: [Running; 2]) -> Running {
    let rows = around(row.value, x.shape.height);
    let columns = around(column.value, x.shape.width);
    let mut sum = Sum::default();
    let mut met = Vec::new();
    for (row, of_row) in rows {
        for (column, of_column) in columns {
            // Each weight is a difference, and their product rounds.
            sum.push_rough(of_row * of_column * x.at(channel, row, column), 3.0);
        }
    }
    for down in -1..3 {
        for right in -1..3 {
            let at = |first: usize, by: isize, size: usize| first.saturating_add_signed(by).min(size - 1);
            let (row, column) = (rows[0].0, columns[0].0);
            met.push(x.at(channel, at(row, down, x.shape.height), at(column, right, x.shape.width)));
        }
    }
    // A place that is off makes a value off: by at most the steepest way between cells nearby.
    let [high, low] = [f64::max, f64::min].map(|most| met.iter().copied().reduce(most).expect("cells"));
    sum.blur((row.error + column.error) * (high - low));
    let Cell { value, tolerance } = sum.cell();
    Running { value, error: tolerance }
}

/// The two cells around a place, with their weights.
pub fn around(place: f64, size: usize) -> [(usize, f64); 2] {
    let place = place.clamp(0.0, (size - 1) as f64);
    let first = place.floor();
    [(first as usize, 1.0 - (place - first)), ((first as usize + 1).min(size - 1), place - first)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same formula in both arithmetics, over numbers that round.
    fn formula<T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>>(
        [a, b, c]: [T; 3],
    ) -> T {
        (a * b - c * c) / (a + b * c) + a / c
    }

    #[test]
    fn what_f32_makes_of_a_formula_lies_within_the_bound() {
        let mut worst: f64 = 0.0;
        for number in 1..2000u16 {
            let numbers = [1.1f32, 0.37, 2.9].map(|base| base * f32::from(number).sqrt());
            let bound = formula(numbers.map(|number| Running::exact(f64::from(number))));
            let found = f64::from(formula(numbers));
            worst = worst.max((found - bound.value).abs() / bound.error);
        }
        assert!(worst <= 1.0, "{worst}");
        assert!(worst > 0.05, "a bound so wide shows nothing: {worst}");
    }
}

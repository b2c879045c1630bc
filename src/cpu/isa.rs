//! The vector instruction sets that the processor computes with.
//!
//! All of them give the same bits: every one adds a product to a sum with a single rounding (fused multiply-add),
//! and a sum takes its terms in the same order however many lanes there are.

use pulp::{Scalar128b, Simd, WithSimd};

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Sixteen lanes: x86-64 servers, and desktops from 2022 on.
    Avx512,
    /// Eight lanes with fused multiply-adds: nearly every x86-64 since 2013.
    Avx2,
    /// Four lanes: every 64-bit ARM.
    Neon,
    /// What the compiler generates for any processor. Without an instruction for fused multiply-adds, these are
    /// computed in double precision, which is many times slower.
    Plain,
}

impl Isa {
    /// All of them, the fastest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Plain];

    /// The fastest one that this processor has.
    pub fn best() -> Self {
        Self::ALL.into_iter().find(|isa| isa.is_there()).unwrap_or(Self::Plain)
    }

    /// Whether this processor has it.
    pub fn is_there(self) -> bool {
        self.try_run(Nothing).is_some()
    }

    /// Runs work whose loops are compiled for these instructions.
    ///
    /// # Panics
    /// If this processor does not have them.
    #[inline]
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        self.try_run(work).expect("a machine is only made of instructions that are there")
    }

    #[inline]
    fn try_run<W: WithSimd>(self, work: W) -> Option<W::Output> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Some(Simd::vectorize(pulp::x86::V4::try_new()?, work)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Some(Simd::vectorize(pulp::x86::V3::try_new()?, work)),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Some(Simd::vectorize(pulp::aarch64::Neon::try_new()?, work)),
            Self::Plain => Some(Simd::vectorize(Scalar128b, work)),
            #[allow(unreachable_patterns, reason = "which there are depends on the architecture")]
            _ => None,
        }
    }
}

/// Sets each cell to a value computed from itself and from the cells at the same place in other slices: whole
/// vectors, then the rest in part of one. Otherwise loops over short lines would run mostly cell by cell, and a
/// closure would not be compiled together with its caller.
macro_rules! each {
    ($simd:ident, $cells:ident, |$cell:ident $(, $name:ident = $slice:ident)+| $value:expr) => {
        let (whole, rest) = S::as_mut_simd_f32s($cells);
        for (at, to) in whole.iter_mut().enumerate() {
            let $cell = *to;
            $(let $name = S::as_simd_f32s($slice).0[at];)+
            *to = $value;
        }
        if !rest.is_empty() {
            let $cell = $simd.partial_load_f32s(rest);
            $(let $name = $simd.partial_load_f32s(S::as_simd_f32s($slice).1);)+
            $simd.partial_store_f32s(rest, $value);
        }
    };
}
pub(super) use each;

/// The vector that begins at a cell.
#[inline(always)]
pub(super) fn vector<S: Simd>(cells: &[f32], first: usize) -> S::f32s {
    S::as_simd_f32s(&cells[first..first + S::F32_LANES]).0[0]
}

struct Nothing;

impl WithSimd for Nothing {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_one() {
        assert!(Isa::best().is_there());
        assert!(Isa::Plain.is_there());
    }
}

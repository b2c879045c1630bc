//! Convolutions and their gradients: the same implicit GEMM.

use super::{Run, Workplace};
use crate::cpu::convolution;
use crate::plan::convolution::ImplicitGemm;
use crate::plan::step::{Conv, ConvGradient};

impl Run for Conv {
    fn run(&self, at: &mut Workplace<'_>) {
        multiply(&self.gemm(), at);
    }
}

impl Run for ConvGradient {
    fn run(&self, at: &mut Workplace<'_>) {
        multiply(&self.gemm(), at);
    }
}

fn multiply(gemm: &ImplicitGemm, at: &mut Workplace<'_>) {
    let (filter, tools) = (&at.filters[&gemm.filter], (at.isa, at.scratch));
    at.memory.lend_all(&gemm.destinations, |memory, destinations| {
        convolution::run(gemm, filter, memory, destinations, tools);
    });
}

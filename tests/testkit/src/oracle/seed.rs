//! Where the backward pass starts.

use puppyslug::plan::{Functional, Gradient, View};

use super::{Memory, Sum, Written, fill, flow};

/// The gradient of a functional.
pub fn seed(x: View, functional: Functional, scale: f32, dx: &Gradient, memory: &Memory) -> Written {
    let sums = match functional {
        Functional::HalfSquares => {
            let seed = |&x: &f64| Sum::of([x * f64::from(scale)]);
            memory.read(x).iter().map(seed).collect()
        }
        Functional::RegionSum(region) => fill(dx.view.shape, |channel, row, column| {
            let inside = region.contains(channel, row, column);
            Sum::of(inside.then_some(f64::from(scale)))
        }),
        Functional::Magnitude => {
            let seed = |&x: &f64| Sum::of([if x == 0.0 { 0.0 } else { x.signum() } * f64::from(scale)]);
            memory.read(x).iter().map(seed).collect()
        }
        Functional::Root => panic!("it is only measured"),
    };
    flow(dx, sums, memory)
}

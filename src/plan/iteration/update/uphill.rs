//! A step along the gradient, shaped as the settings say.

use super::{Slope, Update};
use crate::plan::dials::{Rule, Script};
use crate::plan::shaping::{Octave, Shaper};
use crate::plan::{Builder, step};

/// A step of the length that the settings say, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Uphill;

impl Update for Uphill {
    fn step(&self, builder: &mut Builder, slope: &Slope<'_>, shaper: Option<&Shaper>) -> Script {
        let &Slope { number, cells: x, at, dx, magnitude, mask, shaping, knobs } = slope;
        let mut number_of = |rule| knobs.number(&mut builder.dials, rule);
        let step = number_of(Rule::Step);
        let bounds = [0, 1, 2].map(|channel| (number_of(Rule::Low(channel)), number_of(Rule::High(channel))));
        let ascend = |dx, magnitude| step::Ascend { x, dx, magnitude, mask, step, bounds };
        let mut script = Script::default();
        let Some(shaper) = shaper else {
            script.push(ascend(dx, magnitude));
            return script;
        };
        for mut way in shaper.ways(builder, &Octave { shaping, knobs }, number, at, dx) {
            way.script.push(ascend(way.dx, way.divisor.unwrap_or(magnitude)));
            script.when(way.condition, way.script);
        }
        script
    }
}

//! One iteration of an octave, in three parts that can be replaced: what is climbed ([`variable`]), how the
//! network sees it ([`sight`]), and how a gradient becomes a step ([`update`]).
//!
//! ```text
//!     cells --variable--> picture --sight--> what the network sees --network--> value
//!       ^                                                                          |
//!     update <--variable-- its gradient <--sight-- its gradient <--network---------+
//! ```
//!
//! To add another kind of any part, add a file next to the existing ones and the line that declares its
//! module.

pub mod sight;
pub mod update;
pub mod variable;

use super::dials::{Condition, Knobs, Rule, Script, Switch};
use super::network::{Goal, LowerError, Member, lower};
use super::octave::{Climb, OctaveSettings};
use super::shaping::{Shaper, fill, measure_magnitude};
use super::{Builder, Step, View};
use crate::net::Network;
use sight::{Shift, Sight};
use update::{Slope, Update, Uphill};
use variable::{Pixels, Variable};

/// The magnitude that a skipped climb reports. No gradient has it.
pub const IDLE: f32 = -1.0;

/// The three parts.
#[derive(Clone, Copy, Debug)]
pub struct Iteration<'p> {
    /// The variable that is climbed.
    pub variable: &'p dyn Variable,
    /// How the network sees it.
    pub sight: &'p dyn Sight,
    /// How a gradient becomes a step.
    pub update: &'p dyn Update,
}

impl Default for Iteration<'_> {
    /// The 2015 notebook's: pixels, shifted at random, with a step uphill.
    fn default() -> Self {
        Self { variable: &Pixels, sight: &Shift, update: &Uphill }
    }
}

/// The buffers and numbers that an octave works with.
pub(super) struct Ground<'a> {
    pub(super) picture: View,
    /// The picture that it is held to, if it is.
    pub(super) source: View,
    /// The cells of the variable.
    pub(super) cells: View,
    pub(super) masks: &'a [View],
    pub(super) report: View,
    pub(super) knobs: Knobs<'a>,
    /// Where the host writes the gradients, if it supplies them.
    pub(super) gradients: &'a [View],
    /// Which picture of a crowd this is, if several are climbed together.
    pub(super) member: Option<&'a Member>,
}

/// The first half of an iteration.
pub(super) struct Look {
    /// The steps that make what the network sees, and the forward pass.
    pub(super) script: Script,
    seen: View,
    /// For each climb, the steps of the backward pass, and the gradient they end in.
    found: Vec<(Vec<Step>, View)>,
}

impl Iteration<'_> {
    /// The steps of an iteration. All gradients are taken at the picture as it was when the iteration began.
    pub(super) fn plan(
        &self,
        builder: &mut Builder,
        network: Option<&Network>,
        octave: &OctaveSettings,
        ground: &Ground<'_>,
        shaper: Option<&Shaper>,
    ) -> Result<Script, LowerError> {
        let mut look = self.look(builder, network, octave, ground, shaper)?;
        let mut script = std::mem::take(&mut look.script);
        script.when(Condition::Always, self.go(builder, octave, ground, shaper, look));
        Ok(script)
    }

    /// The first half of an iteration: the forward pass. When pictures are climbed together, the first half
    /// of all of them comes before the second half of any.
    pub(super) fn look(
        &self,
        builder: &mut Builder,
        network: Option<&Network>,
        octave: &OctaveSettings,
        ground: &Ground<'_>,
        shaper: Option<&Shaper>,
    ) -> Result<Look, LowerError> {
        let &Ground { picture, knobs, gradients, .. } = ground;
        // A gradient that the host supplies is already a gradient of what the network sees.
        let looking = match network {
            Some(_) => Condition::Always,
            None => knobs.condition(&mut builder.dials, Rule::If(Switch::Varied)),
        };
        let mut script = Script::default();
        let seen = match looking {
            Condition::Never => picture,
            _ => {
                let (steps, seen) = self.sight.see(builder, picture);
                script.when(looking, steps);
                seen
            }
        };
        script.extend(shaper.and_then(Shaper::begin));
        let mut found = gradients.iter().map(|&gradient| (Vec::new(), gradient)).collect::<Vec<_>>();
        if let Some(network) = network {
            let lowered = lower(builder, network, seen, &[], &goals(octave, ground))?;
            script.extend(lowered.forward);
            found = lowered.backward;
        }
        Ok(Look { script, seen, found })
    }

    /// The second half: the backward pass, a step, and the new picture.
    pub(super) fn go(
        &self,
        builder: &mut Builder,
        octave: &OctaveSettings,
        ground: &Ground<'_>,
        shaper: Option<&Shaper>,
        Look { seen, found, .. }: Look,
    ) -> Script {
        let &Ground { picture, source, cells, knobs, .. } = ground;
        let mut script = Script::default();
        let mut first = 0;
        for (number, (climb, (backward, dx))) in octave.climbs.iter().zip(found).enumerate() {
            let mut own = Script::from(backward);
            own.when(Condition::Always, self.climb(builder, octave, ground, shaper, (number, seen, dx)));
            let targets = first..first + climb.targets.len();
            first = targets.end;
            script.when(Condition::Always, while_climbing(builder, ground, number, targets, own));
        }
        script.extend(self.variable.show(builder, cells, picture));
        if let Some(shaper) = shaper {
            script.when(Condition::Always, shaper.settle(builder, &knobs, picture, source));
            script.extend(self.variable.enter(picture, cells));
        }
        script
    }

    /// From the gradient of what the network sees to the step of a climb.
    fn climb(
        &self,
        builder: &mut Builder,
        octave: &OctaveSettings,
        ground: &Ground<'_>,
        shaper: Option<&Shaper>,
        (number, seen, dx): (usize, View, View),
    ) -> Script {
        let &Ground { picture, cells, report, knobs, masks, .. } = ground;
        let (mut steps, dx, at) = self.sight.look_back(builder, picture, seen, dx);
        let (more, dx) = self.variable.pull_back(builder, cells, picture, dx);
        steps.extend(more);
        let mut script = Script::from(steps);
        let magnitude = report.channels(2 * number + 1, 1);
        script.push(measure_magnitude(dx, magnitude));
        let mask = octave.climbs[number].mask.map(|mask| masks[mask]);
        let slope = Slope { number, cells, at, dx, magnitude, mask, shaping: &octave.shaping, knobs };
        script.when(Condition::Always, self.update.step(builder, &slope, shaper));
        script
    }
}

/// The goals of an octave.
fn goals(octave: &OctaveSettings, ground: &Ground<'_>) -> Vec<Goal> {
    let &Ground { report, knobs, member, .. } = ground;
    let mut first = 0;
    let goal = |(number, climb): (usize, &Climb)| {
        let dialled = knobs.moving.then_some(first);
        first += climb.targets.len();
        let member = member.cloned();
        Goal { dialled, member, ..Goal::whole(&climb.targets, report.channels(2 * number, 1)) }
    };
    octave.climbs.iter().enumerate().map(goal).collect()
}

/// A climb that is skipped while all of its targets have weight 0: no total variation is subtracted for it,
/// and Adam's running means do not age. It then reports a magnitude of [`IDLE`].
fn while_climbing(
    builder: &mut Builder,
    ground: &Ground<'_>,
    number: usize,
    targets: std::ops::Range<usize>,
    own: Script,
) -> Script {
    let &Ground { report, knobs, .. } = ground;
    let mut condition = |rule| knobs.condition(&mut builder.dials, rule);
    let climbing = Switch::Climbing(targets);
    let mut script = Script::default();
    script.when(condition(Rule::If(climbing.clone())), own);
    let [value, magnitude] = [0, 1].map(|cell| report.channels(2 * number + cell, 1));
    let nothing = vec![fill(value, 0.0), fill(magnitude, IDLE)];
    script.when(condition(Rule::Unless(climbing)), nothing);
    script
}

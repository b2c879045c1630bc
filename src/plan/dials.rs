//! Numbers that change from iteration to iteration without planning or loading again.
//!
//! A plan that leaves its numbers open has a table of dials. Where another step has [`Number::Fixed`], its
//! steps have [`Number::Dial`], and the host supplies the values of the table with every iteration. For each
//! dial, a [`Rule`] computes the value from the settings, with the same f32 operations that compute a fixed
//! number. So a plan with dials gives the same bits as one that is planned for those values. What a value
//! switches off (a weight of 0) is left out of the iteration: steps under a [`Guard`] are skipped while its
//! dial is 0.

use std::ops::Range;

use super::Step;

/// A position in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dial(usize);

/// A parameter of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Known at planning time.
    Fixed(f32),
    /// Supplied with each iteration.
    Dial(Dial),
}

impl Number {
    /// Its value in an iteration with these dials.
    ///
    /// # Panics
    /// If the table belongs to another plan and is shorter.
    pub fn at(self, dials: &[f32]) -> f32 {
        match self {
            Self::Fixed(value) => value,
            Self::Dial(Dial(place)) => dials[place],
        }
    }
}

impl From<f32> for Number {
    fn from(value: f32) -> Self {
        Self::Fixed(value)
    }
}

/// The matrix of a transform that leaves the picture where it is.
pub const IN_PLACE: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// The numbers of an octave that a plan can leave open.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// Lowest and highest value of each channel.
    pub bounds: [(f32, f32); 3],
    /// The weight of each target, climb by climb.
    pub weights: Vec<f32>,
    /// The number of iterations over which smoothing goes from fine to coarse, if gradients are smoothed.
    pub smooth: Option<usize>,
    /// Weight and exponent of the total variation that is subtracted, if any.
    pub variation: Option<(f32, f32)>,
    /// What fraction of the way back to its source the picture is pulled after each step, in brightness and
    /// in colour.
    pub pull: (f32, f32),
    /// The matrix through which the network sees the picture, where it is transformed: see
    /// [`Transform`](super::step::Transform).
    pub place: [f32; 6],
}

/// How the value of a dial follows from the numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// The step length.
    Step,
    /// The lowest value of a channel.
    Low(usize),
    /// The highest value of a channel.
    High(usize),
    /// The weight of a target as a factor. Targets are numbered across all climbs.
    Weight(usize, Share),
    /// How much the smoothing widens per iteration.
    Growth,
    /// The weight of the total variation.
    VariationWeight,
    /// The exponent of the total variation.
    VariationExponent,
    /// How far the picture is pulled back in brightness.
    Luma,
    /// How far it is pulled back in colour.
    Chroma,
    /// An entry of the matrix through which the picture is seen.
    Place(usize),
    /// 1 if the switch is on, otherwise 0.
    If(Switch),
    /// 0 if the switch is on, otherwise 1.
    Unless(Switch),
}

/// A condition that the numbers decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Any of these targets has a weight other than 0.
    Climbing(Range<usize>),
    /// Gradients are smoothed.
    Smoothed,
    /// A total variation is subtracted.
    Varied,
    /// Gradients are smoothed, or a total variation is subtracted.
    Shaped,
    /// The picture is pulled back towards its source.
    Pulled,
}

/// How the weight of a target becomes a factor: `weight / tiles * times / per`, evaluated from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The number of tiles that share the target.
    pub tiles: f32,
    /// A further factor: for a direction, the number of cells of the mean that is matched; for diversity, 4.
    pub times: f32,
    /// The number of cells that the value is a mean over.
    pub per: f32,
}

impl Share {
    /// The weight as it is.
    pub const WHOLE: Self = Self { tiles: 1.0, times: 1.0, per: 1.0 };

    /// The factor. A field that is 1 does not change a bit of it.
    pub fn of(self, weight: f32) -> f32 {
        weight / self.tiles * self.times / self.per
    }
}

impl Rule {
    /// The value of the dial.
    pub fn value(&self, numbers: &Numbers) -> f32 {
        let truth = |truth: bool| if truth { 1.0 } else { 0.0 };
        let variation = numbers.variation.unwrap_or((0.0, 2.0));
        match *self {
            Self::Step => numbers.step,
            Self::Low(channel) => numbers.bounds[channel].0,
            Self::High(channel) => numbers.bounds[channel].1,
            Self::Weight(target, share) => share.of(numbers.weights[target]),
            Self::Growth => numbers.smooth.map_or(0.0, |iterations| 2.0 / iterations as f32),
            Self::VariationWeight => variation.0,
            Self::VariationExponent => variation.1,
            Self::Luma => numbers.pull.0,
            Self::Chroma => numbers.pull.1,
            Self::Place(number) => numbers.place[number],
            Self::If(ref switch) => truth(switch.is_on(numbers)),
            Self::Unless(ref switch) => truth(!switch.is_on(numbers)),
        }
    }
}

impl Switch {
    /// Whether the switch is on.
    pub fn is_on(&self, numbers: &Numbers) -> bool {
        match self {
            Self::Climbing(targets) => numbers.weights[targets.clone()].iter().any(|&weight| weight != 0.0),
            Self::Smoothed => numbers.smooth.is_some(),
            Self::Varied => numbers.variation.is_some(),
            Self::Shaped => Self::Smoothed.is_on(numbers) || Self::Varied.is_on(numbers),
            Self::Pulled => numbers.pull != (0.0, 0.0),
        }
    }
}

/// The table of a plan: one rule per dial. It is empty if all numbers of the plan are fixed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dials(Vec<Rule>);

impl Dials {
    /// How many dials there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all numbers are fixed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values to supply for these numbers.
    ///
    /// # Panics
    /// If there are fewer weights than the plan has targets.
    pub fn values(&self, numbers: &Numbers) -> Vec<f32> {
        self.0.iter().map(|rule| rule.value(numbers)).collect()
    }

    /// The dial of a rule. Equal rules share a dial.
    pub fn dial(&mut self, rule: Rule) -> Dial {
        let place = self.0.iter().position(|other| *other == rule).unwrap_or_else(|| {
            self.0.push(rule);
            self.0.len() - 1
        });
        Dial(place)
    }
}

/// Steps of a phase that are skipped in iterations where a dial is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Which steps.
    pub steps: Range<usize>,
    /// Which dial.
    pub dial: Dial,
}

impl Guard {
    /// Whether the guard lets a step run.
    pub fn admits(&self, step: usize, dials: &[f32]) -> bool {
        !self.steps.contains(&step) || dials[self.dial.0] != 0.0
    }
}

/// Steps in order, some of them guarded.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The steps.
    pub steps: Vec<Step>,
    /// Their guards; one guard may be within another.
    pub guards: Vec<Guard>,
}

impl From<Vec<Step>> for Script {
    fn from(steps: Vec<Step>) -> Self {
        Self { steps, guards: Vec::new() }
    }
}

impl Script {
    /// Appends a step.
    pub fn push(&mut self, step: impl Into<Step>) {
        self.steps.push(step.into());
    }

    /// Appends steps.
    pub fn extend(&mut self, steps: impl IntoIterator<Item = Step>) {
        self.steps.extend(steps);
    }

    /// Appends a script that runs only where a condition holds.
    pub fn when(&mut self, condition: Condition, script: impl Into<Self>) {
        if condition == Condition::Never {
            return;
        }
        let (start, script) = (self.steps.len(), script.into());
        self.steps.extend(script.steps);
        let moved =
            |guard: Guard| Guard { steps: guard.steps.start + start..guard.steps.end + start, ..guard };
        self.guards.extend(script.guards.into_iter().map(moved));
        if let Condition::If(dial) = condition {
            self.guards.push(Guard { steps: start..self.steps.len(), dial });
        }
    }
}

/// When something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// In every iteration.
    Always,
    /// In none.
    Never,
    /// In iterations where a dial is not 0.
    If(Dial),
}

/// The numbers of an octave during planning: either fixed at their values, or left open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knobs<'a> {
    /// Their values at present.
    pub(super) numbers: &'a Numbers,
    /// Whether they are left open.
    pub(super) moving: bool,
}

impl Knobs<'_> {
    /// What a step stores in place of a number.
    pub(super) fn number(&self, dials: &mut Dials, rule: Rule) -> Number {
        match self.moving {
            true => Number::Dial(dials.dial(rule)),
            false => Number::Fixed(rule.value(self.numbers)),
        }
    }

    /// When to do what depends on a switch: on its being on, or on its being off.
    pub(super) fn condition(&self, dials: &mut Dials, rule: Rule) -> Condition {
        match self.number(dials, rule) {
            Number::Dial(dial) => Condition::If(dial),
            Number::Fixed(0.0) => Condition::Never,
            Number::Fixed(_) => Condition::Always,
        }
    }
}

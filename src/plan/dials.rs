//! Numbers that change from turn to turn, without planning or loading again.
//!
//! A plan that leaves its numbers open has a table of dials. A step says [`Number::Dial`] where another says
//! [`Number::Fixed`], and the host hands the table's values over with every turn. How they follow from what
//! an artist sets is a [`Rule`] for each, in the same f32 operations by which a number is fixed: so a plan
//! with dials and one that is planned for their values have the same bits. What a value leaves out (a weight
//! of 0) is left out of the turn: steps under a [`Guard`] are skipped where its dial is 0.

use std::ops::Range;

use super::Step;

/// A place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dial(usize);

/// A number of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Known when it was planned.
    Fixed(f32),
    /// Given with each turn.
    Dial(Dial),
}

impl Number {
    /// Its value in a turn.
    ///
    /// # Panics
    /// If the table is another plan's, and shorter.
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

/// A matrix by which a picture is seen as it is.
pub const IN_PLACE: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// The numbers of an octave, as far as a plan can leave them open.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// Lowest and highest value of each channel.
    pub bounds: [(f32, f32); 3],
    /// Of each target, climb by climb.
    pub weights: Vec<f32>,
    /// Over how many iterations smoothing goes from fine to coarse, if gradients are smoothed.
    pub smooth: Option<usize>,
    /// Weight and exponent of the total variation that is taken off, if any is.
    pub variation: Option<(f32, f32)>,
    /// How much of the way back to its source the picture goes after each step, in brightness and in colour.
    pub pull: (f32, f32),
    /// By which matrix the picture is seen, where it is transformed: see [`Transform`](super::step::Transform).
    pub place: [f32; 6],
}

/// How a dial follows from the numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// The step.
    Step,
    /// The lowest value of a channel.
    Low(usize),
    /// The highest value of a channel.
    High(usize),
    /// The weight of a target, counted over all climbs, as a factor.
    Weight(usize, Share),
    /// How much smoothing widens by the turn.
    Growth,
    /// The weight of the total variation.
    VariationWeight,
    /// Its exponent.
    VariationExponent,
    /// How far back in brightness.
    Luma,
    /// How far back in colour.
    Chroma,
    /// A number of the matrix by which the picture is seen.
    Place(usize),
    /// 1 where something is so, 0 where it is not.
    If(Switch),
    /// The reverse.
    Unless(Switch),
}

/// What may be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Any of these targets has a weight.
    Climbing(Range<usize>),
    /// Gradients are smoothed.
    Smoothed,
    /// A total variation is taken off.
    Varied,
    /// Gradients are smoothed, or a total variation is taken off.
    Shaped,
    /// The picture is pulled back.
    Pulled,
}

/// How a target's weight becomes a factor: `weight / tiles * times / per`, from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many tiles share in it.
    pub tiles: f32,
    /// Of how many cells this is the mean.
    pub times: f32,
    /// Over how many the mean is.
    pub per: f32,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { tiles: 1.0, times: 1.0, per: 1.0 };

    /// The factor. Where one of the three is 1, it changes no bit.
    pub fn of(self, weight: f32) -> f32 {
        weight / self.tiles * self.times / self.per
    }
}

impl Rule {
    /// The value of a dial.
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
    /// Whether it is so.
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

/// The table of a plan: a rule for each dial. A plan whose numbers are fixed has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dials(Vec<Rule>);

impl Dials {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all numbers are fixed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What to hand over for these numbers.
    ///
    /// # Panics
    /// If there are fewer weights than the plan has targets.
    pub fn values(&self, numbers: &Numbers) -> Vec<f32> {
        self.0.iter().map(|rule| rule.value(numbers)).collect()
    }

    /// The dial of a rule, always the same one.
    pub fn dial(&mut self, rule: Rule) -> Dial {
        let place = self.0.iter().position(|other| *other == rule).unwrap_or_else(|| {
            self.0.push(rule);
            self.0.len() - 1
        });
        Dial(place)
    }
}

/// Steps of a phase that are skipped in turns where a dial is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Which steps.
    pub steps: Range<usize>,
    /// Which dial.
    pub dial: Dial,
}

impl Guard {
    /// Whether it lets a step be done.
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

    /// Appends what is done where a condition holds.
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

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// In every turn.
    Always,
    /// In none.
    Never,
    /// Where a dial is not 0.
    If(Dial),
}

/// The numbers of an octave while it is planned: as they are, or left open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knobs<'a> {
    /// What they are now.
    pub(super) numbers: &'a Numbers,
    /// Whether they are left open.
    pub(super) moving: bool,
}

impl Knobs<'_> {
    /// What a step has in the place of a number.
    pub(super) fn number(&self, dials: &mut Dials, rule: Rule) -> Number {
        match self.moving {
            true => Number::Dial(dials.dial(rule)),
            false => Number::Fixed(rule.value(self.numbers)),
        }
    }

    /// When something is done that is done where something is so (or is not so).
    pub(super) fn condition(&self, dials: &mut Dials, rule: Rule) -> Condition {
        match self.number(dials, rule) {
            Number::Dial(dial) => Condition::If(dial),
            Number::Fixed(0.0) => Condition::Never,
            Number::Fixed(_) => Condition::Always,
        }
    }
}

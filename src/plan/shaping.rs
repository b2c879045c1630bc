//! What may be done to a gradient before it is climbed, and to the picture after each step: none of it by
//! default.

use super::dials::{Condition, Knobs, Rule, Script, Switch};
use super::{Builder, Functional, Gradient, Number, Region, Step, View, step};
use crate::net::Shape;

/// How a gradient is made as long as the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalise {
    /// Divided by the mean of its magnitudes, as the 2015 notebook does.
    #[default]
    Mean,
    /// Its mean taken away, then divided by its standard deviation.
    Deviation,
    /// Divided by the root of the mean of its squares.
    RootMeanSquare,
}

/// How a dream differs from the notebook's loop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaping {
    /// How long a gradient is.
    pub normalise: Normalise,
    /// Whether it is smoothed first, and over how many iterations an octave goes from fine to coarse.
    pub smooth: Option<usize>,
    /// Into how many levels it is split, each to be made as strong as
    /// the others, after that; 0 for not at all.
    pub laplacian: usize,
    /// Weight and exponent of the total variation that is taken off.
    pub variation: Option<(f32, f32)>,
    /// Whether Adam makes the direction of it, last of all.
    pub adam: bool,
    /// How much of the way back to its source the picture goes after each step, in brightness and in colour.
    pub pull: (f32, f32),
    /// Whether mean and variance of each channel are made those of the source after each step.
    pub guard: bool,
}

impl Shaping {
    /// Whether a gradient is climbed as it is, but for what numbers decide.
    fn is_plain(&self) -> bool {
        let Self { normalise, laplacian, adam, .. } = *self;
        normalise == Normalise::Mean && laplacian == 0 && !adam
    }
}

/// Makes the steps, and holds the cells that live from turn to turn.
#[derive(Debug)]
pub struct Shaper {
    /// A single 1.
    one: View,
    /// Takes away a mean: what [`Step::Level`] reads.
    centre: View,
    /// Divides by a deviation.
    divide: View,
    /// For each channel of the picture: takes away its mean, and gives it the source's mean and deviation.
    guards: Vec<(View, View)>,
    /// How many steps of the octave have begun.
    age: Option<View>,
    /// One for each climb, if any.
    adam: Vec<Adam>,
}

/// How the gradients of an octave are shaped.
pub(super) struct Octave<'a> {
    pub(super) shaping: &'a Shaping,
    pub(super) knobs: Knobs<'a>,
}

/// A way of making a gradient what is climbed.
pub(super) struct Way {
    /// When it is gone.
    pub(super) condition: Condition,
    pub(super) script: Script,
    /// What is climbed after it.
    pub(super) dx: View,
    /// The cell by which that is still to be divided, if that is not the magnitude of the gradient as it was.
    pub(super) divisor: Option<View>,
}

/// What Adam remembers.
#[derive(Debug)]
struct Adam {
    /// As large as the largest picture.
    first: View,
    second: View,
    mass: View,
}

impl Adam {
    /// The memories, in the shape of an octave's picture.
    fn moments(&self, shape: Shape) -> [View; 2] {
        [self.first, self.second].map(|view| View { shape, ..view })
    }
}

impl Shaper {
    /// What the octaves, each with a shaping, need, unless all of them climb as the notebook does and the numbers
    /// are not `moving`. `cells` are those of the largest picture, `climbs` the most in one octave.
    pub(super) fn new(
        builder: &mut Builder,
        octaves: &[&Shaping],
        moving: bool,
        climbs: usize,
        cells: usize,
    ) -> Option<Self> {
        let any = |wanted: fn(&Shaping) -> bool| octaves.iter().any(|shaping| wanted(shaping));
        if !moving && !any(|shaping| *shaping != Shaping::default()) {
            return None;
        }
        let mut kept = |label: &str, cells: usize| {
            let view = builder.buffer(label, Shape::new(cells, 1, 1));
            builder.keep(view);
            view
        };
        let age = (moving || any(|shaping| shaping.smooth.is_some())).then(|| kept("age", 1));
        let memories = if any(|shaping| shaping.adam) { climbs } else { 0 };
        let memory = |_| {
            let (first, second) = (kept("adam's mean", cells), kept("adam's squares", cells));
            Adam { first, second, mass: kept("adam's mass", 2) }
        };
        let adam = (0..memories).map(memory).collect();
        let (one, centre, divide) = (kept("one", 1), kept("centre", 4), kept("divide", 4));
        let channels = if any(|shaping| shaping.guard) { 3 } else { 0 };
        let guards = (0..channels).map(|_| (kept("guard", 4), kept("guard", 4))).collect();
        Some(Self { one, centre, divide, guards, age, adam })
    }

    /// Once, first: the cells that never change.
    pub(super) fn prepare(&self) -> Vec<Step> {
        let mut steps = vec![fill(self.one, 1.0)];
        let levels =
            [self.centre, self.divide].into_iter().chain(self.guards.iter().flat_map(|&(a, b)| [a, b]));
        for levels in levels {
            for (cell, value) in [0.0, 1.0, 0.0, 1.0].into_iter().enumerate() {
                steps.push(fill(levels.channels(cell, 1), value));
            }
        }
        steps
    }

    /// At the start of an octave, before `picture` holds anything: what is to be known about its source.
    pub(super) fn enter(&self, base: View, picture: View) -> Vec<Step> {
        let mut steps: Vec<Step> = self.age.map(|age| fill(age, 0.0)).into_iter().collect();
        for adam in &self.adam {
            let memory = adam.moments(picture.shape).into_iter().chain([adam.mass]);
            steps.extend(memory.map(|view| fill(view, 0.0)));
        }
        if !self.guards.is_empty() {
            steps.push(step::Resize { x: base, y: picture, base: None }.into());
        }
        for (channel, &(centre, level)) in self.guards.iter().enumerate() {
            let x = picture.channels(channel, 1);
            steps.extend(mean(x, level.channels(2, 1)));
            steps.extend(mean(x, centre.channels(0, 1)));
            steps.push(step::Level { x, levels: centre }.into());
            steps.push(root_mean_square(x, level.channels(3, 1)));
        }
        steps
    }

    /// At the start of an iteration.
    pub(super) fn begin(&self) -> Option<Step> {
        self.age.map(|age| step::Affine { x: age, scale: 1.0, offset: 1.0 }.into())
    }

    /// The ways of making the gradient of the rolled picture what is climbed, as climb `number`
    /// of its iteration. A turn goes one of them.
    pub(super) fn ways(
        &self,
        builder: &mut Builder,
        octave: &Octave<'_>,
        number: usize,
        rolled: View,
        dx: View,
    ) -> Vec<Way> {
        let Octave { shaping, knobs } = octave;
        let mut condition = |rule| knobs.condition(&mut builder.dials, rule);
        let (plain, shaped) = match shaping.is_plain() {
            true => (condition(Rule::Unless(Switch::Shaped)), condition(Rule::If(Switch::Shaped))),
            false => (Condition::Never, Condition::Always),
        };
        let mut ways = vec![Way { condition: plain, script: Script::default(), dx, divisor: None }];
        if shaped != Condition::Never {
            let (script, dx) = self.shape(builder, octave, number, rolled, dx);
            ways.push(Way { condition: shaped, script, dx, divisor: Some(self.one) });
        }
        ways
    }

    fn shape(
        &self,
        builder: &mut Builder,
        octave: &Octave<'_>,
        number: usize,
        rolled: View,
        dx: View,
    ) -> (Script, View) {
        let Octave { shaping, knobs } = octave;
        let (mut script, dx) = self.smooth(builder, knobs, dx);
        script.extend(self.split(builder, shaping, dx));
        script.extend(self.normalise(shaping, dx));
        let weight = knobs.number(&mut builder.dials, Rule::VariationWeight);
        let exponent = knobs.number(&mut builder.dials, Rule::VariationExponent);
        let varied = knobs.condition(&mut builder.dials, Rule::If(Switch::Varied));
        script.when(varied, vec![step::Variation { x: rolled, dx, weight, exponent }.into()]);
        if let Some(adam) = self.adam.get(number) {
            let [first, second] = adam.moments(dx.shape);
            for (cell, (scale, offset)) in [(0.9, 0.1), (0.999, 0.001)].into_iter().enumerate() {
                script.push(step::Affine { x: adam.mass.channels(cell, 1), scale, offset });
            }
            script.push(step::Adam { dx, first, second, mass: adam.mass });
        }
        (script, dx)
    }

    /// Three Gaussians, wider in each iteration: from half a pixel to two and a half.
    fn smooth(&self, builder: &mut Builder, knobs: &Knobs<'_>, dx: View) -> (Script, View) {
        let mut script = Script::default();
        let smoothed = knobs.condition(&mut builder.dials, Rule::If(Switch::Smoothed));
        let (Some(age), true) = (self.age, smoothed != Condition::Never) else { return (script, dx) };
        let y = builder.buffer("smooth gradient", dx.shape);
        let sigma = (0.5.into(), knobs.number(&mut builder.dials, Rule::Growth));
        script.when(smoothed, vec![step::Smooth { x: dx, y, age, sigma }.into()]);
        let otherwise = knobs.condition(&mut builder.dials, Rule::Unless(Switch::Smoothed));
        script.when(otherwise, vec![copy(dx, y)]);
        (script, y)
    }

    /// A Laplacian pyramid, each of its levels divided by its root mean square.
    fn split(&self, builder: &mut Builder, shaping: &Shaping, dx: View) -> Vec<Step> {
        let mut levels = vec![dx];
        let mut steps = Vec::new();
        for _ in 0..shaping.laplacian {
            let x = levels[levels.len() - 1];
            let Shape { channels, height, width } = x.shape;
            let half = Shape::new(channels, height.div_ceil(2), width.div_ceil(2));
            let y = builder.buffer("level of the gradient", half);
            steps.push(step::Shrink { x, y }.into());
            steps.push(step::Expand { x: y, y: x, factor: -1.0 }.into());
            levels.push(y);
        }
        let deviation = self.divide.channels(1, 1);
        for &x in levels.iter().filter(|_| shaping.laplacian > 0) {
            steps.push(root_mean_square(x, deviation));
            steps.push(step::Level { x, levels: self.divide }.into());
        }
        let pairs = levels.windows(2).rev();
        steps.extend(pairs.map(|pair| step::Expand { x: pair[1], y: pair[0], factor: 1.0 }.into()));
        steps
    }

    /// Makes the gradient as long as every other.
    fn normalise(&self, shaping: &Shaping, dx: View) -> Vec<Step> {
        let mut steps = Vec::new();
        if shaping.normalise == Normalise::Deviation {
            steps.extend(mean(dx, self.centre.channels(0, 1)));
            steps.push(step::Level { x: dx, levels: self.centre }.into());
        }
        let deviation = self.divide.channels(1, 1);
        steps.push(match shaping.normalise {
            Normalise::Mean => measure_magnitude(dx, deviation),
            Normalise::Deviation | Normalise::RootMeanSquare => root_mean_square(dx, deviation),
        });
        steps.push(step::Level { x: dx, levels: self.divide }.into());
        steps
    }

    /// After each step uphill.
    pub(super) fn settle(
        &self,
        builder: &mut Builder,
        knobs: &Knobs<'_>,
        picture: View,
        source: View,
    ) -> Script {
        let mut script = Script::default();
        let [luma, chroma] = [Rule::Luma, Rule::Chroma].map(|rule| knobs.number(&mut builder.dials, rule));
        let pulled = knobs.condition(&mut builder.dials, Rule::If(Switch::Pulled));
        script.when(pulled, vec![step::Pull { x: picture, source, luma, chroma }.into()]);
        for (channel, &(centre, level)) in self.guards.iter().enumerate() {
            let x = picture.channels(channel, 1);
            script.extend(mean(x, centre.channels(0, 1)));
            script.push(step::Level { x, levels: centre });
            script.push(root_mean_square(x, level.channels(1, 1)));
            script.push(step::Level { x, levels: level });
        }
        script
    }
}

/// The mean magnitude of a map.
pub(super) fn measure_magnitude(x: View, total: View) -> Step {
    step::Measure { x, functional: Functional::Magnitude, scale: mean_of(x), total, add: false }.into()
}

/// The map itself, which is the gradient of half the sum of its squares.
fn copy(x: View, y: View) -> Step {
    step::Seed { x, functional: Functional::HalfSquares, scale: 1.0.into(), dx: Gradient::whole(y) }.into()
}

pub(in crate::plan) fn fill(x: View, value: f32) -> Step {
    step::Affine { x, scale: 0.0, offset: value }.into()
}

/// The mean of all cells, channel by channel.
fn mean(x: View, total: View) -> impl Iterator<Item = Step> {
    let (rows, columns) = ((0, x.shape.height), (0, x.shape.width));
    (0..x.shape.channels).map(move |channel| {
        let functional = Functional::RegionSum(Region { channel, rows, columns });
        step::Measure { x, functional, scale: mean_of(x), total, add: channel > 0 }.into()
    })
}

fn root_mean_square(x: View, total: View) -> Step {
    step::Measure { x, functional: Functional::Root, scale: mean_of(x), total, add: false }.into()
}

/// By what a sum over a map is scaled to be a mean.
fn mean_of(x: View) -> Number {
    (1.0 / x.shape.len() as f32).into()
}

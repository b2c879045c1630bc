//! What may be done to a gradient before it is climbed, and to the picture after each step. By default, none
//! of it.

use super::dials::{Condition, Knobs, Rule, Script, Switch};
use super::{Builder, Functional, Gradient, Number, Region, Step, View, step};
use crate::net::Shape;

/// How gradients are brought to the same length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalise {
    /// Divided by the mean of its magnitudes, as the 2015 notebook does.
    #[default]
    Mean,
    /// Its mean is subtracted, and it is divided by its standard deviation.
    Deviation,
    /// Divided by the root of the mean of its squares.
    RootMeanSquare,
}

/// How a dream differs from the notebook's loop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaping {
    /// How gradients are normalised.
    pub normalise: Normalise,
    /// Whether the gradient is smoothed first, and over how many iterations an octave goes from fine to
    /// coarse.
    pub smooth: Option<usize>,
    /// Into how many levels of a Laplacian pyramid it is split after that, each of which is made as strong as
    /// the others; 0 for none.
    pub laplacian: usize,
    /// Weight and exponent of the total variation that is subtracted.
    pub variation: Option<(f32, f32)>,
    /// Whether Adam's direction replaces the gradient, as the last step of all.
    pub adam: bool,
    /// What fraction of the way back to its source the picture is pulled after each step, in brightness and
    /// in colour.
    pub pull: (f32, f32),
    /// Whether the mean and variance of each channel are set to those of the source after each step.
    pub guard: bool,
}

impl Shaping {
    /// Whether a gradient is climbed as it is, apart from what the numbers decide.
    fn is_plain(&self) -> bool {
        let Self { normalise, laplacian, adam, .. } = *self;
        normalise == Normalise::Mean && laplacian == 0 && !adam
    }
}

/// Makes the steps of shaping, and owns the cells that persist between iterations.
#[derive(Debug)]
pub struct Shaper {
    /// One cell, which holds 1.
    one: View,
    /// The levels, as [`Step::Level`] reads them, that subtract a mean.
    centre: View,
    /// The levels that divide by a deviation.
    divide: View,
    /// For each channel of the picture, two sets of levels: one subtracts its mean, the other gives it the
    /// mean and deviation of the source.
    guards: Vec<(View, View)>,
    /// The number of steps that have begun in the octave.
    age: Option<View>,
    /// One for each climb, if Adam is used.
    adam: Vec<Adam>,
}

/// How the gradients of an octave are shaped.
pub(super) struct Octave<'a> {
    pub(super) shaping: &'a Shaping,
    pub(super) knobs: Knobs<'a>,
}

/// One way to turn a gradient into what is climbed.
pub(super) struct Way {
    /// When this way is taken.
    pub(super) condition: Condition,
    pub(super) script: Script,
    /// What is climbed after it.
    pub(super) dx: View,
    /// The cell that `dx` must still be divided by, if it is not the magnitude of the unshaped gradient.
    pub(super) divisor: Option<View>,
}

/// Adam's memory.
#[derive(Debug)]
struct Adam {
    /// As large as the largest picture; so is `second`.
    first: View,
    second: View,
    mass: View,
}

impl Adam {
    /// Both running means, in the shape of an octave's picture.
    fn moments(&self, shape: Shape) -> [View; 2] {
        [self.first, self.second].map(|view| View { shape, ..view })
    }
}

impl Shaper {
    /// Everything these octaves need for their shaping, or `None` if all of them climb as the notebook does
    /// and the numbers are not `moving`. `cells` is the number of cells of the largest picture, and `climbs`
    /// the largest number of climbs in an octave.
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

    /// Run once, first: fills the cells that never change.
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

    /// At the start of an octave, while `picture` is still unused: resets the state, and measures the source.
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

    /// The step at the start of an iteration.
    pub(super) fn begin(&self) -> Option<Step> {
        self.age.map(|age| step::Affine { x: age, scale: 1.0, offset: 1.0 }.into())
    }

    /// The ways to turn the gradient of the rolled picture into what is climbed, for climb `number` of the
    /// iteration. An iteration takes one of them.
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

    /// The mean of three Gaussians that widen with every iteration: the width in the middle starts at half a
    /// pixel and grows to two and a half.
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

    /// Splits the gradient into a Laplacian pyramid, divides each level by its root mean square, and adds
    /// them up again.
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

    /// Gives the gradient the same length as all others.
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

    /// The steps after each step uphill.
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

/// Copies a map: it is the gradient of half the sum of its squares.
fn copy(x: View, y: View) -> Step {
    step::Seed { x, functional: Functional::HalfSquares, scale: 1.0.into(), dx: Gradient::whole(y) }.into()
}

pub(in crate::plan) fn fill(x: View, value: f32) -> Step {
    step::Affine { x, scale: 0.0, offset: value }.into()
}

/// The mean over all cells of all channels.
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

/// The factor that turns a sum over a map into a mean.
fn mean_of(x: View) -> Number {
    (1.0 / x.shape.len() as f32).into()
}

//! Directions with their cosine: against numbers of lucid's formula, and their slope.

use libtest_mimic::Failed;
use puppyslug::machine::{Machine, Turn};
use puppyslug::net::{Network, Shape, Weights};
use puppyslug::plan::{Builder, Gradient, Number, PhaseId, Plan, Step, View, step};
use testkit::oracle::{self, Memory};
use testkit::{Random, Trial, on_each_machine};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("the slope is the value's", a_direction_has_this_slope)];
    trials.extend(on_each_machine("the mean is lucid's", lucids_direction));
    trials
}

fn nothing() -> Weights {
    Weights::from_filters(Network::new(), Default::default())
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

/// A map, a direction, and the mean of what `Align` says of the cells, with its gradient.
struct Aligned {
    plan: Plan,
    phase: PhaseId,
    x: View,
    direction: View,
    score: View,
    dx: View,
}

impl Aligned {
    fn new(shape: Shape, power: u32) -> Self {
        let mut builder = Builder::new();
        let mut kept = |shape: Shape| {
            let view = builder.buffer("map", shape);
            builder.keep(view);
            view
        };
        let (x, dx, direction) = (kept(shape), kept(shape), kept(Shape::new(shape.channels, 1, 1)));
        let (score, slopes) = (kept(shape.with_channels(1)), kept(shape.with_channels(2)));
        let scale = Number::Fixed(1.0 / shape.plane() as f32);
        let gradient = Gradient { view: dx, mask: None, add: false };
        let steps: Vec<Step> = vec![
            step::Align { x, direction, power, score, slopes }.into(),
            step::AlignGradient { x, direction, slopes, scale, dx: gradient }.into(),
        ];
        let phase = builder.phase("aligned", steps);
        Self { plan: builder.finish(), phase, x, direction, score, dx }
    }
}

/// Against a float64 computation of lucid's formula: activations `sin(0.7 k + 0.3)` of two pictures of 3x3 cells and 4
/// channels, `k` counting channels first, along `cos(1.1 k)`. The machines round sums of four terms of about 1.
fn lucids_direction(machine: &dyn Machine) -> Result<(), Failed> {
    let expected = [-0.007_892_638_027_436_331, 0.445_820_477_148_171_6, 0.416_078_589_606_204_7];
    for (power, expected) in (0..).zip(expected) {
        // Both pictures as one of 6x3: the mean over all cells is the same.
        let Aligned { plan, phase, x, direction, score, .. } = Aligned::new(Shape::new(4, 6, 3), power);
        let mut execution = machine.load(&plan, &nothing())?;
        let cells = (0..4).flat_map(|channel| (0..18).map(move |cell| 4 * cell + channel));
        execution.write(x, &cells.map(|k| (0.7 * f64::from(k) + 0.3).sin() as f32).collect::<Vec<_>>())?;
        execution.write(direction, &[0.0, 1.1, 2.2, 3.3].map(|angle: f64| angle.cos() as f32))?;
        execution.run_once(phase, &[])?;
        let mean = execution.read(score)?.iter().map(|&score| f64::from(score)).sum::<f64>() / 18.0;
        let near = |mean: f64| (mean - expected).abs() <= 1e-6;
        ensure(near(mean), || format!("power {power}: the mean is {mean}, not {expected}"))?;
        ensure(!near(mean + 3e-6), || format!("power {power}: a wrong mean passes"))?;
    }
    Ok(())
}

/// By central differences in `f64`: the value changes along any way as the gradient says. Cells within 1e-6 of the cosine
/// from which powers count would show as far more.
fn a_direction_has_this_slope() -> Result<(), Failed> {
    for power in [0, 1, 2, 5] {
        let Aligned { plan, phase, x, direction, score, dx } = Aligned::new(Shape::new(7, 9, 8), power);
        let mut random = Random::named("a direction");
        let mut draw = |count: usize| (0..count).map(|_| f64::from(random.unit())).collect::<Vec<f64>>();
        let (cells, way, along) = (draw(x.shape.len()), draw(x.shape.len()), draw(7));
        let value = |away: f64| {
            let mut memory = Memory::separate(&plan);
            memory.write(x, cells.iter().zip(&way).map(|(cell, by)| cell + away * by));
            memory.write(direction, along.iter().copied());
            for step in &plan.phases[phase.index()].steps {
                oracle::run(step, &mut memory, &nothing(), Turn::default());
            }
            (memory.read(score).iter().sum::<f64>() / 72.0, memory)
        };
        let slope: f64 = value(0.0).1.read(dx).iter().zip(&way).map(|(a, b)| a * b).sum();
        let tiny = 1e-6;
        let rise = (value(tiny).0 - value(-tiny).0) / (2.0 * tiny);
        // The factor of the mean is rounded to f32.
        ensure((rise - slope).abs() <= 1e-6 * slope.abs().max(0.1), || {
            format!("power {power}: it rises by {rise}, and the slope is {slope}")
        })?;
        ensure((rise - 1.001 * slope).abs() > 1e-6 * slope.abs().max(0.1), || {
            format!("power {power}: a wrong slope passes")
        })?;
    }
    Ok(())
}

//! The parts of an iteration can be replaced: a sight and a variable from outside, in the loop that dreams have.

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::{Machine, Next, Turn};
use puppyslug::net::Weights;
use puppyslug::plan::dream::{DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::iteration::sight::Sight;
use puppyslug::plan::iteration::variable::Variable;
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::{Builder, Gradient, Step, View, step};
use testkit::{Random, Trial, on_each_machine, relative_distance, small_weights};

const SIZE: Extent = Extent::new(24, 20);
/// Numbers of what the host gives.
const FIELD: usize = 70;
const SHARES: usize = 71;

pub(crate) fn trials() -> Vec<Trial> {
    let sight = on_each_machine("another sight", another_sight);
    sight.into_iter().chain(on_each_machine("another variable", another_variable)).collect()
}

/// The picture through a field of coordinates.
#[derive(Debug)]
struct Warped;

impl Sight for Warped {
    fn see(&self, builder: &mut Builder, picture: View) -> (Vec<Step>, View) {
        let field = builder.given(FIELD, picture.shape.with_channels(2));
        let y = builder.buffer("warped picture", picture.shape);
        (vec![step::Warp { x: picture, field, y }.into()], y)
    }

    fn look_back(
        &self,
        builder: &mut Builder,
        picture: View,
        _seen: View,
        dy: View,
    ) -> (Vec<Step>, View, View) {
        let shares = builder.given(SHARES, step::WarpGradient::shares_shape(picture.shape, dy.shape));
        let view = builder.buffer("gradient of the picture", picture.shape);
        let dx = Gradient { view, mask: None, add: false };
        (vec![step::WarpGradient { dy, shares, dx }.into()], view, picture)
    }
}

/// Half of each pixel: the picture is twice the cells.
#[derive(Debug)]
struct Halves;

impl Variable for Halves {
    fn cells(&self, builder: &mut Builder, picture: View) -> View {
        builder.buffer("halves", picture.shape)
    }

    fn enter(&self, picture: View, cells: View) -> Vec<Step> {
        let halve = step::Affine { x: cells, scale: 0.5, offset: 0.0 };
        vec![step::Resize { x: picture, y: cells, base: None }.into(), halve.into()]
    }

    fn show(&self, _: &mut Builder, cells: View, picture: View) -> Vec<Step> {
        let double = step::Affine { x: picture, scale: 2.0, offset: 0.0 };
        vec![step::Resize { x: cells, y: picture, base: None }.into(), double.into()]
    }

    fn pull_back(&self, _: &mut Builder, _: View, _: View, dx: View) -> (Vec<Step>, View) {
        (vec![step::Affine { x: dx, scale: 2.0, offset: 0.0 }.into()], dx)
    }
}

/// A dream of one octave and three turns without jitter, through a field of which cell `(row, column)` is shown where.
fn dream(
    machine: &dyn Machine,
    iteration: Iteration<'static>,
    step: f32,
    place: impl Fn(usize, usize) -> (usize, usize),
) -> Result<Vec<f32>, Failed> {
    let weights: Weights = small_weights();
    let layer = weights.network().find("b/output").expect("a layer of the small network");
    let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
    let octaves = vec![OctaveSettings::plain(SIZE, vec![target], step)];
    let bounds = [(-128.0, 128.0); 3];
    let settings = DreamSettings { octaves, bounds, masks: 0, moving: false, carried: false, iteration };
    let plan = plan_dream(weights.network(), &settings).expect("large enough");
    let mut execution = machine.load(&plan.plan, &weights)?;
    let shape = plan.input.shape;
    let cells = (0..SIZE.height).flat_map(|row| (0..SIZE.width).map(move |column| (row, column)));
    let places: Vec<(usize, usize)> = cells.map(|(row, column)| place(row, column)).collect();
    let rows = places.iter().map(|&(row, _)| row as f32);
    let field: Vec<f32> = rows.chain(places.iter().map(|&(_, column)| column as f32)).collect();
    for &(number, view) in &plan.plan.given {
        match number {
            FIELD => execution.write(view, &field)?,
            _ => execution.write(view, &step::WarpGradient::list_shares(&field, shape, shape))?,
        }
    }
    let picture = Random::named("a picture").fill(shape.len(), |random| 50.0 * random.unit());
    execution.write(plan.input, &picture)?;
    execution.run_once(plan.bases, &[])?;
    let octave = plan.octaves[0];
    execution.run_once(octave.enter, &[])?;
    execution.run(octave.climb, &[Turn::default(); 3], plan.report, octave.picture, &mut |_| Next::Go)?;
    Ok(execution.read(plan.output)?)
}

fn ensure(holds: bool, complaint: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint.into()) }
}

fn another_sight(machine: &dyn Machine) -> Result<(), Failed> {
    let plain = dream(machine, Iteration::default(), 1.5, |row, column| (row, column))?;
    let warped = |place: fn(usize, usize) -> (usize, usize)| {
        dream(machine, Iteration { sight: &Warped, ..Iteration::default() }, 1.5, place)
    };
    // Through a field that changes nothing it is the same dream: every weight is 1 or 0.
    ensure(warped(|row, column| (row, column))? == plain, "an idle field changes the dream")?;
    let mirrored = warped(|row, column| (row, SIZE.width - 1 - column))?;
    ensure(relative_distance(&mirrored, &plain) > 1e-3, "a mirror changes nothing")
}

fn another_variable(machine: &dyn Machine) -> Result<(), Failed> {
    let idle = |row, column| (row, column);
    let plain = dream(machine, Iteration::default(), 2.0, idle)?;
    let halves = |step| dream(machine, Iteration { variable: &Halves, ..Iteration::default() }, step, idle);
    // A step of half the length in halves is the same step: doubling and halving are exact, and so is the rest but for
    // the order in which a gradient is divided by its mean and multiplied by a step.
    let same = relative_distance(&halves(1.0)?, &plain);
    ensure(same < 1e-5, &format!("half a step in halves is {same:e} away"))?;
    let longer = relative_distance(&halves(1.5)?, &plain);
    ensure(longer > 1e-3, "a longer step is the same")
}

//! A warp and its gradient as what they are to each other: `<A x, y> = <x, A' y>`, on every machine and in the oracle.

use libtest_mimic::Failed;
use puppyslug::machine::{Execution, Jitter, Machine};
use puppyslug::net::{Network, Shape, Weights};
use puppyslug::plan::step::{Warp, WarpGradient};
use puppyslug::plan::{Builder, Gradient, PhaseId, Plan, View};
use testkit::oracle::{self, EPSILON, Memory};
use testkit::{Random, Trial, on_each_machine};

use super::inputs::field;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("a warp's gradient is its transpose, in the oracle", in_the_oracle)];
    trials.extend(on_each_machine("a warp's gradient is its transpose", on_a_machine));
    trials.extend(on_each_machine("a warp that goes nowhere changes nothing", nowhere));
    trials.extend(on_each_machine("a warp by whole cells is a shift", by_whole_cells));
    trials
}

/// A warp and its transpose.
struct Pair {
    plan: Plan,
    phase: PhaseId,
    x: View,
    field: View,
    y: View,
    dy: View,
    shares: View,
    dx: View,
}

impl Pair {
    fn new(input: Shape, output: Shape) -> Self {
        let mut builder = Builder::new();
        let mut kept = |label: &str, shape: Shape| {
            let view = builder.buffer(label, shape);
            builder.keep(view);
            view
        };
        let (x, dx) = (kept("x", input), kept("dx", input));
        let (y, dy) = (kept("y", output), kept("dy", output));
        let field = kept("field", output.with_channels(2));
        let shares = kept("shares", WarpGradient::shares_shape(input, output));
        let back = WarpGradient { dy, shares, dx: Gradient::whole(dx) };
        let phase = builder.phase("both", vec![Warp { x, field, y }.into(), back.into()]);
        Self { plan: builder.finish(), phase, x, field, y, dy, shares, dx }
    }

    /// What both make of random cells.
    fn cells(&self, places: &[f32]) -> Cells {
        let mut random = Random::named("a pair");
        let [x, dy] = [self.x, self.dy].map(|view| random.fill(view.shape.len(), Random::mixed));
        let shares = WarpGradient::list_shares(places, self.x.shape, self.y.shape);
        Cells { x, dy, places: places.to_vec(), shares }
    }

    fn run(&self, machine: &dyn Machine, cells: &Cells) -> Result<(Vec<f32>, Vec<f32>), Failed> {
        let none = Weights::from_filters(Network::new(), Default::default());
        let mut execution: Box<dyn Execution> = machine.load(&self.plan, &none)?;
        execution.write(self.x, &cells.x)?;
        execution.write(self.dy, &cells.dy)?;
        execution.write(self.field, &cells.places)?;
        execution.write(self.shares, &cells.shares)?;
        execution.run_once(self.phase, &[])?;
        Ok((execution.read(self.y)?, execution.read(self.dx)?))
    }
}

/// What they read.
struct Cells {
    x: Vec<f32>,
    dy: Vec<f32>,
    places: Vec<f32>,
    shares: Vec<f32>,
}

fn product(a: impl IntoIterator<Item = f64>, b: &[f32]) -> f64 {
    a.into_iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum()
}

const INPUT: Shape = Shape { channels: 3, height: 11, width: 17 };
const OUTPUT: Shape = Shape { channels: 3, height: 14, width: 9 };

/// Both products are sums of the same terms `weight * x * y`, the weights of which round three times in each, and the
/// terms and the sums of four or so of them on a machine: ten roundings, each of its own term.
fn judge(forward: f64, back: f64, size: f64) -> Result<(), Failed> {
    match (forward - back).abs() <= 10.0 * EPSILON * size {
        true => Ok(()),
        false => Err(format!("<Ax, y> = {forward:e}, <x, A'y> = {back:e}").into()),
    }
}

/// The sum of all terms' sizes at most: weights add up to 1 for each cell of the output.
fn size(cells: &Cells) -> f64 {
    let largest = cells.x.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    f64::from(largest) * cells.dy.iter().map(|dy| f64::from(dy.abs())).sum::<f64>()
}

fn in_the_oracle() -> Result<(), Failed> {
    let pair = Pair::new(INPUT, OUTPUT);
    let cells = pair.cells(&field(INPUT, OUTPUT, &mut Random::named("places")));
    let none = Weights::from_filters(Network::new(), Default::default());
    let mut memory = Memory::separate(&pair.plan);
    for (view, cells) in
        [(pair.x, &cells.x), (pair.dy, &cells.dy), (pair.field, &cells.places), (pair.shares, &cells.shares)]
    {
        memory.write(view, cells.iter().copied().map(f64::from));
    }
    memory.write(pair.dx, vec![0.0; pair.dx.shape.len()]);
    pair.plan.steps().for_each(|step| drop(oracle::run(step, &mut memory, &none, Jitter::default())));
    let forward = product(memory.read(pair.y).iter().copied(), &cells.dy);
    let back = product(memory.read(pair.dx).iter().copied(), &cells.x);
    judge(forward, back, size(&cells))?;
    // The gradient is a slope: along a cell of the input, which a warp follows in a straight line.
    let cell = pair.x.shape.len() / 2;
    let slope = memory.read(pair.dx)[cell];
    let mut moved = cells.x.clone();
    moved[cell] += 1.0;
    memory.write(pair.x, moved.iter().copied().map(f64::from));
    pair.plan.steps().for_each(|step| drop(oracle::run(step, &mut memory, &none, Jitter::default())));
    let risen = product(memory.read(pair.y).iter().copied(), &cells.dy) - forward;
    judge(risen, slope, size(&cells))?;
    match judge(risen, slope + 1e-3, size(&cells)) {
        Ok(()) => Err("a wrong slope was not noticed".into()),
        Err(_) => Ok(()),
    }
}

fn on_a_machine(machine: &dyn Machine) -> Result<(), Failed> {
    let pair = Pair::new(INPUT, OUTPUT);
    let cells = pair.cells(&field(INPUT, OUTPUT, &mut Random::named("places")));
    let (y, dx) = pair.run(machine, &cells)?;
    let [forward, back] = [(&y, &cells.dy), (&dx, &cells.x)]
        .map(|(found, with)| product(found.iter().copied().map(f64::from), with));
    judge(forward, back, size(&cells))?;
    // Transposed by another field, it is not.
    let other = pair.cells(&field(INPUT, OUTPUT, &mut Random::named("other places")));
    let (_, dx) = pair.run(machine, &other)?;
    match judge(forward, product(dx.into_iter().map(f64::from), &cells.x), size(&cells)) {
        Ok(()) => Err("another field's transpose was not noticed".into()),
        Err(_) => Ok(()),
    }
}

/// The place of each cell, moved.
fn places(shape: Shape, down: f32, right: f32) -> Vec<f32> {
    let rows = (0..shape.plane()).map(|cell| (cell / shape.width) as f32 - down);
    let columns = (0..shape.plane()).map(|cell| (cell % shape.width) as f32 - right);
    rows.chain(columns).collect()
}

fn nowhere(machine: &dyn Machine) -> Result<(), Failed> {
    let pair = Pair::new(INPUT, INPUT);
    let cells = pair.cells(&places(INPUT, 0.0, 0.0));
    let (y, dx) = pair.run(machine, &cells)?;
    ensure(y == cells.x && dx == cells.dy, "a warp that goes nowhere changes something")
}

/// As a roll, but for what comes in at the edges.
fn by_whole_cells(machine: &dyn Machine) -> Result<(), Failed> {
    let (down, right) = (2, -3);
    let pair = Pair::new(INPUT, INPUT);
    let cells = pair.cells(&places(INPUT, down as f32, right as f32));
    let (y, _) = pair.run(machine, &cells)?;
    let expected = |cell: usize| {
        let (channel, row, column) =
            (cell / INPUT.plane(), cell / INPUT.width % INPUT.height, cell % INPUT.width);
        let inside = |at: i32, size: usize| at.clamp(0, size as i32 - 1) as usize;
        let from = (inside(row as i32 - down, INPUT.height), inside(column as i32 - right, INPUT.width));
        cells.x[(channel * INPUT.height + from.0) * INPUT.width + from.1]
    };
    let expected: Vec<f32> = (0..INPUT.len()).map(expected).collect();
    ensure(y == expected && y != cells.x, "a warp by whole cells is another shift")
}

fn ensure(holds: bool, complaint: &str) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint.into()) }
}

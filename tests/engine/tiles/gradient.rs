//! The gradient of a whole picture, put together from tiles.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::dream::tiles::{Canvas, Mosaic, TileMode, TiledOctave, Tiler, plan};
use puppyslug::extent::Extent;
use puppyslug::machine::{Jitter, Machine};
use puppyslug::net::{Network, Op, Shape, Weights, Window};
use puppyslug::plan::network::{Aim, Given, Target};
use puppyslug::plan::probe::plan_probe;
use puppyslug::plan::{Builder, step};
use testkit::{GRADIENT, Random, Trial, on_each_machine, random_weights, relative_distance, small_weights};

/// What must be so on a machine.
type Promise = fn(&dyn Machine) -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 7] = [
        ("exact tiles have the gradient of the whole to the bit", exact_is_the_same_bits),
        ("exact tiles climb whatever the whole climbs", every_aim),
        ("tiles of every padding rule", every_padding_rule),
        ("a halo that is one step too small is noticed", a_smaller_halo_is_noticed),
        ("fast tiles are each a picture of its own", fast_is_a_partition),
        ("tiles see the shifted picture", the_jitter_is_seen),
        ("a break ends the tiles", a_break_ends_the_tiles),
    ];
    tests.into_iter().flat_map(|(name, test)| on_each_machine(name, test)).collect()
}

/// A picture in tiles, and all it takes to climb it.
struct Subject {
    weights: Weights,
    size: Extent,
    targets: Vec<Target>,
    picture: Vec<f32>,
    jitter: Jitter,
}

/// What came of it.
struct Climbed {
    gradient: Vec<f32>,
    value: f32,
}

impl Subject {
    fn new(weights: Weights, size: Extent, aims: &[(&str, Aim)]) -> Self {
        let target = |&(name, aim): &(&str, Aim)| Target {
            layer: weights.network().find(name).expect("a layer of the network"),
            aim,
            weight: 0.75,
        };
        let targets = aims.iter().map(target).collect();
        let cells = 3 * size.plane();
        let picture = Random::named("a picture in tiles").fill(cells, |random| 100.0 * random.unit());
        Self { weights, size, targets, picture, jitter: Jitter::default() }
    }

    fn small(size: Extent, aims: &[(&str, Aim)]) -> Self {
        Self::new(small_weights(), size, aims)
    }

    /// Some directions to be like.
    fn given(&self) -> Vec<Vec<f32>> {
        let channels = self.weights.network()[self.targets[0].layer].channels;
        vec![Random::named("directions").fill(3 * channels, Random::unit)]
    }

    fn tiles(&self, largest: usize, mode: TileMode) -> TiledOctave {
        TiledOctave::new(self.weights.network(), self.size, vec![self.targets.clone()], largest, mode)
            .expect("large enough tiles")
    }

    fn whole(&self, machine: &dyn Machine) -> Result<Climbed, Failed> {
        let probe = plan_probe(self.weights.network(), self.size, &[], &self.targets)?;
        let mut execution = machine.load(&probe.plan, &self.weights)?;
        for &(number, view) in &probe.plan.given {
            execution.write(view, &self.given()[number][..view.shape.len()])?;
        }
        execution.write(probe.input, &self.rolled())?;
        execution.run_once(probe.phase, &[])?;
        let gradient = execution.read(probe.gradient.expect("there is a target"))?;
        Ok(Climbed { gradient, value: execution.read(probe.value)?[0] })
    }

    /// The picture as the jitter shifts it.
    fn rolled(&self) -> Vec<f32> {
        let Extent { height, width } = self.size;
        let from = |at: usize, by: i32, size: usize| (at as i32 - by).rem_euclid(size as i32) as usize;
        let mut rolled = Vec::new();
        for channel in 0..3 {
            for row in 0..height {
                let row = channel * height + from(row, self.jitter.down, height);
                rolled.extend(
                    (0..width).map(|at| self.picture[row * width + from(at, self.jitter.right, width)]),
                );
            }
        }
        rolled
    }

    fn tiled(&self, machine: &dyn Machine, octave: &TiledOctave) -> Result<Climbed, Failed> {
        let octaves = std::slice::from_ref(octave);
        let plan = plan(self.weights.network(), octaves, false)?;
        let columns = |(number, view): &(usize, puppyslug::plan::View)| {
            self.given()[*number][..view.shape.len()].to_vec()
        };
        let given: Vec<Vec<f32>> = plan.plan.given.iter().map(columns).collect();
        let mut tiler = Tiler::load(machine, &self.weights, octaves, &plan, &given)?;

        let mut builder = Builder::new();
        let shape = Shape::of(3, self.size);
        let [picture, gradient] = ["picture", "gradient"].map(|label| builder.buffer(label, shape));
        builder.keep(picture);
        builder.keep(gradient);
        builder.phase("none", vec![step::Relu { x: picture, y: gradient }.into()]);
        let mut execution = Cpu::new().load(&builder.finish(), &self.weights)?;
        execution.write(picture, &self.picture)?;
        execution.write(gradient, &vec![f32::NAN; shape.len()])?;
        let mut canvas = Canvas { execution: &mut *execution, picture, gradients: &[gradient] };
        let mut done = 0;
        let values = tiler.run(0, &mut canvas, self.jitter, &[], &mut |count| {
            done += 1;
            assert_eq!(count, done, "tiles are counted one by one");
            ControlFlow::Continue(())
        })?;
        assert_eq!(done, octave.mosaic.tiles());
        let value = values.expect("nobody stopped it")[0];
        Ok(Climbed { gradient: execution.read(gradient)?, value })
    }

    /// Both, in exact tiles of at most so many pixels.
    fn both(&self, machine: &dyn Machine, largest: usize) -> Result<(Climbed, Climbed), Failed> {
        let octave = self.tiles(largest, TileMode::Exact);
        if octave.mosaic.tiles() < 2 {
            return Err("one tile proves nothing".into());
        }
        Ok((self.whole(machine)?, self.tiled(machine, &octave)?))
    }
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter().map(|cell| cell.to_bits()).eq(b.iter().map(|cell| cell.to_bits()))
}

/// Values are sums over the same cells in another order; they may cancel to a tenth of their terms.
fn check_value(whole: f32, tiled: f32) -> Result<(), Failed> {
    match (whole - tiled).abs() <= 1e-5 * whole.abs() {
        true => Ok(()),
        false => Err(format!("the whole's value is {whole}, the tiles' {tiled}").into()),
    }
}

/// Odd sizes, long and narrow ones, and a last core of a single pixel.
fn exact_is_the_same_bits(machine: &dyn Machine) -> Result<(), Failed> {
    for (height, width, largest) in [(203, 181, 160), (150, 400, 176), (161, 40, 160), (129, 193, 152)] {
        let size = Extent { height, width };
        for layer in ["b/output", "a/3x3", "norm1"] {
            let (whole, tiled) = Subject::small(size, &[(layer, Aim::HalfSquares)]).both(machine, largest)?;
            if !same_bits(&whole.gradient, &tiled.gradient) {
                let far = relative_distance(&tiled.gradient, &whole.gradient);
                return Err(format!("{size:?} in {largest}, {layer}: {far:e} apart").into());
            }
            check_value(whole.value, tiled.value)?;
        }
    }
    Ok(())
}

fn every_aim(machine: &dyn Machine) -> Result<(), Failed> {
    let given = |columns| Given { number: 0, columns };
    let aims: [&[(&str, Aim)]; 8] = [
        &[("b/output", Aim::Channel(3))],
        &[("b/output", Aim::Neuron(2, None))],
        &[("b/output", Aim::Neuron(2, Some((24, 0))))],
        &[("b/output", Aim::Guide(given(3)))],
        &[("b/output", Aim::Direction(given(1)))],
        &[("b/output", Aim::Aligned(given(1), 2))],
        &[
            ("b/3x3", Aim::HalfSquares),
            ("a/output", Aim::Channel(1)),
            ("b/3x3", Aim::Neuron(0, Some((9, 9)))),
        ],
        &[("pool1", Aim::Neuron(1, Some((0, 44))))],
    ];
    for aims in aims {
        let (whole, tiled) = Subject::small(Extent::new(203, 181), aims).both(machine, 160)?;
        // A mean's scale may be rounded once more.
        let far = relative_distance(&tiled.gradient, &whole.gradient);
        if far.is_nan() || far > GRADIENT {
            return Err(format!("{aims:?}: {far:e} apart").into());
        }
        check_value(whole.value, tiled.value)
            .map_err(|error| format!("{aims:?}: {}", error.message().unwrap_or("")))?;
    }
    Ok(())
}

/// TensorFlow's padding depends on the size of the picture; torchvision has a pool without overlap.
fn every_padding_rule(machine: &dyn Machine) -> Result<(), Failed> {
    for (window, pool) in
        [(Window::same(7, 2), Window::same(3, 2)), (Window::new(7, 2, 0), Window::new(2, 2, 0))]
    {
        let mut network = Network::new();
        let mut x = network.push("data", Op::Input { channels: 3 }, &[]);
        for (name, op) in [
            ("conv1", Op::Conv { window, channels: 5 }),
            ("pool1", Op::MaxPool(pool)),
            ("conv2", Op::Conv { window: Window::same(3, 1), channels: 4 }),
            ("relu2", Op::Relu),
            ("pool2", Op::MaxPool(pool)),
        ] {
            x = network.push(name, op, &[x]);
        }
        let weights = random_weights("padding", network);
        for (height, width) in [(96, 97), (98, 99), (101, 64)] {
            let size = Extent { height, width };
            let subject = Subject::new(weights.clone(), size, &[("pool2", Aim::HalfSquares)]);
            let (whole, tiled) = subject.both(machine, 96)?;
            if !same_bits(&whole.gradient, &tiled.gradient) {
                return Err(format!("{window:?} over {size:?}").into());
            }
        }
    }
    Ok(())
}

/// Windows that begin one stride later than they should miss at least a pixel that bears on the core. Without
/// maxima, every pixel bears on every cell that sees it.
fn a_smaller_halo_is_noticed(machine: &dyn Machine) -> Result<(), Failed> {
    let mut network = Network::new();
    let mut x = network.push("data", Op::Input { channels: 3 }, &[]);
    for (name, window) in
        [("conv1", Window::new(7, 2, 3)), ("conv2", Window::new(5, 2, 2)), ("conv3", Window::new(3, 1, 1))]
    {
        x = network.push(name, Op::Conv { window, channels: 4 }, &[x]);
    }
    let weights = random_weights("linear", network);
    let subject = Subject::new(weights, Extent::new(24, 301), &[("conv3", Aim::HalfSquares)]);
    let whole = subject.whole(machine)?;
    let mut octave = subject.tiles(128, TileMode::Exact);
    if !same_bits(&whole.gradient, &subject.tiled(machine, &octave)?.gradient) {
        return Err("the halo as it is".into());
    }
    let Mosaic { columns, .. } = &mut octave.mosaic;
    // Windows begin at every second cell of the target's map, whose stride is 4.
    columns.side -= 8;
    for span in columns.spans.iter_mut().filter(|span| span.start > 0) {
        span.start += 8;
    }
    let tiled = subject.tiled(machine, &octave)?;
    match same_bits(&whole.gradient, &tiled.gradient) {
        true => Err("the halo could be smaller".into()),
        false => Ok(()),
    }
}

fn fast_is_a_partition(machine: &dyn Machine) -> Result<(), Failed> {
    let subject = Subject::small(Extent::new(96, 200), &[("b/output", Aim::HalfSquares)]);
    let octave = subject.tiles(104, TileMode::Fast);
    let tiled = subject.tiled(machine, &octave)?;
    let window = octave.mosaic.window();
    if (octave.mosaic.tiles(), window) != (2, Extent::new(96, 104)) {
        return Err(format!("{:?}", octave.mosaic).into());
    }
    for span in &octave.mosaic.columns.spans {
        let cut = |row: &[f32], start: usize, count: usize| row[start..start + count].to_vec();
        let rows = |cells: &[f32], start, count| -> Vec<f32> {
            cells.chunks_exact(200).flat_map(|row| cut(row, start, count)).collect()
        };
        let alone = Subject {
            size: window,
            picture: rows(&subject.picture, span.start, window.width),
            ..Subject::small(window, &[("b/output", Aim::HalfSquares)])
        };
        let alone = alone.whole(machine)?;
        let core = |cells: &[f32]| -> Vec<f32> {
            let skipped = span.core.start - span.start;
            cells.chunks_exact(window.width).flat_map(|row| cut(row, skipped, span.core.len())).collect()
        };
        let found = rows(&tiled.gradient, span.core.start, span.core.len());
        if !same_bits(&core(&alone.gradient), &found) {
            return Err(format!("{span:?}").into());
        }
    }
    Ok(())
}

fn the_jitter_is_seen(machine: &dyn Machine) -> Result<(), Failed> {
    let jitter = Jitter { down: -37, right: 190 };
    let subject =
        Subject { jitter, ..Subject::small(Extent::new(203, 181), &[("b/output", Aim::HalfSquares)]) };
    let (whole, tiled) = subject.both(machine, 160)?;
    let still = Subject { jitter: Jitter::default(), ..subject }.both(machine, 160)?.1;
    match (same_bits(&whole.gradient, &tiled.gradient), same_bits(&tiled.gradient, &still.gradient)) {
        (true, false) => Ok(()),
        outcome => Err(format!("{outcome:?}").into()),
    }
}

/// Every class in every tile; the value is their mean.
fn a_break_ends_the_tiles(machine: &dyn Machine) -> Result<(), Failed> {
    let subject = Subject::small(Extent::new(96, 200), &[("classifier", Aim::Neuron(2, None))]);
    let octave = subject.tiles(104, TileMode::Fast);
    let climbed = subject.tiled(machine, &octave)?;
    if !climbed.value.is_finite() || climbed.gradient.iter().any(|cell| cell.is_nan()) {
        return Err("a tile was left out".into());
    }
    let plan = plan(subject.weights.network(), std::slice::from_ref(&octave), false)?;
    let mut tiler = Tiler::load(machine, &subject.weights, std::slice::from_ref(&octave), &plan, &[])?;
    let mut builder = Builder::new();
    let shape = Shape::new(3, 96, 200);
    let [picture, gradient] = ["picture", "gradient"].map(|label| builder.buffer(label, shape));
    builder.phase("none", vec![step::Relu { x: picture, y: gradient }.into()]);
    let mut execution = Cpu::new().load(&builder.finish(), &subject.weights)?;
    let mut canvas = Canvas { execution: &mut *execution, picture, gradients: &[gradient] };
    let values = tiler.run(0, &mut canvas, Jitter::default(), &[], &mut |_| ControlFlow::Break(()))?;
    match values {
        None => Ok(()),
        Some(values) => Err(format!("ran to the end: {values:?}").into()),
    }
}

//! What is linear: the spectrum against numbers of NumPy, and transposes that are some.

use libtest_mimic::Failed;
use puppyslug::extent::Extent;
use puppyslug::machine::Machine;
use puppyslug::net::{Network, Shape, Weights};
use puppyslug::plan::spectrum::Spectrum;
use puppyslug::plan::step::{DftColumns, DftRows, DftRowsGradient, Transform, TransformGradient};
use puppyslug::plan::{Builder, Number, PhaseId, Plan, Step, View};
use testkit::{Random, Trial, on_each_machine};

use super::ensure;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = on_each_machine("a spectrum makes NumPy's picture", numpys_picture);
    trials.extend(on_each_machine("gradients are transposes", transposes));
    trials
}

/// A spectrum, its picture and the way back, in a plan.
struct Both {
    plan: Plan,
    phase: PhaseId,
    x: View,
    y: View,
    dy: View,
    dx: View,
    tables: [(View, Vec<f32>); 3],
}

impl Both {
    fn new(size: Extent, channels: usize) -> Self {
        let spectrum = Spectrum::of(size);
        let cells = spectrum.cells().with_channels(channels);
        let mut builder = Builder::new();
        let mut kept = |shape: Shape| {
            let view = builder.buffer("map", shape);
            builder.keep(view);
            view
        };
        let (x, dx, between, back_between) = (kept(cells), kept(cells), kept(cells), kept(cells));
        let picture = Shape::of(channels, size);
        let (y, dy) = (kept(picture), kept(picture));
        let scale = kept(Shape::new(1, size.height, cells.width));
        let down = kept(Shape::new(2, 1, size.height));
        let along = kept(Shape::new(2, 1, spectrum.length()));
        let steps: Vec<Step> = vec![
            DftColumns { x, scale, waves: down, y: between, back: false }.into(),
            DftRows { x: between, waves: along, y }.into(),
            DftRowsGradient { dy, waves: along, dx: back_between }.into(),
            DftColumns { x: back_between, scale, waves: down, y: dx, back: true }.into(),
        ];
        let phase = builder.phase("both", steps);
        let tables =
            [(scale, spectrum.scale()), (down, spectrum.column_waves()), (along, spectrum.row_waves())];
        Self { plan: builder.finish(), phase, x, y, dy, dx, tables }
    }

    /// The picture of a spectrum, and the spectrum of a picture's gradient.
    fn run(&self, machine: &dyn Machine, x: &[f32], dy: &[f32]) -> Result<[Vec<f32>; 2], Failed> {
        let mut execution = machine.load(&self.plan, &nothing())?;
        for (view, cells) in &self.tables {
            execution.write(*view, cells)?;
        }
        execution.write(self.x, x)?;
        execution.write(self.dy, dy)?;
        execution.run_once(self.phase, &[])?;
        Ok([execution.read(self.y)?, execution.read(self.dx)?])
    }
}

fn nothing() -> Weights {
    Weights::from_filters(Network::new(), Default::default())
}

/// To 1e-6 of the whole's size: sums of 64 terms, each with a handful of roundings to 6e-8.
fn near(what: &str, found: f64, expected: f64, size: f64) -> Result<(), Failed> {
    ensure((found - expected).abs() <= 1e-6 * size, || format!("{what} is {found}, not {expected}"))
}

/// What `irfft2(scale (sin k + i cos k)) / 4` is in NumPy, and the gradient of its sum with `cos k`, at [2, 1].
struct Numbers {
    size: Extent,
    norm: f64,
    loss: Option<f64>,
    gradient: [f64; 2],
}

const NUMPY: [Numbers; 3] = [
    Numbers {
        size: Extent::new(8, 8),
        norm: 6.748_028_467_940_363,
        loss: Some(-3.251_626_206_848_804),
        gradient: [1.841_744_622_973_477, 5.743_786_915_463_675],
    },
    Numbers {
        size: Extent::new(6, 8),
        norm: 5.398_816_173_649_64,
        loss: None,
        gradient: [3.486_452_037_103_443, -0.668_912_587_735_413_7],
    },
    Numbers {
        size: Extent::new(8, 7),
        norm: 5.838_349_453_662_649,
        loss: None,
        gradient: [0.294_979_539_539_253_15, 0.303_482_237_880_580_1],
    },
];

fn numpys_picture(machine: &dyn Machine) -> Result<(), Failed> {
    for Numbers { size, norm, loss, gradient } in NUMPY {
        let both = Both::new(size, 1);
        let half = both.x.shape.len() / 2;
        let waves = |of: fn(f64) -> f64, count: usize| (0..count).map(move |k| of(k as f64) as f32);
        let x: Vec<f32> = waves(f64::sin, half).chain(waves(f64::cos, half)).collect();
        let dy: Vec<f32> = waves(f64::cos, both.dy.shape.len()).collect();
        let [y, dx] = both.run(machine, &x, &dy)?;
        let sum = |pairs: &mut dyn Iterator<Item = (&f32, &f32)>| {
            pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
        };
        near("the norm", sum(&mut y.iter().zip(&y)).sqrt(), norm, norm)?;
        if let Some(loss) = loss {
            near("the sum with a wave", sum(&mut y.iter().zip(&dy)), loss, norm * (y.len() as f64).sqrt())?;
        }
        let largest = dx.iter().fold(0.0f32, |most, cell| most.max(cell.abs()));
        let at = 2 * both.x.shape.width + 1;
        for (part, expected) in gradient.into_iter().enumerate() {
            near("a gradient", f64::from(dx[part * half + at]), expected, f64::from(largest))?;
        }
        if size == Extent::square(8) {
            let row = [-0.035_020_742_554, -1.613_923_174_808, -1.270_225_099_846, -0.295_655_814_645];
            for (&found, expected) in y.iter().zip(row) {
                near("a sample", f64::from(found), expected, 1.7)?;
            }
            let wrong = near("a sample", f64::from(y[0]), row[0] + 3e-6, 1.7);
            ensure(wrong.is_err(), || "a wrong number was not noticed".to_owned())?;
        }
    }
    Ok(())
}

fn product(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn norm(a: &[f32]) -> f64 {
    product(a, a).sqrt()
}

/// `<A x, y> = <x, A' y>`, to 1e-6 of what either may be at most.
fn transposes(machine: &dyn Machine) -> Result<(), Failed> {
    let mut random = Random::named("transposes");
    for size in [(8, 8), (9, 13), (32, 7), (35, 46)].map(|(height, width)| Extent::new(height, width)) {
        let both = Both::new(size, 3);
        let [x, dy] = [both.x, both.dy].map(|view| random.fill(view.shape.len(), Random::mixed));
        let [y, dx] = both.run(machine, &x, &dy)?;
        let (forward, back) = (product(&y, &dy), product(&x, &dx));
        near("a product", forward, back, norm(&y) * norm(&dy))?;
        ensure((forward - 1.01 * back).abs() > 1e-6 * norm(&y) * norm(&dy), || {
            "products so near 0 that a wrong one would pass".to_owned()
        })?;
    }
    for seed in 0..4 {
        let matrix = [0.9 - 0.1 * seed as f32, 0.2, -1.7, -0.3, 1.1, 2.4];
        let (y, dx, x, dy) = transformed(machine, matrix, &mut random)?;
        near("a product", product(&y, &dy), product(&x, &dx), norm(&y) * norm(&dy))?;
    }
    Ok(())
}

type Maps = (Vec<f32>, Vec<f32>, Vec<f32>, Vec<f32>);

fn transformed(machine: &dyn Machine, matrix: [f32; 6], random: &mut Random) -> Result<Maps, Failed> {
    let mut builder = Builder::new();
    let mut kept = |height, width| {
        let view = builder.buffer("map", Shape::new(3, height, width));
        builder.keep(view);
        view
    };
    let (x, dx, y, dy) = (kept(21, 17), kept(21, 17), kept(24, 15), kept(24, 15));
    let matrix = matrix.map(Number::Fixed);
    let there = Transform { x, y, matrix, outside: [0.0; 3] };
    let phase = builder.phase("both", vec![there.into(), TransformGradient { dy, dx, matrix }.into()]);
    let mut execution = machine.load(&builder.finish(), &nothing())?;
    let [seen, back] = [x, dy].map(|view| random.fill(view.shape.len(), Random::mixed));
    execution.write(x, &seen)?;
    execution.write(dy, &back)?;
    execution.run_once(phase, &[])?;
    Ok((execution.read(y)?, execution.read(dx)?, seen, back))
}

//! What a step is given to read.

use puppyslug::net::{PlacedWindow, Shape};
use puppyslug::plan::{Step, View, spectrum, step};
use testkit::Random;

/// Numbers for one of the views that `step` reads: both signs and exact zeros, unless the step needs
/// something else to show what it does.
pub(crate) fn inputs(step: &Step, view: View, random: &mut Random) -> Vec<f32> {
    let count = view.shape.len();
    match step {
        // Few levels, so that most windows have ties, and all negative in every other case, so that a
        // padding of zeros would win.
        Step::MaxPool(_) => {
            let offset = random.below(2) as f32 * 4.0;
            random.fill(count, |random| random.below(3) as f32 - 1.0 - offset)
        }
        Step::MaxPoolGradient(step::MaxPoolGradient { choice, window, dx, .. }) if *choice == view => {
            choices(view, *window, dx.view, random)
        }
        // As large as the network's own values, so that the sum of squares is not lost beside k.
        Step::Lrn(_) => random.fill(count, |random| 200.0 * random.mixed()),
        Step::LrnGradient(step::LrnGradient { x, .. }) if *x == view => {
            random.fill(count, |random| 200.0 * random.mixed())
        }
        Step::Softmax(_) => random.fill(count, |random| 10.0 * random.unit()),
        // Whole numbers and few: products are exact in any order, and most cells have several columns that tie.
        Step::Match(_) => random.fill(count, |random| random.below(5) as f32 - 2.0),
        Step::MatchGradient(step::MatchGradient { guide, choice, .. }) if *choice == view => {
            random.fill(count, |random| random.below(guide.shape.plane()) as f32)
        }
        // Pictures, some of whose cells leave their bounds when they climb.
        Step::Ascend(step::Ascend { x, .. }) if *x == view => {
            random.fill(count, |random| 100.0 * random.unit())
        }
        Step::Ascend(step::Ascend { magnitude, .. }) if *magnitude == view => vec![0.037],
        Step::Smooth(step::Smooth { age, .. }) if *age == view => vec![3.0],
        Step::Variation(step::Variation { x, .. }) if *x == view => {
            random.fill(count, |random| 100.0 * random.mixed())
        }
        // After one turn; squares are not negative.
        Step::Adam(step::Adam { mass, .. }) if *mass == view => vec![0.1, 0.001],
        Step::Adam(step::Adam { second, .. }) if *second == view => {
            random.fill(count, |random| random.mixed().abs())
        }
        // A mean and a deviation, and others instead.
        Step::Level(step::Level { levels, .. }) if *levels == view => vec![0.3, 0.7, -2.5, 1.9],
        Step::Warp(step::Warp { x, field: places, y }) if *places == view => field(x.shape, y.shape, random),
        Step::WarpGradient(step::WarpGradient { dy, shares, dx }) if *shares == view => {
            let places = field(dx.view.shape, dy.shape, random);
            step::WarpGradient::list_shares(&places, dx.view.shape, dy.shape)
        }
        Step::DftColumns(step::DftColumns { waves, .. })
        | Step::DftRows(step::DftRows { waves, .. })
        | Step::DftRowsGradient(step::DftRowsGradient { waves, .. })
            if *waves == view =>
        {
            spectrum::waves(view.shape.width)
        }
        Step::Colour(_) => random.fill(count, |random| 9.0 * random.mixed()),
        // Colours that can be shown, some of them at their ends.
        Step::ColourGradient(step::ColourGradient { y, mean, .. }) if *y == view => {
            let plane = view.shape.plane();
            let levels = random.fill(count, |random| (300.0 * random.unit().abs()).min(255.0));
            levels.into_iter().enumerate().map(|(at, level)| level - mean[at / plane]).collect()
        }
        // The same when rows and columns are exchanged.
        Step::GramGradient(step::GramGradient { slope, .. }) if *slope == view => {
            let (cells, size) = (random.fill(count, Random::mixed), view.shape.channels);
            (0..count).map(|at| cells[at] + cells[at % size * size + at / size]).collect()
        }
        Step::Sample(_)
        | Step::Search(_)
        | Step::Propagate(_)
        | Step::Densify(_)
        | Step::Linearise(_)
        | Step::Relax(_) => flow(step, view, random),
        Step::Judge(_)
        | Step::Explain(_)
        | Step::Settle(_)
        | Step::Follow(_)
        | Step::Compose(_)
        | Step::Meet(_) => carried(step, view, random),
        _ => random.fill(count, Random::mixed),
    }
}

/// Movements, pictures, and what is carried along.
fn carried(step: &Step, view: View, random: &mut Random) -> Vec<f32> {
    let count = view.shape.len();
    let reliable = |random: &mut Random| 255.0 * random.unit().abs();
    match step {
        // Eighths between eighths: products of three of them are exact, and most ways back lead home.
        Step::Judge(step::Judge { flow, .. }) => {
            let sign = if *flow == view { 1.0 } else { -1.0 };
            random.fill(count, |random| sign * (8.0 + random.below(4) as f32) / 8.0)
        }
        Step::Explain(step::Explain { flow, .. }) if *flow == view => random.fill(count, Random::mixed),
        Step::Explain(_) => random.fill(count, |random| 100.0 + 100.0 * random.unit()),
        Step::Settle(step::Settle { flow, .. }) if *flow == view => {
            random.fill(count, |random| 0.5 * random.mixed())
        }
        // What is left is no less than nothing, and explained is about a tenth of it.
        Step::Settle(_) => {
            let explained = random.fill(count / 2, |random| 0.3 * random.unit());
            [explained, random.fill(count / 2, |random| 1.0 + random.unit().abs())].concat()
        }
        // Some places are cells, and some lie far outside.
        Step::Follow(step::Follow { flow, .. }) if *flow == view => random.fill(count, |random| {
            let whole = random.below(15) as f32 - 7.0;
            if random.below(3) == 0 { whole } else { whole + random.unit() }
        }),
        Step::Meet(step::Meet { before, behind, .. }) if [*before, *behind].contains(&view) => {
            random.fill(count, reliable)
        }
        Step::Compose(step::Compose { parts, .. }) if *parts == view => {
            random.fill(count, |random| random.unit().abs())
        }
        _ => random.fill(count, |random| 100.0 * random.mixed()),
    }
}

/// Pictures, movements and equations.
fn flow(step: &Step, view: View, random: &mut Random) -> Vec<f32> {
    let count = view.shape.len();
    let eighths = |random: &mut Random| (random.below(65) as f32 - 32.0) / 8.0;
    match step {
        Step::Sample(step::Sample { flow: Some(flow), .. }) if *flow == view => {
            random.fill(count, |random| 3.0 * random.mixed())
        }
        // Few levels, and places half way between cells at most: samples are quarters below 4, and a fit, which
        // needs 22 bits at most, is exact; so is the choice, and equals are equal.
        Step::Propagate(step::Propagate { x, start, .. }) if [*x, *start].contains(&view) => {
            random.fill(count, |random| (random.below(9) as f32 - 4.0) / 2.0)
        }
        Step::Propagate(_) => random.fill(count, |random| random.below(4) as f32),
        Step::Search(step::Search { x, .. }) | Step::Densify(step::Densify { x, .. }) if *x == view => {
            random.fill(count, |random| 5.0 * random.unit())
        }
        // Whether a place lies in the picture is exact.
        Step::Linearise(step::Linearise { x, .. }) if *x == view => random.fill(count, eighths),
        Step::Relax(step::Relax { system, .. }) if *system == view => equations(view, random),
        Step::Relax(_) => random.fill(count, |random| 3.0 * random.mixed()),
        _ => random.fill(count, |random| 100.0 + 100.0 * random.unit()),
    }
}

/// Equations as [`step::Linearise`] makes them: matrices without a negative eigenvalue, weights that are positive.
fn equations(view: View, random: &mut Random) -> Vec<f32> {
    let plane = view.shape.plane();
    let sides: Vec<[f32; 2]> = (0..plane).map(|_| [4.0 * random.unit(), 4.0 * random.unit()]).collect();
    let product = |a: usize, b: usize| sides.iter().map(move |side| side[a] * side[b]).collect::<Vec<_>>();
    let right = random.fill(2 * plane, |random| 9.0 * random.mixed());
    let smooth = random.fill(2 * plane, |random| 0.5 + 20.0 * random.unit().abs());
    [product(0, 0), product(0, 1), product(1, 1), right, smooth].concat()
}

/// Places in a map of `input`'s size for each cell of `output`: some of them cells, some beyond the edge.
pub(crate) fn field(input: Shape, output: Shape, random: &mut Random) -> Vec<f32> {
    let mut place = |size: usize| {
        let whole = random.below(size + 4) as f32 - 2.0;
        if random.below(4) == 0 { whole } else { whole + 0.5 * random.unit() }
    };
    let rows: Vec<f32> = (0..output.plane()).map(|_| place(input.height)).collect();
    rows.into_iter().chain((0..output.plane()).map(|_| place(input.width))).collect()
}

/// For each window any of the cells it has inside the map.
fn choices(view: View, window: PlacedWindow, map: View, random: &mut Random) -> Vec<f32> {
    let mut choices = Vec::new();
    for _ in 0..view.shape.channels {
        for row in 0..view.shape.height {
            for column in 0..view.shape.width {
                let y = tap(window, window.pad.0, row, map.shape.height, random);
                let x = tap(window, window.pad.1, column, map.shape.width, random);
                choices.push((y * window.kernel + x) as f32);
            }
        }
    }
    choices
}

/// A row (or column) of window `at` that lies inside a map of `size`.
fn tap(window: PlacedWindow, pad: usize, at: usize, size: usize, random: &mut Random) -> usize {
    let start = at * window.stride;
    let first = pad.saturating_sub(start);
    let end = window.kernel.min(size + pad - start);
    first + random.below(end - first)
}

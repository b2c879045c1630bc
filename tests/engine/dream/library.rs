//! What `Dream` promises to programs, on the machine that is always there.

use std::collections::HashMap;
use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::dream::{Config, Dream, DreamError, Dreamed, Found, Octaves, Progress};
use puppyslug::extent::Extent;
use puppyslug::net::{Filter, Weights};
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use puppyslug::plan::network::LowerError;
use testkit::{Trial, relative_distance, small_googlenet, small_weights};

use super::ensure;

const WIDTH: usize = 96;
const HEIGHT: usize = 64;

/// What every dream must keep.
type Promise = fn() -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Promise); 9] = [
        ("the objective rises", the_objective_rises),
        ("a negative weight makes it fall", a_negative_weight_makes_it_fall),
        ("a seed decides every bit", a_seed_decides_every_bit),
        ("transparency is kept", transparency_is_kept),
        ("a stopped dream is a whole picture", a_stopped_dream_is_a_whole_picture),
        ("a dead channel is an error", a_dead_channel_is_an_error),
        ("a flat picture is an error", a_flat_picture_is_an_error),
        ("octaves that are too small are left out", small_octaves_are_left_out),
        ("a neuron keeps its place in every octave", a_neuron_keeps_its_place),
    ];
    tests.into_iter().map(|(name, test)| Trial::test(format!("library: {name}"), test)).collect()
}

fn config() -> Config {
    Config {
        octaves: 2.into(),
        iterations: 4.into(),
        jitter: 0.into(),
        ..Config::for_weights(&Weights::embedded())
    }
}

fn climbing(objective: &str) -> Config {
    Config { objectives: vec![objective.parse().expect("an objective")], ..config() }
}

fn run(
    weights: &Weights,
    picture: &Picture,
    config: &Config,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Dreamed, DreamError> {
    Dream::prepare(&Cpu::new(), weights, picture.extent(), config)?.run(picture, &mut watch)
}

/// The whole dream and what its iterations found.
fn watched(picture: &Picture, config: &Config) -> Result<(Dreamed, Vec<Found>), DreamError> {
    let mut count = 0;
    let dreamed = run(&Weights::embedded(), picture, config, |_| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    assert_eq!(count, dreamed.found.len(), "every iteration is watched and accounted for");
    let found = dreamed.found.clone();
    Ok((dreamed, found))
}

fn the_objective_rises() -> Result<(), Failed> {
    let (dreamed, reports) = watched(&sky(Extent::new(HEIGHT, WIDTH), 7)?, &config())?;
    ensure(dreamed.complete && reports.len() == 8, || "not every iteration was watched".to_owned())?;
    let rises = |octave: &[Found]| octave.windows(2).all(|pair| pair[0].value < pair[1].value);
    ensure(reports.chunks(4).all(rises), || format!("it does not rise: {reports:?}"))
}

fn a_negative_weight_makes_it_fall() -> Result<(), Failed> {
    let layer = Weights::embedded().favourite_layer().to_owned();
    let (_, up) = watched(&sky(Extent::new(HEIGHT, WIDTH), 7)?, &climbing(&format!("l2:{layer}")))?;
    let (_, down) = watched(&sky(Extent::new(HEIGHT, WIDTH), 7)?, &climbing(&format!("l2:{layer}*-1")))?;
    ensure(down[0].value == -up[0].value, || "not the same objective".to_owned())?;
    ensure(down[0].value < down[3].value, || "the weighted sum does not rise".to_owned())
}

fn a_seed_decides_every_bit() -> Result<(), Failed> {
    let picture = sky(Extent::new(HEIGHT, WIDTH), 7)?;
    let with = |seed, jitter: u32| -> Result<Vec<u32>, Failed> {
        let (dreamed, _) = watched(&picture, &Config { seed, jitter: jitter.into(), ..config() })?;
        Ok(dreamed.picture.rgb().iter().map(|sample| sample.to_bits()).collect())
    };
    let first = with(1, 32)?;
    ensure(first == with(1, 32)?, || "the same seed, other bits".to_owned())?;
    ensure(first != with(2, 32)?, || "another seed, the same bits".to_owned())?;
    ensure(with(1, 0)? == with(2, 0)?, || "a seed matters without jitter".to_owned())
}

fn transparency_is_kept() -> Result<(), Failed> {
    let alpha: Vec<u16> = (0..WIDTH * HEIGHT).map(|index| (index * 7 % 65_536) as u16).collect();
    let opaque = sky(Extent::new(HEIGHT, WIDTH), 7)?;
    let clear = opaque.clone().with_alpha(Some(alpha.clone()))?;
    let (dreamed, _) = watched(&clear, &config())?;
    ensure(dreamed.picture.alpha() == Some(&alpha), || "alpha has changed".to_owned())?;
    let (without, _) = watched(&opaque, &config())?;
    ensure(without.picture.alpha().is_none(), || "alpha out of nothing".to_owned())?;
    ensure(without.picture.rgb() == dreamed.picture.rgb(), || "alpha changes colours".to_owned())
}

/// Stopped in the first of three octaves, its detail is carried up to full size.
fn a_stopped_dream_is_a_whole_picture() -> Result<(), Failed> {
    let picture = sky(Extent::new(HEIGHT, WIDTH), 7)?;
    let config = Config { octaves: 3.into(), ..config() };
    let mut seen = Vec::new();
    let dreamed = run(&Weights::embedded(), &picture, &config, |progress| {
        seen.push((progress.octave, progress.iteration));
        if progress.iteration == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    ensure(seen == [(1, 1), (1, 2)], || format!("watched {seen:?}"))?;
    ensure(!dreamed.complete, || "a stopped dream calls itself complete".to_owned())?;
    let size = (dreamed.picture.width(), dreamed.picture.height());
    ensure(size == (WIDTH, HEIGHT), || format!("the picture is {size:?}"))?;
    // Two steps of 1.5 gray levels in the mean, and a bilinear enlargement keeps about half of that.
    let moved = dreamed.picture.rgb().iter().zip(picture.rgb()).map(|(a, b)| (a - b).abs());
    let mean = moved.sum::<f32>() / picture.rgb().len() as f32;
    ensure((0.5..3.5).contains(&mean), || format!("moved by {mean} gray levels in the mean"))
}

fn a_dead_channel_is_an_error() -> Result<(), Failed> {
    let weights = changed_weights(|name, filter| {
        if name == "a/3x3" {
            filter.bias[1] = -1e6;
        }
    });
    zero_gradient(&weights, &sky(Extent::new(HEIGHT, WIDTH), 7)?, "channel:a/relu_3x3:1")?;
    // The control: its neighbour is alive.
    let alive = climbing("channel:a/relu_3x3:0");
    let dreamed = run(&weights, &sky(Extent::new(HEIGHT, WIDTH), 7)?, &alive, |_| ControlFlow::Continue(()))?;
    ensure(dreamed.complete, || "not complete".to_owned())
}

/// Nothing is brighter than the mean, and nothing is added to it.
fn a_flat_picture_is_an_error() -> Result<(), Failed> {
    let weights = changed_weights(|_, filter| filter.bias.fill(0.0));
    let [blue, green, red] = config().mean;
    let flat = [red, green, blue].into_iter().flat_map(|mean| vec![mean; WIDTH * HEIGHT]).collect();
    zero_gradient(&weights, &Picture::from_rgb(Extent::new(HEIGHT, WIDTH), flat)?, "l2:b/output")
}

fn zero_gradient(weights: &Weights, picture: &Picture, objective: &str) -> Result<(), Failed> {
    let mut watched = 0;
    let result = run(weights, picture, &climbing(objective), |_| {
        watched += 1;
        ControlFlow::Continue(())
    });
    let error = result.err().ok_or("there is no gradient, and no error")?;
    let message = error.to_string();
    let DreamError::ZeroGradient { octave: 1, size: Extent { height: 46, width: 69 }, .. } = error else {
        return Err(format!("another error: {message}").into());
    };
    ensure(message.contains(objective), || format!("{objective} is not in: {message}"))?;
    // Reports are read behind an octave's iterations (or 32 of them), which are watched before that.
    ensure(watched <= 4, || "another octave was begun".to_owned())
}

/// The small network with filters changed by name.
fn changed_weights(change: impl Fn(&str, &mut Filter)) -> Weights {
    let weights = small_weights();
    let network = weights.network();
    let mut filters = HashMap::new();
    for id in network.ids().filter(|&id| network.filter_shape(id).is_some()) {
        let Filter { weight, bias } = weights.filter(id);
        let mut filter = Filter { weight: weight.clone(), bias: bias.clone() };
        change(&network[id].name, &mut filter);
        filters.insert(id, filter);
    }
    Weights::from_filters(small_googlenet(), filters)
}

fn small_octaves_are_left_out() -> Result<(), Failed> {
    let weights = Weights::embedded();
    let prepare = |octaves| {
        Dream::prepare(
            &Cpu::new(),
            &weights,
            Extent::new(HEIGHT, WIDTH),
            &Config { octaves: Octaves::Count(octaves), octave_scale: 2.0, ..config() },
        )
    };
    let (few, many) = (prepare(2)?, prepare(50)?);
    ensure(few.octaves_left_out() == 0, || "two octaves fit".to_owned())?;
    ensure(few.octave_sizes() == [Extent::new(32, 48), Extent::new(64, 96)], || {
        format!("sizes {:?}", few.octave_sizes())
    })?;
    let sizes = many.octave_sizes();
    ensure(sizes.len() + many.octaves_left_out() == 50, || "octaves are lost".to_owned())?;
    ensure(many.octaves_left_out() > 40, || format!("{} octaves of 96x64", sizes.len()))?;
    let layer = weights.network().find(weights.favourite_layer())?;
    let fits = |size| weights.network().check_size(layer, size).is_ok();
    let half = Extent::new(sizes[0].height / 2, sizes[0].width / 2);
    ensure(fits(sizes[0]) && !fits(half), || format!("the smallest is {sizes:?}"))
}

/// Seen in a picture that looks the same in every size: a ramp.
fn a_neuron_keeps_its_place() -> Result<(), Failed> {
    const LAYER: &str = "inception_3b/3x3"; // before its ReLU, never flat; one cell for 8 pixels
    let one = |octaves, at: &str| Config {
        octaves: Octaves::Count(octaves),
        octave_scale: 2.0,
        iterations: 1.into(),
        ..climbing(&format!("neuron:{LAYER}:5:{at}"))
    };
    let value = |picture: &Picture, config: &Config| -> Result<f32, Failed> {
        Ok(watched(picture, config)?.1[0].value)
    };
    let (large, small) = (ramp(WIDTH, HEIGHT)?, ramp(WIDTH / 2, HEIGHT / 2)?);
    // Of 8 x 12 cells and of 4 x 6.
    for (at_full_size, at_half) in [("2,3", "1,1"), ("7,11", "3,5"), ("0,0", "0,0"), ("6,1", "3,0")] {
        let found = value(&large, &one(2, at_full_size))?;
        let expected = value(&small, &one(1, at_half))?;
        let distance = relative_distance(&[found], &[expected]);
        eprintln!("{at_full_size} is {at_half} in the smaller octave: {found} and {expected}");
        ensure(distance < 1e-4, || format!("{at_full_size}: {found}, at {at_half}: {expected}"))?;
        let aside = value(&small, &one(1, "2,3"))?;
        ensure(relative_distance(&[aside], &[expected]) > 1e-2, || "all cells are alike".to_owned())?;
    }
    match watched(&large, &one(2, "8,3")) {
        Err(DreamError::Lower(LowerError::Neuron {
            row: 8,
            column: 3,
            map: Extent { height: 8, width: 12 },
            ..
        })) => Ok(()),
        other => Err(format!("row 8 of 8: {:?}", other.map(|(_, reports)| reports)).into()),
    }
}

/// Corner colours stay where they are when it is resized corners on corners.
fn ramp(width: usize, height: usize) -> Result<Picture, Failed> {
    let place = |at: usize, of: usize| at as f32 / (of - 1) as f32;
    let plane = |[base, down, right]: [f32; 3]| {
        let rows = (0..height).map(move |row| base + down * place(row, height));
        rows.flat_map(move |start| (0..width).map(move |column| start + right * place(column, width)))
    };
    let rgb = [[20.0, 90.0, 120.0], [200.0, -150.0, 40.0], [120.0, 60.0, -110.0]];
    Ok(Picture::from_rgb(Extent { height, width }, rgb.into_iter().flat_map(plane).collect())?)
}

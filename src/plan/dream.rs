//! The plan of a dream: the whole loop of the 2015 notebook, from the uploaded picture to the finished one.

use super::network::{LowerError, Target, lower};
use super::shaping::{Shaper, Shaping, magnitude_of};
use super::{Builder, PhaseId, Plan, Step, View};
use crate::net::{Network, Shape};

/// What the plan of a dream depends on.
#[derive(Clone, Debug)]
pub struct DreamSettings {
    /// Smallest first; the last has the picture's own size.
    pub octaves: Vec<OctaveSettings>,
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// Lowest and highest value of each channel (BGR minus mean).
    pub bounds: [(f32, f32); 3],
    /// How the loop differs from the notebook's.
    pub shaping: Shaping,
}

/// One octave: a size of the picture and what is climbed there.
#[derive(Clone, Debug)]
pub struct OctaveSettings {
    /// Height and width.
    pub size: (usize, usize),
    /// At least one.
    pub targets: Vec<Target>,
}

/// The phases of one octave.
#[derive(Clone, Copy, Debug)]
pub struct OctavePhases {
    /// Height and width.
    pub size: (usize, usize),
    /// Once: `picture = base + resized detail`.
    pub enter: PhaseId,
    /// As often as there are iterations: roll, forward, backward, ascend.
    pub climb: PhaseId,
    /// Once: `detail = picture - base`. The last octave has none: its picture is the result.
    pub leave: Option<PhaseId>,
}

/// A plan and where its ends are.
#[derive(Clone, Debug)]
pub struct DreamPlan {
    /// What to run.
    pub plan: Plan,
    /// The picture to dream over, BGR minus mean.
    pub input: View,
    /// How far each of its pixels may go, 0 to 1, if there is a mask.
    pub mask: Option<View>,
    /// The finished picture.
    pub output: View,
    /// Two cells: the objective's value and the mean magnitude of the gradient, of the last iteration.
    pub report: View,
    /// Once, first: the picture in the size of every octave.
    pub bases: PhaseId,
    /// Smallest first.
    pub octaves: Vec<OctavePhases>,
}

/// Plans a dream.
///
/// # Panics
/// If there is no octave or an octave without targets.
pub fn plan_dream(network: &Network, settings: &DreamSettings) -> Result<DreamPlan, LowerError> {
    let mut builder = Builder::new();
    let shaping = &settings.shaping;
    let report = builder.buffer("report", Shape::new(2, 1, 1));
    let bases: Vec<View> =
        settings.octaves.iter().map(|octave| new_picture(&mut builder, "base", octave.size)).collect();
    let masks: Vec<View> = settings
        .octaves
        .iter()
        .filter(|_| shaping.masked)
        .map(|octave| new_mask(&mut builder, octave.size))
        .collect();
    let shaper = (*shaping != Shaping::default())
        .then(|| Shaper::new(&mut builder, shaping, bases[bases.len() - 1].shape.len()));
    let shaper = shaper.as_ref();
    let pairs = bases.windows(2).rev().chain(masks.windows(2).rev());
    let shrink = pairs.map(|pair| Step::Resize { x: pair[1], y: pair[0], base: None });
    let shrink = shrink.chain(shaper.into_iter().flat_map(Shaper::prepare)).collect();
    let bases_phase = builder.phase("bases", shrink);

    let mut octaves = Vec::new();
    let mut detail: Option<View> = None;
    let mut output = bases[0];
    for (number, (octave, &base)) in settings.octaves.iter().zip(&bases).enumerate() {
        let picture = new_picture(&mut builder, "picture", octave.size);
        let start = match detail {
            None => Step::Resize { x: base, y: picture, base: None },
            Some(detail) => Step::Resize { x: detail, y: picture, base: Some(base) },
        };
        let mut steps = shaper.map_or_else(Vec::new, |shaper| shaper.enter(base, picture));
        steps.push(start);
        let enter = builder.phase("enter", steps);
        let mountain = Mountain { picture, base, mask: masks.get(number).copied(), report };
        let steps = climb(&mut builder, network, settings, &octave.targets, mountain, shaper)?;
        let climb = builder.phase("climb", steps);
        let leave = (octaves.len() + 1 < bases.len()).then(|| {
            let y = new_picture(&mut builder, "detail", octave.size);
            detail = Some(y);
            builder.phase("leave", vec![Step::Difference { a: picture, b: base, y }])
        });
        octaves.push(OctavePhases { size: octave.size, enter, climb, leave });
        output = picture;
    }
    let input = bases[bases.len() - 1];
    let mask = masks.last().copied();
    for view in [report, input, output].into_iter().chain(mask) {
        builder.keep(view);
    }
    Ok(DreamPlan { plan: builder.finish(), input, mask, output, report, bases: bases_phase, octaves })
}

fn new_picture(builder: &mut Builder, label: &str, (height, width): (usize, usize)) -> View {
    builder.buffer(format!("{label} {width}x{height}"), Shape::new(3, height, width))
}

fn new_mask(builder: &mut Builder, (height, width): (usize, usize)) -> View {
    builder.buffer(format!("mask {width}x{height}"), Shape::new(1, height, width))
}

/// What an octave climbs with.
struct Mountain {
    picture: View,
    base: View,
    mask: Option<View>,
    report: View,
}

/// One iteration.
fn climb(
    builder: &mut Builder,
    network: &Network,
    settings: &DreamSettings,
    targets: &[Target],
    Mountain { picture, base, mask, report }: Mountain,
    shaper: Option<&Shaper<'_>>,
) -> Result<Vec<Step>, LowerError> {
    let rolled = builder.buffer("rolled picture", picture.shape);
    let value = report.channels(0, 1);
    let magnitude = report.channels(1, 1);
    let lowered = lower(builder, network, rolled, &[], targets, value)?;
    let dx = lowered.gradient.expect("an octave has a target");
    let mut steps = vec![Step::Roll { x: picture, y: rolled }];
    steps.extend(lowered.steps);
    steps.push(Step::Measure { x: dx, functional: magnitude_of(dx), total: magnitude, add: false });
    let (shaping, dx, magnitude) = match shaper {
        Some(shaper) => shaper.shape(builder, rolled, dx, magnitude),
        None => (Vec::new(), dx, magnitude),
    };
    steps.extend(shaping);
    let DreamSettings { step, bounds, .. } = *settings;
    steps.push(Step::Ascend { x: picture, dx, magnitude, mask, step, bounds });
    steps.extend(shaper.into_iter().flat_map(|shaper| shaper.settle(picture, base)));
    Ok(steps)
}

//! The plan of a dream: the whole loop of the 2015 notebook, from the uploaded picture to the finished one.

use super::network::{LowerError, Target, lower};
use super::{Builder, Functional, PhaseId, Plan, Step, View};
use crate::net::{Network, Shape};

/// What the plan of a dream depends on.
#[derive(Clone, Debug)]
pub struct DreamSettings {
    /// Height and width of each octave, smallest first; the last is the picture's own.
    pub sizes: Vec<(usize, usize)>,
    /// What is climbed.
    pub targets: Vec<Target>,
    /// Step length in gray levels for a gradient of mean magnitude 1.
    pub step: f32,
    /// Lowest and highest value of each channel (BGR minus mean).
    pub bounds: [(f32, f32); 3],
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
pub fn plan_dream(network: &Network, settings: &DreamSettings) -> Result<DreamPlan, LowerError> {
    let mut builder = Builder::new();
    let report = builder.buffer("report", Shape::new(2, 1, 1));
    builder.keep(report);
    let map = |builder: &mut Builder, label: &str, (height, width): (usize, usize)| {
        builder.buffer(format!("{label} {width}x{height}"), Shape::new(3, height, width))
    };

    let bases: Vec<View> = settings.sizes.iter().map(|&size| map(&mut builder, "base", size)).collect();
    let shrink = bases.windows(2).rev().map(|pair| Step::Resize { x: pair[1], y: pair[0], base: None });
    let bases_phase = builder.phase("bases", shrink.collect());

    let mut octaves = Vec::new();
    let mut detail: Option<View> = None;
    let mut output = bases[0];
    for (&size, &base) in settings.sizes.iter().zip(&bases) {
        let picture = map(&mut builder, "picture", size);
        let start = match detail {
            None => Step::Resize { x: base, y: picture, base: None },
            Some(detail) => Step::Resize { x: detail, y: picture, base: Some(base) },
        };
        let enter = builder.phase("enter", vec![start]);
        let steps = climb(&mut builder, network, settings, picture, report)?;
        let climb = builder.phase("climb", steps);
        let leave = (octaves.len() + 1 < settings.sizes.len()).then(|| {
            let y = map(&mut builder, "detail", size);
            detail = Some(y);
            builder.phase("leave", vec![Step::Difference { a: picture, b: base, y }])
        });
        octaves.push(OctavePhases { size, enter, climb, leave });
        output = picture;
    }
    let input = bases[bases.len() - 1];
    builder.keep(input);
    builder.keep(output);
    Ok(DreamPlan { plan: builder.finish(), input, output, report, bases: bases_phase, octaves })
}

/// One iteration.
fn climb(
    builder: &mut Builder,
    network: &Network,
    settings: &DreamSettings,
    picture: View,
    report: View,
) -> Result<Vec<Step>, LowerError> {
    let rolled = builder.buffer("rolled picture", picture.shape);
    let value = report.channels(0, 1);
    let magnitude = report.channels(1, 1);
    let lowered = lower(builder, network, rolled, &[], &settings.targets, value)?;
    let gradient = lowered.gradient.expect("a dream has a target");
    let mut steps = vec![Step::Roll { x: picture, y: rolled }];
    steps.extend(lowered.steps);
    let mean = Functional::Magnitude { scale: 1.0 / picture.shape.len() as f32 };
    steps.push(Step::Measure { x: gradient, functional: mean, total: magnitude, add: false });
    steps.push(Step::Ascend {
        x: picture,
        dx: gradient,
        magnitude,
        step: settings.step,
        bounds: settings.bounds,
    });
    Ok(steps)
}

//! The plan of a visualisation: pictures that start from nothing and climb what a part of the network
//! responds to. Several pictures can be climbed together and see each other.

use super::dials::{Condition, Knobs, Script};
use super::iteration::sight::Transformed;
use super::iteration::update::{Adam, adam};
use super::iteration::variable::{Decorrelated, Fourier, Variable, fourier};
use super::iteration::{Ground, Iteration};
use super::network::{Aim, Crowd, LowerError, Member, Target};
use super::octave::OctaveSettings;
use super::spectrum::Spectrum;
use super::{Builder, PhaseId, Plan, Step, View};
use crate::extent::Extent;
use crate::net::{Network, Shape};

/// What a picture is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parametrisation {
    /// The frequencies of three decorrelated channels.
    Fourier,
    /// The pixels of those channels.
    Pixels,
}

impl Parametrisation {
    /// The shape of the cells that are climbed, for a picture of this size.
    pub fn cells(self, size: Extent) -> Shape {
        match self {
            Self::Fourier => Spectrum::of(size).cells(),
            Self::Pixels => Shape::of(3, size),
        }
    }
}

/// What the plan of a visualisation depends on.
#[derive(Clone, Debug)]
pub struct VisualizeSettings {
    /// The size of the picture.
    pub size: Extent,
    /// The size of what the network sees.
    pub canvas: Extent,
    /// What the picture is computed from.
    pub parametrisation: Parametrisation,
    /// The targets, whose sum is climbed; at least one.
    pub targets: Vec<Target>,
    /// How many pictures climb it; at least one. In each iteration, all have the same transform.
    pub batch: usize,
    /// About how far each cell moves in a step.
    pub rate: f32,
    /// The mean that is subtracted from the picture: blue, green, red.
    pub mean: [f32; 3],
}

/// A plan and its inputs and outputs.
#[derive(Clone, Debug)]
pub struct VisualizePlan {
    /// What to run.
    pub plan: Plan,
    /// The cells that are climbed, for each picture: see [`Parametrisation::cells`]. The host writes them
    /// before `begin` is run.
    pub cells: Vec<View>,
    /// The pictures, BGR minus mean, one after another.
    pub pictures: View,
    /// Two cells for each picture: the value of all targets and the mean magnitude of the gradient by its
    /// cells, both from before the step of the last iteration.
    pub report: View,
    /// Run once, first: computes the pictures from the cells.
    pub begin: PhaseId,
    /// Run once per step, each time with the matrix of a transform.
    pub climb: PhaseId,
    size: Extent,
}

/// Plans a visualisation.
///
/// If there are no targets, or no pictures.
/// If there is no target, or no picture.
pub fn plan_visualization(
    network: &Network,
    settings: &VisualizeSettings,
) -> Result<VisualizePlan, LowerError> {
    let &VisualizeSettings { size, canvas, parametrisation, ref targets, batch, rate, mean } = settings;
    assert!(batch > 0, "a picture is seen");
    let (fourier, pixels) = (Fourier { mean }, Decorrelated { mean });
    let variable: &dyn Variable = match parametrisation {
        Parametrisation::Fourier => &fourier,
        Parametrisation::Pixels => &pixels,
    };
    let sight = Transformed { canvas, mean };
    let updates: Vec<Adam> = (0..batch).map(|picture| Adam { rate, picture }).collect();
    let iteration = |number: usize| Iteration { variable, sight: &sight, update: &updates[number] };
    let mut builder = Builder::new();
    let report = builder.buffer("report", Shape::new(2 * batch, 1, 1));
    let pictures = builder.buffer("pictures", Shape::of(3 * batch, size));
    let picture = |number: usize| pictures.channels(3 * number, 3);
    let cells: Vec<View> = (0..batch).map(|number| variable.cells(&mut builder, picture(number))).collect();
    [report, pictures].iter().chain(&cells).for_each(|&view| builder.keep(view));
    let show = |(number, &cells)| variable.show(&mut builder, cells, picture(number));
    let steps: Vec<Step> = cells.iter().enumerate().flat_map(show).collect();
    let begin = builder.phase("begin", steps);
    let octave = OctaveSettings::plain(size, targets.clone(), rate);
    let numbers = octave.numbers([(0.0, 0.0); 3]);
    let knobs = Knobs { numbers: &numbers, moving: false };
    let apart = targets.iter().filter(|target| target.aim == Aim::Diversity).map(|target| target.layer);
    let crowd = Crowd::new(&mut builder, network, apart, batch);
    let members: Vec<Member> = (0..batch).map(|number| crowd.member(number)).collect();
    let ground = |number: usize| Ground {
        picture: picture(number),
        source: picture(number),
        cells: cells[number],
        masks: &[],
        report: report.channels(2 * number, 2),
        knobs,
        gradients: &[],
        member: Some(&members[number]),
    };
    let (mut script, mut looks) = (Script::default(), Vec::new());
    for number in 0..batch {
        let look = iteration(number).look(&mut builder, Some(network), &octave, &ground(number), None)?;
        looks.push(look);
    }
    for look in &mut looks {
        script.when(Condition::Always, std::mem::take(&mut look.script));
    }
    for (number, look) in looks.into_iter().enumerate() {
        let rest = iteration(number).go(&mut builder, &octave, &ground(number), None, look);
        script.when(Condition::Always, rest);
    }
    let climb = builder.phase("climb", script);
    Ok(VisualizePlan { plan: builder.finish(), cells, pictures, report, begin, climb, size })
}

impl VisualizePlan {
    /// What the host must write, before `begin` is run, to the buffer with this number; `None` for the
    /// numbers of targets.
    pub fn given(&self, number: usize) -> Option<Vec<f32>> {
        let spectrum = || Spectrum::of(self.size);
        match number {
            fourier::SCALE => Some(spectrum().scale()),
            fourier::COLUMN_WAVES => Some(spectrum().column_waves()),
            fourier::ROW_WAVES => Some(spectrum().row_waves()),
            number => self.remembered(number),
        }
    }

    /// Adam's initial memory of a picture, if the number is one of its buffers.
    fn remembered(&self, number: usize) -> Option<Vec<f32>> {
        self.cells.iter().enumerate().find_map(|(picture, cells)| {
            let [mean, squares, mass] = adam::memory(picture);
            let cells = if [mean, squares].contains(&number) { cells.shape.len() } else { 2 };
            [mean, squares, mass].contains(&number).then(|| vec![0.0; cells])
        })
    }

    /// The dials of an iteration whose transform has this matrix.
    pub fn dials(&self, place: [f32; 6]) -> Vec<f32> {
        let plain = OctaveSettings::plain(self.size, Vec::new(), 0.0).numbers([(0.0, 0.0); 3]);
        self.plan.dials.values(&super::Numbers { place, ..plain })
    }
}

//! The plan of a visualisation: a picture out of nothing, towards what a part of the network likes to see.

use super::dials::Knobs;
use super::iteration::sight::Transformed;
use super::iteration::update::{Adam, adam};
use super::iteration::variable::{Decorrelated, Fourier, Variable, fourier};
use super::iteration::{Ground, Iteration};
use super::network::{LowerError, Target};
use super::octave::OctaveSettings;
use super::spectrum::Spectrum;
use super::{Builder, PhaseId, Plan, View};
use crate::extent::Extent;
use crate::net::{Network, Shape};

/// What a picture is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parametrisation {
    /// The frequencies of three channels that do not depend on each other.
    Fourier,
    /// Their pixels.
    Pixels,
}

impl Parametrisation {
    /// The shape of what is climbed, for a picture of this size.
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
    /// The size of what the network sees of it.
    pub canvas: Extent,
    /// What it is made of.
    pub parametrisation: Parametrisation,
    /// What is climbed, together; at least one.
    pub targets: Vec<Target>,
    /// How far each cell goes in a step, about.
    pub rate: f32,
    /// Taken off the picture: blue, green, red.
    pub mean: [f32; 3],
}

/// A plan and where its ends are.
#[derive(Clone, Debug)]
pub struct VisualizePlan {
    /// What to run.
    pub plan: Plan,
    /// What is climbed: see [`Parametrisation::cells`]. The host writes it before `begin` is run.
    pub cells: View,
    /// What it shows, BGR minus mean.
    pub picture: View,
    /// Two cells: the value of all targets and the mean magnitude of the cells' gradient, of the last turn and before
    /// its step.
    pub report: View,
    /// Once, first: the picture of the cells.
    pub begin: PhaseId,
    /// As often as there are steps, each with the numbers of a transform.
    pub climb: PhaseId,
    size: Extent,
}

/// Plans a visualisation.
///
/// # Panics
/// If there is no target.
pub fn plan_visualization(
    network: &Network,
    settings: &VisualizeSettings,
) -> Result<VisualizePlan, LowerError> {
    let &VisualizeSettings { size, canvas, parametrisation, ref targets, rate, mean } = settings;
    let (fourier, pixels) = (Fourier { mean }, Decorrelated { mean });
    let variable: &dyn Variable = match parametrisation {
        Parametrisation::Fourier => &fourier,
        Parametrisation::Pixels => &pixels,
    };
    let iteration = Iteration { variable, sight: &Transformed { canvas, mean }, update: &Adam { rate } };
    let mut builder = Builder::new();
    let report = builder.buffer("report", Shape::new(2, 1, 1));
    let picture = builder.buffer("picture", Shape::of(3, size));
    let cells = variable.cells(&mut builder, picture);
    [report, picture, cells].into_iter().for_each(|view| builder.keep(view));
    let steps = variable.show(&mut builder, cells, picture);
    let begin = builder.phase("begin", steps);
    let octave = OctaveSettings::plain(size, targets.clone(), rate);
    let numbers = octave.numbers([(0.0, 0.0); 3]);
    let knobs = Knobs { numbers: &numbers, moving: false };
    let ground = Ground { picture, source: picture, cells, masks: &[], report, knobs, gradients: &[] };
    let script = iteration.plan(&mut builder, Some(network), &octave, &ground, None)?;
    let climb = builder.phase("climb", script);
    Ok(VisualizePlan { plan: builder.finish(), cells, picture, report, begin, climb, size })
}

impl VisualizePlan {
    /// What the host fills the buffer with that a step knows by a number, before `begin` is run; nothing for the numbers
    /// of targets.
    pub fn given(&self, number: usize) -> Option<Vec<f32>> {
        let spectrum = || Spectrum::of(self.size);
        match number {
            fourier::SCALE => Some(spectrum().scale()),
            fourier::COLUMN_WAVES => Some(spectrum().column_waves()),
            fourier::ROW_WAVES => Some(spectrum().row_waves()),
            adam::MEAN | adam::SQUARES => Some(vec![0.0; self.cells.shape.len()]),
            adam::MASS => Some(vec![0.0; 2]),
            _ => None,
        }
    }

    /// What a turn hands over whose transform has this matrix.
    pub fn dials(&self, place: [f32; 6]) -> Vec<f32> {
        let plain = OctaveSettings::plain(self.size, Vec::new(), 0.0).numbers([(0.0, 0.0); 3]);
        self.plan.dials.values(&super::Numbers { place, ..plain })
    }
}

//! The plan of a dream: the whole loop of the 2015 notebook, from the uploaded picture to the finished one.

use super::dials::Knobs;
use super::iteration::{Ground, Iteration};
use super::network::LowerError;
use super::shaping::{Shaper, Shaping, fill};
use super::{Builder, PhaseId, Plan, Step, View, blocks, step};
use crate::extent::Extent;
use crate::net::{Network, Shape};

pub use super::octave::{Climb, OctaveSettings};

/// What the plan of a dream depends on.
#[derive(Clone, Debug)]
pub struct DreamSettings {
    /// Smallest first; the last has the size of the picture itself.
    pub octaves: Vec<OctaveSettings>,
    /// Lowest and highest value of each channel (BGR minus mean).
    pub bounds: [(f32, f32); 3],
    /// How many masks are given. A climb under the next one is everywhere, and may be given doses.
    pub masks: usize,
    /// Whether each iteration supplies the numbers of its octave (see [`Numbers`](super::Numbers)) in place
    /// of those given here. This costs extra steps, some of which each iteration skips, and up to one more
    /// picture of memory.
    pub moving: bool,
    /// Whether a run may continue from a picture that already contains a dream (see [`DreamPlan::dosing`] and
    /// [`DreamPlan::source`]). This costs up to a third of a picture more of memory, and a whole picture more
    /// if something holds the dream back to its source.
    pub carried: bool,
    /// The variable that is climbed, how the network sees it, and how a gradient becomes a step.
    pub iteration: Iteration<'static>,
}

impl DreamSettings {
    /// Whether anything is climbed under a mask.
    fn is_climbed_under(&self, mask: usize) -> bool {
        self.octaves.iter().flat_map(|octave| &octave.climbs).any(|climb| climb.mask == Some(mask))
    }
}

/// The phases of one octave.
#[derive(Clone, Copy, Debug)]
pub struct OctavePhases {
    /// The size of its picture.
    pub size: Extent,
    /// Run once: `picture = base + resized detail`.
    pub enter: PhaseId,
    /// Run once per iteration: roll, forward, backward, ascend.
    pub climb: PhaseId,
    /// The picture that is climbed. It stays valid until the next octave is entered.
    pub picture: View,
    /// Run once: `detail = picture - base`. The last octave has none: its picture is the result.
    pub leave: Option<PhaseId>,
    /// What `leave` writes and the next octave's `enter` reads: all that one octave hands to the next.
    pub detail: Option<View>,
    /// The number of gradients that are climbed.
    pub climbs: usize,
}

/// How the host says what is left to do in a carried dream.
#[derive(Clone, Copy, Debug)]
pub struct Dosing {
    /// What fraction of its steps each place takes in each octave, smallest first: a cell for each [block](super::blocks)
    /// of the picture.
    pub doses: View,
    /// Run once, after `bases`: multiplies the doses into all masks.
    pub phase: PhaseId,
}

/// A plan and its inputs and outputs.
#[derive(Clone, Debug)]
pub struct DreamPlan {
    /// What to run.
    pub plan: Plan,
    /// The picture to dream over, BGR minus mean.
    pub input: View,
    /// For each mask, how far each pixel may move, 0 to 1.
    pub masks: Vec<View>,
    /// For a plan of carried dreams.
    pub dosing: Option<Dosing>,
    /// The picture that a carried dream is held back to, if anything holds it back: the picture without the
    /// dream that `input` contains.
    pub source: Option<View>,
    /// Where the host writes another starting picture than `input`, in the size of the picture, before
    /// `begin` is run.
    pub start: View,
    /// Run once, after the first octave is entered: sets its picture to the resized `start`. If it is not
    /// run, the octave starts from the picture itself.
    pub begin: PhaseId,
    /// The finished picture.
    pub output: View,
    /// Two cells for each climb of an octave: the value of the objective and the mean magnitude of the
    /// gradient, both of the last iteration.
    pub report: View,
    /// Run once, first: resizes the picture to every octave.
    pub bases: PhaseId,
    /// Smallest first.
    pub octaves: Vec<OctavePhases>,
    /// For each octave and each climb, where the host writes the gradient of the shifted picture before each
    /// iteration. The host also writes the climb's value to `report`. This lets pictures be larger than what
    /// the network processes at once. Empty if the plan contains the network.
    pub gradients: Vec<Vec<View>>,
}

/// Plans a dream.
///
/// # Panics
/// If there are no octaves, an octave has no climbs, or a climb has no targets.
pub fn plan_dream(network: &Network, settings: &DreamSettings) -> Result<DreamPlan, LowerError> {
    plan(Some(network), settings)
}

/// Plans only the loop of a dream: the host supplies the gradients, see [`DreamPlan::gradients`].
///
/// # Panics
/// If there are no octaves, or an octave has no climbs.
pub fn plan_loop(settings: &DreamSettings) -> DreamPlan {
    plan(None, settings).expect("without a network nothing is lowered")
}

fn plan(network: Option<&Network>, settings: &DreamSettings) -> Result<DreamPlan, LowerError> {
    let mut builder = Builder::new();
    let octaves = &settings.octaves;
    let climbs = octaves.iter().map(|octave| octave.climbs.len()).max().unwrap_or(0);
    let report = builder.buffer("report", Shape::new(2 * climbs, 1, 1));
    let bases = pyramid(&mut builder, "base", 3, octaves);
    let everywhere = settings.is_climbed_under(settings.masks);
    let masks: Vec<Vec<View>> = (0..settings.masks + usize::from(everywhere))
        .map(|_| pyramid(&mut builder, "mask", 1, octaves))
        .collect();
    let shapings: Vec<&Shaping> = octaves.iter().map(|octave| &octave.shaping).collect();
    let cells = bases[bases.len() - 1].shape.len();
    let shaper = Shaper::new(&mut builder, &shapings, settings.moving, climbs, cells);
    let (given, added) = masks.split_at(settings.masks);
    let pairs = [&bases].into_iter().chain(given).flat_map(|sizes| sizes.windows(2).rev());
    // A carried dream starts from one picture and is held back to another.
    let sources = match settings.carried && shaper.is_some() {
        true => pyramid(&mut builder, "source", 3, octaves),
        false => bases.clone(),
    };
    let source = (sources != bases).then(|| sources[sources.len() - 1]);
    let pairs = pairs.chain(sources.windows(2).rev().filter(|_| source.is_some()));
    let shrink = pairs.map(|pair| step::Resize { x: pair[1], y: pair[0], base: None }.into());
    let whole = added.iter().flatten().map(|&level| fill(level, 1.0));
    let shrink: Vec<Step> = shrink.chain(whole).chain(shaper.iter().flat_map(Shaper::prepare)).collect();
    let bases_phase = builder.phase("bases", shrink);
    let dosing = settings.carried.then(|| dosing(&mut builder, &masks, octaves));

    let mut phases = Vec::new();
    let mut gradients = Vec::new();
    let start = new_picture(&mut builder, "start", octaves[octaves.len() - 1].size);
    let mut begin = bases_phase;
    let mut detail: Option<View> = None;
    let mut output = bases[0];
    for (number, ((octave, &base), &source)) in octaves.iter().zip(&bases).zip(&sources).enumerate() {
        let picture = new_picture(&mut builder, "picture", octave.size);
        let found = match detail {
            None => step::Resize { x: base, y: picture, base: None }.into(),
            Some(detail) => step::Resize { x: detail, y: picture, base: Some(base) }.into(),
        };
        let mut steps = shaper.as_ref().map_or_else(Vec::new, |shaper| shaper.enter(source, picture));
        steps.push(found);
        let variable = settings.iteration.variable;
        let cells = variable.cells(&mut builder, picture);
        steps.extend(variable.enter(picture, cells));
        let enter = builder.phase("enter", steps);
        if number == 0 {
            let mut steps = vec![step::Resize { x: start, y: picture, base: None }.into()];
            steps.extend(variable.enter(picture, cells));
            begin = builder.phase("begin", steps);
            builder.hold(start, begin);
        }
        let masks: Vec<View> = masks.iter().map(|sizes| sizes[number]).collect();
        let brought = octave.climbs.iter().filter(|_| network.is_none());
        let brought: Vec<View> =
            brought.map(|_| new_picture(&mut builder, "gradient", octave.size)).collect();
        let numbers = octave.numbers(settings.bounds);
        let knobs = Knobs { numbers: &numbers, moving: settings.moving };
        let ground = Ground {
            picture,
            source,
            cells,
            masks: &masks,
            report,
            knobs,
            gradients: &brought,
            member: None,
        };
        let script = settings.iteration.plan(&mut builder, network, octave, &ground, shaper.as_ref())?;
        let climb = builder.phase("climb", script);
        brought.iter().for_each(|&gradient| builder.hold(gradient, climb));
        gradients.push(brought);
        detail = (phases.len() + 1 < bases.len()).then(|| new_picture(&mut builder, "detail", octave.size));
        let leave =
            detail.map(|y| builder.phase("leave", vec![step::Difference { a: picture, b: base, y }.into()]));
        let climbs = octave.climbs.len();
        phases.push(OctavePhases { size: octave.size, enter, climb, picture, leave, detail, climbs });
        output = picture;
    }
    let input = bases[bases.len() - 1];
    let masks: Vec<View> = given.iter().map(|sizes| sizes[sizes.len() - 1]).collect();
    [report].iter().chain(&masks).for_each(|&view| builder.keep(view));
    // The host writes the inputs before the first phase, and reads the output after the last.
    [input].iter().chain(&source).for_each(|&view| builder.hold(view, bases_phase));
    phases.last().into_iter().for_each(|last: &OctavePhases| builder.hold(output, last.climb));
    let plan = builder.finish();
    let (bases, octaves) = (bases_phase, phases);
    let ends = DreamPlan {
        plan,
        input,
        masks,
        dosing,
        source,
        start,
        begin,
        output,
        report,
        bases,
        octaves,
        gradients,
    };
    Ok(ends)
}

/// A place for doses, and what makes the masks say them.
fn dosing(builder: &mut Builder, masks: &[Vec<View>], octaves: &[OctaveSettings]) -> Dosing {
    let full = octaves[octaves.len() - 1].size;
    let doses = builder.buffer("doses", Shape::of(octaves.len(), blocks::grid(full)));
    let levels = masks.iter().flat_map(|sizes| sizes.iter().enumerate());
    let spread = levels.map(|(octave, &y)| {
        let (x, pitch) = (doses.channels(octave, 1), blocks::pitch(octaves[octave].size, full));
        step::Spread { x, y, pitch }.into()
    });
    let phase = builder.phase("doses", spread.collect::<Vec<Step>>());
    builder.hold(doses, phase);
    Dosing { doses, phase }
}

fn new_picture(builder: &mut Builder, label: &str, size: Extent) -> View {
    builder.buffer(format!("{label} {size}"), Shape::of(3, size))
}

/// A map in the size of each octave.
fn pyramid(builder: &mut Builder, label: &str, channels: usize, octaves: &[OctaveSettings]) -> Vec<View> {
    let sizes = octaves.iter().map(|octave| octave.size);
    let level = |size| builder.buffer(format!("{label} {size}"), Shape::of(channels, size));
    sizes.map(level).collect()
}

//! An atlas as a job: thousands of pictures, each kept as soon as it is done, and in the end one file.

mod binding;
mod examples;
mod state;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Cancel, JobError, Network, keep_inputs};
use crate::atlas::{About, channels, trunk, write_page};
use crate::dream::recipe::ARITHMETIC;
use crate::extent::Extent;
use crate::files::output::Output;
use crate::machine::Machine;
use crate::net::LayerId;
use crate::picture::{Picture, PictureError, to_byte};
use crate::plan::network::LowerError;
use crate::settings::form::words;
use crate::visualize::{Channels, Portrait, Robustness, Tap, VisualizeConfig, VisualizeError, branches};
use binding::illustrate;
use examples::Search;
use state::{Kept, Note, Record};

/// So many classes are noted of each channel.
const CLASSES: usize = 6;
/// Steps by which is measured how long one takes: some towards the value before ReLU, and some after.
const TRIAL: usize = 24;

/// How good the pictures of an atlas are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// 64 steps at 64 pixels.
    Draft,
    /// 256 steps at 128 pixels.
    Good,
}

words!(Quality: "draft" = Draft, "good" = Good);

impl Quality {
    /// Side of each picture in pixels.
    pub fn side(self) -> usize {
        match self {
            Self::Draft => 64,
            Self::Good => 128,
        }
    }

    /// How each picture is made: as a visualisation with these settings.
    pub fn config(self) -> VisualizeConfig {
        let steps = match self {
            Self::Draft => 64,
            Self::Good => 256,
        };
        VisualizeConfig { steps, robustness: Robustness::Distill, ..VisualizeConfig::default() }
    }
}

/// Everything that is needed.
#[derive(Clone, Debug)]
pub struct AtlasRequest {
    /// What is looked into.
    pub network: Network,
    /// Which layers; the trunk of the network if there are none.
    pub layers: Vec<LayerId>,
    /// How good.
    pub quality: Quality,
    /// Where the file goes. What is done lies beside it until then, in a file whose name has `.part` added.
    pub out: PathBuf,
    /// A folder of pictures, of which crops are shown that excite each channel most.
    pub examples: Option<PathBuf>,
    /// Files that are read, and which the atlas may not replace.
    pub reads: Vec<PathBuf>,
}

/// What happens to an atlas.
#[derive(Clone, Copy, Debug)]
pub enum AtlasEvent<'a> {
    /// It begins, or goes on.
    Began {
        /// How many channels were done before.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// A channel is done.
    Channel {
        /// How many are.
        done: usize,
    },
    /// All channels are done; pictures of the folder are looked at.
    Example {
        /// How many were.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// A picture of the folder is left out.
    LeftOut {
        /// Which.
        path: &'a Path,
        /// Why.
        error: &'a JobError,
    },
}

/// How it ended.
#[derive(Debug)]
pub enum AtlasEnding {
    /// The file is there.
    Done {
        /// How many channels it has.
        channels: usize,
        /// How many of them are dead.
        dead: usize,
    },
    /// It was cancelled.
    Stopped {
        /// How many channels are done.
        done: usize,
        /// Of how many.
        of: usize,
        /// Where they lie.
        kept: PathBuf,
    },
}

impl AtlasRequest {
    /// Checks everything that can be known without a machine.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn check(&self) -> Result<(), JobError> {
        keep_inputs(&self.reads, &self.out)?;
        keep_inputs(&self.reads, &self.kept_in())?;
        let network = self.network.weights.network();
        let size = Extent::square(self.quality.side());
        for layer in self.wanted() {
            network.check_size(layer, size).map_err(LowerError::from).map_err(VisualizeError::from)?;
        }
        Output::at(&self.out)?;
        if let Some(folder) = &self.examples {
            let unread = |source| PictureError::Read { path: folder.clone(), source };
            fs::read_dir(folder).map_err(unread)?;
        }
        Ok(())
    }

    /// The layers that are wanted.
    fn wanted(&self) -> Vec<LayerId> {
        let network = self.network.weights.network();
        if self.layers.is_empty() { trunk(network) } else { self.layers.clone() }
    }

    /// Where what is done lies.
    fn kept_in(&self) -> PathBuf {
        let mut name = self.out.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        self.out.with_file_name(name)
    }

    /// What all that is kept has in common.
    fn note(&self) -> Note {
        let network = self.network.weights.network();
        Note {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            arithmetic: ARITHMETIC,
            weights: self.network.mark.sha256.clone(),
            quality: self.quality.to_string(),
            layers: self.wanted().into_iter().map(|layer| network[layer].name.clone()).collect(),
        }
    }

    /// Says how long it would take, by a few steps in each part of the network: how many channels are done, of how many, and the time
    /// for the rest.
    ///
    /// # Errors
    /// What would prevent it.
    pub fn estimate(&self, machine: &dyn Machine) -> Result<(usize, usize, Duration), JobError> {
        self.check()?;
        let kept = Kept::look(&self.kept_in(), &self.note())?;
        let weights = &self.network.weights;
        let config = VisualizeConfig { steps: TRIAL, ..self.quality.config() };
        let mut left = Duration::ZERO;
        for part in self.parts(|layer, channel| kept.iter().any(|it| it.is_of(layer, channel))) {
            let size = Extent::square(self.quality.side());
            let mut channels = Channels::prepare(machine, weights, size, part.branch, &config)?;
            channels.see(0, &|| false)?;
            let began = Instant::now();
            channels.see(0, &|| false)?;
            let steps = part.channels.len() * self.quality.config().steps;
            left += began.elapsed().mul_f64(steps as f64 / TRIAL as f64);
        }
        let of = channels(weights.network(), &self.wanted());
        Ok((kept.len(), of, left))
    }

    /// Carries it out, from where it stands. Once it is cancelled, it keeps what is done.
    ///
    /// # Errors
    /// What prevents it.
    pub fn run(
        &self,
        machine: &dyn Machine,
        cancel: &Cancel,
        tell: &mut dyn FnMut(AtlasEvent<'_>),
    ) -> Result<AtlasEnding, JobError> {
        self.check()?;
        let mut kept = Kept::open(&self.kept_in(), &self.note())?;
        let of = channels(self.network.weights.network(), &self.wanted());
        tell(AtlasEvent::Began { done: kept.len(), of });
        let stopped = |kept: &Kept| AtlasEnding::Stopped { done: kept.len(), of, kept: self.kept_in() };
        for part in self.parts(|layer, channel| kept.has(layer, channel)) {
            if !cancel.is_cancelled() {
                self.look_into(machine, &part, &mut kept, cancel, tell)?;
            }
        }
        if kept.len() < of {
            return Ok(stopped(&kept));
        }
        let mut layers = self.bind(&kept)?;
        if let Some(folder) = &self.examples {
            let (wanted, side) = (self.wanted(), self.quality.side());
            let search = Search { machine, weights: &self.network.weights, layers: &wanted, side };
            match search.through(folder, cancel, tell)? {
                None => return Ok(stopped(&kept)),
                Some(examples) => illustrate(&mut layers, examples),
            }
        }
        let dead = layers.iter().flat_map(|layer| &layer.units).filter(|unit| unit.is_dead).count();
        let about = self.about(machine);
        Output::at(&self.out)?
            .fill(|file| write_page(file, &about, &layers).map_err(|error| error.to_string()))?;
        kept.end();
        Ok(AtlasEnding::Done { channels: of, dead })
    }

    /// The branches of all layers with their channels that are not done yet.
    fn parts(&self, is_done: impl Fn(usize, usize) -> bool) -> Vec<Part> {
        let network = self.network.weights.network();
        let mut parts = Vec::new();
        for (number, layer) in self.wanted().into_iter().enumerate() {
            let mut first = 0;
            for branch in branches(network, layer) {
                let count = network[branch].channels;
                let channels = (0..count).filter(|channel| !is_done(number, first + channel)).collect();
                parts.push(Part { number, layer, branch, first, channels });
                first += count;
            }
        }
        parts.retain(|part| !part.channels.is_empty());
        parts
    }

    /// Sees all channels of a part.
    fn look_into(
        &self,
        machine: &dyn Machine,
        part: &Part,
        kept: &mut Kept,
        cancel: &Cancel,
        tell: &mut dyn FnMut(AtlasEvent<'_>),
    ) -> Result<(), JobError> {
        let (weights, config) = (&self.network.weights, self.quality.config());
        let size = Extent::square(self.quality.side());
        let mut channels = Channels::prepare(machine, weights, size, part.branch, &config)?;
        let mut tap = Tap::load(machine, weights, size, part.layer)?;
        for &channel in &part.channels {
            let Some(portrait) = channels.see(channel, &|| cancel.is_cancelled())? else { break };
            let place = (part.number, part.first + channel);
            kept.add(&record(place, &portrait, &mut tap)?)?;
            tell(AtlasEvent::Channel { done: kept.len() });
        }
        Ok(())
    }

    fn about(&self, machine: &dyn Machine) -> About {
        let weights = &self.network.weights;
        About {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            weights: self.network.mark.name.clone(),
            sha256: self.network.mark.sha256.clone(),
            embedded: weights.is_embedded(),
            device: machine.name(),
            quality: self.quality.to_string(),
            side: self.quality.side(),
            steps: self.quality.config().steps,
            classes: weights.labels().to_vec(),
        }
    }
}

/// Channels that one plan sees.
struct Part {
    /// The number of the layer among those wanted.
    number: usize,
    layer: LayerId,
    branch: LayerId,
    /// The number in the layer of the first channel of the branch.
    first: usize,
    /// By their numbers in the branch.
    channels: Vec<usize>,
}

/// What is kept of a channel.
fn record(
    (layer, channel): (usize, usize),
    portrait: &Portrait,
    tap: &mut Tap,
) -> Result<Record, VisualizeError> {
    if !portrait.fired {
        return Ok(Record { layer, channel, is_dead: true, ..Record::default() });
    }
    let responses = tap.see(&portrait.picture)?;
    let classes = best(tap.speaks_for(channel)?);
    let tile = Some(tile(&portrait.picture));
    Ok(Record { layer, channel, is_dead: false, classes, responses, tile })
}

/// The classes that are spoken for most.
fn best(all: Vec<f32>) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = all.into_iter().enumerate().filter(|class| class.1 > 0.0).collect();
    all.sort_by(|one, other| other.1.total_cmp(&one.1));
    all.truncate(CLASSES);
    all
}

/// A picture as bytes, pixel by pixel.
fn tile(picture: &Picture) -> Vec<u8> {
    let (rgb, plane) = (picture.rgb(), picture.extent().plane());
    (0..3 * plane).map(|at| to_byte(rgb[at % 3 * plane + at / 3])).collect()
}

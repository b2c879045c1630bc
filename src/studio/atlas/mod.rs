//! An atlas as a job: thousands of pictures, each saved as soon as it is done, and finally one file.

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

/// The number of classes listed for each channel.
const CLASSES: usize = 6;
/// The number of steps used to measure how long a step takes: some towards the value before ReLU, and some after
/// it.
const TRIAL: usize = 24;

/// The quality of an atlas's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// 64 steps at 64 pixels.
    Draft,
    /// 256 steps at 128 pixels.
    Good,
}

words!(Quality: "draft" = Draft, "good" = Good);

impl Quality {
    /// The side of each picture in pixels.
    pub fn side(self) -> usize {
        match self {
            Self::Draft => 64,
            Self::Good => 128,
        }
    }

    /// The settings for each picture, which is a visualisation.
    pub fn config(self) -> VisualizeConfig {
        let steps = match self {
            Self::Draft => 64,
            Self::Good => 256,
        };
        VisualizeConfig { steps, robustness: Robustness::Distill, ..VisualizeConfig::default() }
    }
}

/// A request for an atlas.
#[derive(Clone, Debug)]
pub struct AtlasRequest {
    /// The network to look into.
    pub network: Network,
    /// The layers; the trunk of the network if there are none.
    pub layers: Vec<LayerId>,
    /// The quality of the pictures.
    pub quality: Quality,
    /// The path of the file. Until it is complete, finished channels are kept next to it, in a file with `.part`
    /// added to its name.
    pub out: PathBuf,
    /// A folder of pictures. The atlas shows the crops of them that excite each channel most.
    pub examples: Option<PathBuf>,
    /// Files that are read, which the atlas must not replace.
    pub reads: Vec<PathBuf>,
}

/// What happens while an atlas is made.
#[derive(Clone, Copy, Debug)]
pub enum AtlasEvent<'a> {
    /// The atlas is begun or continued.
    Began {
        /// How many channels were finished before.
        done: usize,
        /// The total number.
        of: usize,
    },
    /// A channel is finished.
    Channel {
        /// How many are finished.
        done: usize,
    },
    /// All channels are finished; the pictures of the folder are being examined.
    Example {
        /// How many have been examined.
        done: usize,
        /// The total number.
        of: usize,
    },
    /// A picture of the folder is left out.
    LeftOut {
        /// Its path.
        path: &'a Path,
        /// Why.
        error: &'a JobError,
    },
}

/// How the job ended.
#[derive(Debug)]
pub enum AtlasEnding {
    /// The file is complete.
    Done {
        /// The number of channels.
        channels: usize,
        /// How many of them are dead.
        dead: usize,
    },
    /// It was cancelled.
    Stopped {
        /// How many channels are finished.
        done: usize,
        /// The total number.
        of: usize,
        /// The file in which they are kept.
        kept: PathBuf,
    },
}

impl AtlasRequest {
    /// Checks everything that can be checked without a machine.
    ///
    /// # Errors
    /// The first problem found.
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

    /// The requested layers.
    fn wanted(&self) -> Vec<LayerId> {
        let network = self.network.weights.network();
        if self.layers.is_empty() { trunk(network) } else { self.layers.clone() }
    }

    /// The path of the file for finished channels.
    fn kept_in(&self) -> PathBuf {
        let mut name = self.out.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        self.out.with_file_name(name)
    }

    /// The properties that all saved channels have in common.
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

    /// Estimates the time by a few steps in each part of the network. Returns the number of finished channels, the
    /// total number, and the time for the rest.
    ///
    /// # Errors
    /// Anything that would prevent the atlas from being made.
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

    /// Makes the atlas, continuing where it was stopped. If it is cancelled, finished channels are kept.
    ///
    /// # Errors
    /// Anything that prevents the atlas from being made.
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

    /// The branches of all layers, each with those of its channels that are not finished.
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

    /// Makes the pictures of all channels of a part.
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

/// Channels of one branch, which share a plan.
struct Part {
    /// The number of the layer among those requested.
    number: usize,
    layer: LayerId,
    branch: LayerId,
    /// The number, within the layer, of the branch's first channel.
    first: usize,
    /// The channels, by their numbers within the branch.
    channels: Vec<usize>,
}

/// The record of a channel.
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

/// The classes that it supports most.
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

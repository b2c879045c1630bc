//! One dream from beginning to end: progress, checkpoints, intermediate pictures, and the file it becomes.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::pictures::Destination;
use super::preview::{self, Preview};
use super::progress::ProgressLine;
use super::{Failure, say};
use crate::dream::checkpoint::Checkpoint;
use crate::dream::per_octave::MOST_OCTAVES;
use crate::dream::recipe::{FileMark, Recipe};
use crate::dream::tiles::{MemoryPlan, TileSize};
use crate::dream::{Config, Dream, DreamError, Dreamed, Landing, References, Run, Standing};
use crate::machine::Machine;
use crate::picture::Picture;
use crate::picture::{Format, SaveOptions};

/// What is kept of a dream on its way.
#[derive(Args, Default)]
pub(super) struct WayArguments {
    /// Keep a file to go on from with `puppyslug resume`, renewed after every octave
    #[arg(long, value_name = "FILE.safetensors", value_parser = parse_checkpoint, help_heading = "On the way",
          conflicts_with = "out_dir")]
    pub(super) checkpoint: Option<PathBuf>,

    /// Save the picture after every octave, in the octave's size, in this folder
    #[arg(long, value_name = "FOLDER", help_heading = "On the way", conflicts_with = "out_dir")]
    pub(super) steps_out: Option<PathBuf>,

    /// Show the picture after every octave, in terminals that can (kitty's or iTerm2's protocol, or sixels)
    #[arg(long, help_heading = "On the way", conflicts_with = "out_dir")]
    pub(super) preview: bool,
}

impl WayArguments {
    /// Every file that may be written on the way.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        let steps =
            |folder: &PathBuf| (1..=MOST_OCTAVES).map(|done| step_in(folder, done)).collect::<Vec<_>>();
        self.checkpoint.clone().into_iter().chain(self.steps_out.iter().flat_map(steps))
    }

    /// The terminal to show pictures on, if that is wanted and can be.
    fn open_preview(&self) -> Option<Preview> {
        if !self.preview {
            return None;
        }
        Preview::open().inspect_err(|reason| say(format_args!("no preview: {reason}"))).ok()
    }
}

/// Where the picture goes that so many octaves have made.
fn step_in(folder: &Path, done: usize) -> PathBuf {
    folder.join(format!("octave-{done:02}.png"))
}

fn parse_checkpoint(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().is_some_and(|extension| extension == "safetensors") {
        true => Ok(path),
        false => Err("the name must end in .safetensors".to_owned()),
    }
}

/// One dream: over what, how, from where, and where to.
pub(super) struct Order<'a> {
    pub(super) recipe: Recipe,
    /// In the dream's size.
    pub(super) picture: Picture,
    pub(super) references: &'a References,
    pub(super) start: Standing,
    pub(super) output: &'a Destination,
    pub(super) way: &'a WayArguments,
    /// Whether what has been dreamed is saved when the dream is stopped.
    pub(super) saves_part: bool,
}

impl Order<'_> {
    /// Dreams and saves. What came of it is returned for whoever wants to look at it.
    pub(super) fn fulfil(
        mut self,
        dream: &mut Dream,
        interrupted: &AtomicBool,
        progress: Option<&ProgressLine>,
    ) -> Result<Picture, Failure> {
        let mut checkpoint = self.begin_checkpoint()?;
        if let Some(folder) = &self.way.steps_out {
            make_folder(folder)?;
        }
        let preview = self.way.open_preview();
        let mut broken = None;
        let mut landed = |landing: &mut Landing<'_>| -> Result<(), DreamError> {
            if let (Some(preview), Some(line)) = (&preview, progress) {
                let encoded = preview.encode(&landing.picture()?)?;
                line.aside(|| preview::show(&encoded));
            }
            if let Err(failure) = self.keep(landing, checkpoint.as_mut())? {
                // A dream is not given up for a note about it.
                broken.get_or_insert(failure);
            }
            Ok(())
        };
        let mut watch = |now| {
            if let Some(line) = progress {
                line.show(&now);
            }
            if interrupted.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let run = Run { standing: Some(&self.start), ..dream.over(&self.picture) };
        let dreamed = dream.run_with(&run, &mut (&mut watch, &mut landed));
        if let Some(line) = progress {
            line.finish();
        }
        let Dreamed { picture, complete, .. } = dreamed?;
        if !complete && !self.saves_part {
            return Err(Failure { message: "stopped by Ctrl-C".to_owned(), code: 1 });
        }
        self.recipe.complete = complete;
        self.output.save(&picture, &options(&self.recipe.file, Some(&self.recipe.to_json())))?;
        match broken {
            _ if !complete => Err(self.stopped(checkpoint.as_ref(), dream.octave_sizes().len())),
            Some(failure) => Err(failure),
            None => Ok(picture),
        }
    }

    /// The checkpoint as it is before anything is dreamed, written to find out whether it can be.
    fn begin_checkpoint(&self) -> Result<Option<Checkpoint>, Failure> {
        let Some(path) = &self.way.checkpoint else { return Ok(None) };
        let out = self.output.file().map(std::path::absolute).transpose()?.unwrap_or("-".into());
        let (recipe, picture, standing) = (self.recipe.clone(), self.picture.clone(), self.start.clone());
        let references = self.references.clone();
        let checkpoint = Checkpoint { recipe, picture, references, standing, out };
        checkpoint.save(path)?;
        Ok(Some(checkpoint))
    }

    /// Keeps what is wanted after an octave. The outer error is the machine's, the inner one a file's.
    fn keep(
        &self,
        landing: &mut Landing<'_>,
        checkpoint: Option<&mut Checkpoint>,
    ) -> Result<Result<(), Failure>, DreamError> {
        if let (Some(checkpoint), Some(path)) = (checkpoint, &self.way.checkpoint)
            && let Some(standing) = landing.standing()?
        {
            checkpoint.standing = standing;
            if let Err(error) = checkpoint.save(path) {
                return Ok(Err(error.into()));
            }
        }
        if let Some(folder) = &self.way.steps_out {
            let path = step_in(folder, landing.done());
            return Ok(landing.picture()?.save(path).map_err(Failure::from));
        }
        Ok(Ok(()))
    }

    fn stopped(&self, checkpoint: Option<&Checkpoint>, octaves: usize) -> Failure {
        let output = self.output;
        let mut message = format!("stopped by Ctrl-C; what was dreamed by then is in {output}");
        if let (Some(checkpoint), Some(path)) = (checkpoint, &self.way.checkpoint) {
            let done = checkpoint.standing.done;
            let path = path.display();
            message += &format!("; `puppyslug resume {path}` goes on after octave {done} of {octaves}");
        }
        Failure { message, code: 1 }
    }
}

pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure {
        message: format!("cannot make the folder '{}': {error}", folder.display()),
        code: 1,
    })
}

/// How a file is to be saved, with a recipe in it.
pub(super) fn options<'a>(file: &FileMark, recipe: Option<&'a str>) -> SaveOptions<'a> {
    SaveOptions { format: Some(file.format), depth: file.depth, quality: file.quality, recipe }
}

/// The same way of saving under another name, whose ending may ask for another format.
pub(super) fn file_for(file: &FileMark, path: &Path) -> FileMark {
    match Format::of_path(path) {
        Some(format) if format != file.format => FileMark { format, depth: None, quality: None },
        _ => file.clone(),
    }
}

/// Says what the user could not know from the arguments; with `verbose`, everything.
pub(super) fn announce(dream: &Dream, config: &Config, machine: &dyn Machine, verbose: bool) {
    let sizes = dream.octave_sizes();
    if dream.octaves_left_out() > 0 {
        let edge = match config.min_edge {
            1 => String::new(),
            edge => format!(" or --min-edge {edge}"),
        };
        say(format_args!(
            "dreaming {} of {} octaves: the picture is too small in the others for {}{edge}",
            sizes.len(),
            config.octaves,
            config.describe_objectives()
        ));
    }
    if verbose {
        let sizes: Vec<String> = sizes.iter().map(|(height, width)| format!("{width}x{height}")).collect();
        say(format_args!("device:  {}", machine.name()));
        say(format_args!("climbs:  {}", config.describe_objectives()));
        let each = if config.iterations.values().len() == 1 { " each" } else { "" };
        say(format_args!("octaves: {}, {} iterations{each}", sizes.join(", "), config.iterations));
        say(format_args!("memory:  {}", describe_memory(&dream.memory())));
    }
}

/// What is needed, and what there is.
fn describe_memory(memory: &MemoryPlan) -> String {
    let mebibytes = |bytes: u64| format!("{} MiB", bytes.div_ceil(1 << 20));
    let mut text = format!("{} of buffers, weights aside", mebibytes(memory.device));
    if let Some(TileSize { side, mode, work }) = memory.tiles {
        text += &format!(
            ", for {mode} tiles of at most {side} pixels ({work:.2} times the work); {} for the pictures",
            mebibytes(memory.pictures)
        );
    }
    if let Some(free) = memory.free {
        text += &format!("; there are {}", mebibytes(free));
    }
    text
}

//! Runs a job and shows it in the terminal: the announcement, the progress line, previews, and the ending.

use super::failure::Failure;
use super::flags::way::WayArguments;
use super::terminal::preview::{self, Preview};
use super::terminal::progress::ProgressLine;
use super::terminal::{print, say, stop_on_interrupt};
use crate::dream::Config;
use crate::dream::tiles::{MemoryPlan, TileSize};
use crate::extent::Extent;
use crate::files::bytes::ByteSize;
use crate::machine::Machine;
use crate::picture::Picture;
use crate::studio::{Delivery, Event, Job, Part, Planned, Previews, Product, Request, Room};

/// Runs a request until it is done or Ctrl-C stops it. Calls `planned` before the dream begins.
pub(crate) fn perform(
    request: Request,
    machine: Box<dyn Machine>,
    way: &WayArguments,
    planned: &mut dyn FnMut(&Planned),
) -> Result<Product, Failure> {
    let preview = way.open_preview();
    let previews = if preview.is_some() { Previews::Octaves } else { Previews::Never };
    let delivery = Delivery { previews, ..request.delivery };
    let request = Request { delivery, ..request };
    let delivery = request.delivery.clone();
    let job = Job::start_unless(request, &Room::on(machine), stop_on_interrupt()?);
    let watch = Watch { verbose: way.verbose, preview, line: None, broken: None };
    let (product, broken) = watch.follow(job, &delivery, planned)?;
    if let Some(bytes) = &product.bytes {
        print(bytes)?;
    }
    if let Some(failure) = broken {
        return Err(failure);
    }
    if delivery.to.file().is_some() {
        say(&delivery.to);
    }
    Ok(product)
}

/// Shows the events of a job.
struct Watch {
    verbose: bool,
    preview: Option<Preview>,
    line: Option<ProgressLine>,
    /// Why something could not be saved, although the dream continued.
    broken: Option<Failure>,
}

impl Watch {
    fn follow(
        mut self,
        job: Job,
        delivery: &Delivery,
        planned: &mut dyn FnMut(&Planned),
    ) -> Result<(Product, Option<Failure>), Failure> {
        for event in job {
            match event {
                Event::Waiting => say("waiting for memory that other dreams hold"),
                Event::Planned(plan) => {
                    planned(&plan);
                    let Planned { recipe, octaves, left_out, memory } = &*plan;
                    if self.verbose {
                        say(format_args!("device:  {}", recipe.device.name));
                    }
                    announce(&recipe.dream, octaves, *left_out, memory, self.verbose);
                    self.line = Some(ProgressLine::new(&plan.octaves, &plan.recipe.dream.iterations));
                }
                Event::Iteration(now) => self.on_line(|line| line.show(&now)),
                Event::Preview(picture) => self.show(&picture),
                Event::NotKept(error) => drop(self.broken.get_or_insert(error.into())),
                Event::Done(product) => {
                    self.on_line(ProgressLine::finish);
                    return Ok((*product, self.broken));
                }
                Event::Stopped(part) => {
                    self.on_line(ProgressLine::finish);
                    return Err(stopped(&part, delivery));
                }
                Event::Failed(error) => {
                    self.on_line(ProgressLine::finish);
                    return Err(error.into());
                }
                Event::Resumed { .. } | Event::Octave { .. } | Event::Landed { .. } => {}
            }
        }
        Err(Failure::because("the dream ended without a result, which is a bug in this program"))
    }

    fn on_line(&self, act: impl FnOnce(&ProgressLine)) {
        if let Some(line) = &self.line {
            act(line);
        }
    }

    /// Shows a picture on the terminal. If that fails, the dream continues.
    fn show(&mut self, picture: &Picture) {
        let Some(preview) = &self.preview else { return };
        match preview.encode(picture) {
            Ok(encoded) => self.on_line(|line| line.aside(|| preview::show(&encoded))),
            Err(error) => drop(self.broken.get_or_insert(error.into())),
        }
    }
}

/// The message for a dream that Ctrl-C has stopped, with what is left of it.
fn stopped(part: &Part, delivery: &Delivery) -> Failure {
    let mut message = "stopped by Ctrl-C".to_owned();
    if let (Some(product), true) = (&part.product, delivery.part) {
        if let Some(Err(failure)) = product.bytes.as_ref().map(print) {
            return failure;
        }
        message += &format!("; what was dreamed by then is in {}", delivery.to);
    }
    if let Some((path, done)) = &part.checkpoint {
        let (path, octaves) = (path.display(), part.octaves);
        message += &format!("; `puppyslug resume {path}` continues after octave {done} of {octaves}");
    }
    Failure::because(message)
}

/// Prints what the user could not know from the arguments; with `verbose`, everything.
pub(crate) fn announce(
    config: &Config,
    octaves: &[Extent],
    left_out: usize,
    memory: &MemoryPlan,
    verbose: bool,
) {
    if left_out > 0 {
        let edge = match config.min_edge {
            1 => String::new(),
            edge => format!(" or --min-edge {edge}"),
        };
        say(format_args!(
            "dreaming {} of {} octaves: the picture is too small in the others for {}{edge}",
            octaves.len(),
            config.octaves,
            config.describe_objectives()
        ));
    }
    if verbose {
        let sizes: Vec<String> = octaves.iter().map(Extent::to_string).collect();
        say(format_args!("towards: {}", config.describe_objectives()));
        let each = if config.iterations.values().len() == 1 { " each" } else { "" };
        say(format_args!("octaves: {}, {} iterations{each}", sizes.join(", "), config.iterations));
        say(format_args!("memory:  {}", describe_memory(memory)));
    }
}

/// The memory that is needed and, if known, how much there is.
pub(crate) fn describe_memory(memory: &MemoryPlan) -> String {
    let mut text = format!("{} of buffers, {} of weights", ByteSize(memory.device), ByteSize(memory.weights));
    if let Some(TileSize { side, mode, work }) = memory.tiles {
        text += &format!(
            ", for {mode} tiles of at most {side} pixels ({work:.2} times the work); {} for the pictures",
            ByteSize(memory.pictures)
        );
    }
    if let Some(free) = memory.free {
        text += &format!("; there are {}", ByteSize(free));
    }
    text
}

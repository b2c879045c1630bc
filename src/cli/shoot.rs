//! Runs a film and shows its progress in the terminal, for `video`, `resume` and `replay`.

use std::path::Path;

use crate::cli::failure::{Failure, explain};
use crate::cli::terminal::preview::{Live, Preview};
use crate::cli::terminal::progress::FrameLine;
use crate::cli::terminal::{say, stop_on_interrupt};
use crate::cli::watch::announce;
use crate::dream::recipe::Recipe;
use crate::film::Moment;
use crate::machine::Machine;
use crate::studio::{FilmEnding, FilmEvent, FilmPlanned, FilmRequest, Room};

/// Dreams a film on this machine, with previews if there is a terminal for them. Calls `planned` before it begins.
/// Returns its recipe.
pub(crate) fn shoot(
    request: FilmRequest,
    machine: Box<dyn Machine>,
    (verbose, preview): (bool, Option<Preview>),
    planned: &mut dyn FnMut(&FilmPlanned),
) -> Result<Recipe, Failure> {
    let (film, out) = (request.source.path().to_owned(), request.target.path().map(Path::to_owned));
    let (from, room) = (request.span.from, Room::on(machine));
    if verbose {
        say(format_args!("device:  {}", room.machine().name()));
    }
    let mut line = None;
    let mut preview = preview.map(Live::new);
    let ending = request.run(&mut room.seat(), &stop_on_interrupt()?, &mut |event| match event {
        FilmEvent::Waiting => say("waiting for memory that other dreams hold"),
        FilmEvent::Planned(plan) => {
            planned(&plan);
            introduce(&plan, &film, verbose);
            line = Some(FrameLine::new(plan.frames));
        }
        FilmEvent::Resumed { frames } => {
            say(format_args!("continuing after the {frames} frames that are done"));
            line.iter().for_each(|line| line.begin(frames));
        }
        FilmEvent::Cut { frame } => {
            if verbose {
                say(format_args!("cut:     {}", moment_of(frame, from)));
            }
        }
        FilmEvent::Frame { number, picture } => {
            let Some(line) = &line else { return };
            line.show(number);
            let shown = preview.as_mut().map(|live| live.show(picture, |show| line.aside(show)));
            if let Some(Err(error)) = shown {
                // A failed preview does not stop the dream.
                say(format_args!("no preview: {error}"));
                preview = None;
            }
        }
    });
    line.iter().for_each(FrameLine::finish);
    conclude(ending?, &film, out.as_deref())
}

/// Prints the remarks and the plan before a dream.
pub(crate) fn introduce(plan: &FilmPlanned, film: &Path, verbose: bool) {
    for remark in &plan.remarks {
        say(format_args!("'{}': {remark}", film.display()));
    }
    announce(&plan.config, &plan.octaves, plan.left_out, &plan.memory, verbose);
}

/// Where a frame of the dreamed part is in the film, as `--cuts` takes it; after a start in seconds, whose frame is not
/// known, in words.
pub(crate) fn moment_of(frame: usize, from: Option<Moment>) -> String {
    match from {
        None => Moment::Frame(frame).to_string(),
        Some(Moment::Frame(first)) => Moment::Frame(first + frame).to_string(),
        Some(from @ Moment::Seconds(_)) => format!("frame {frame} after {from}"),
    }
}

/// Reports how the film ended. `out` is `None` if it went into a pipe.
fn conclude(ending: FilmEnding, film: &Path, out: Option<&Path>) -> Result<Recipe, Failure> {
    let place = out.map_or("sent".to_owned(), |out| format!("in {}", out.display()));
    match ending {
        FilmEnding::Done { frames, doubt, recipe } => {
            if let Some(doubt) = doubt {
                say(format_args!("'{}': {doubt}; {frames} frames were read", film.display()));
            }
            out.iter().for_each(|out| say(out.display()));
            Ok(*recipe)
        }
        FilmEnding::Stopped { frames, why, state } => {
            let why = why.map_or_else(|| "stopped by Ctrl-C".to_owned(), |error| explain(&error));
            let part = match frames {
                0 => String::new(),
                1 => format!("; the frame dreamed by then is {place}"),
                frames => format!("; the {frames} frames dreamed by then are {place}"),
            };
            let rest = out.filter(|_| state);
            let rest = rest
                .map_or(String::new(), |out| format!("; `puppyslug resume {}` continues it", out.display()));
            Err(Failure::because(format_args!("{why}{part}{rest}")))
        }
    }
}

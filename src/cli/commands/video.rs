//! `puppyslug video`: a film in, a dreamed film out.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::HumanDuration;

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::dreaming::{Dreaming, DreamingArguments};
use crate::cli::flags::inputs::inputs;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{destination, is_stream, with_ending};
use crate::cli::flags::settings::CarryingArguments;
use crate::cli::flags::way::open_preview;
use crate::cli::hint::mention_other_weights;
use crate::cli::shoot::{introduce, moment_of, shoot};
use crate::cli::terminal::{print, say, stop_on_interrupt};
use crate::cli::watch::describe_memory;
use crate::files::bytes::ByteSize;
use crate::film::{Codec, Dropping, FilmError, Hdr, Moment, Source, Span, Target, TimeBase};
use crate::picture::{Size, WantedSize};
use crate::studio::{Destination, FilmEvent, FilmRequest, Room, Start};

#[derive(Args)]
#[command(after_help = "\
What was dreamed is carried from frame to frame along the motion of the film, and only what is
missing is dreamed anew, so that the dream stays in place. The first frame of every shot is
dreamed as a still. Films are read and written by ffmpeg 5.1 or newer: the one on the search path,
or the one that PUPPYSLUG_FFMPEG names.

Examples:
  puppyslug video cat.mp4                               writes cat-dream.mp4, with its sound
  puppyslug video cat.mov -o dream.mkv --size 640       at most 640 pixels a side
  puppyslug video cat.mp4 --dry-run                     frames, shots, memory, disk and time
  puppyslug resume cat-dream.mp4                        continues a film that was stopped
  puppyslug video cat.gif -o dream.gif                  an animation, without ffmpeg
  puppyslug video frames/ --fps 30 -o dream/%05d.png    from pictures to pictures
  ffmpeg -i cat.mp4 -f nut -c:v rawvideo -pix_fmt rgb24 - | puppyslug video - -o - | ffplay -
  puppyslug video cat.mp4 --layer inception_3b/output --octaves 2 --iterations 5")]
pub(crate) struct Arguments {
    /// The film: a file, a GIF or another animated picture, a folder of pictures, or a pattern
    /// (frames/%04d.png, 'frames/*.jpg'); - for NUT from stdin
    film: PathBuf,

    /// Output file; the ending decides the format: .mp4, .mov, .mkv, .webm, .gif, .png (animated). Or a folder
    /// for single pictures, or a pattern for their names (dream/%05d.jpg); - for raw pictures as NUT to stdout
    /// [default: NAME-dream.mp4]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// First scale the frames to fit a box (WxH) or a longest side (N)
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    #[command(flatten)]
    dreaming: DreamingArguments,
    #[command(flatten)]
    carrying: CarryingArguments,

    /// Start here: a time (90, 1:30.5) or a frame (2250f, where 0f is the first)
    #[arg(long, value_name = "TIME|FRAME", help_heading = "Film", allow_negative_numbers = true)]
    from: Option<Moment>,

    /// End before this time or frame
    #[arg(long, value_name = "TIME|FRAME", help_heading = "Film", allow_negative_numbers = true)]
    to: Option<Moment>,

    /// Frames per second of a folder or a pattern of pictures: 25, 29.97, 30000/1001 [default: 25]
    #[arg(long, value_name = "RATE", value_parser = TimeBase::of_rate, help_heading = "Film", allow_negative_numbers = true)]
    fps: Option<TimeBase>,

    /// If frames arrive on stdin faster than they are dreamed, drop all but the newest: for a camera
    #[arg(long, value_name = "late", value_parser = ["late"], hide_possible_values = true, help_heading = "Film")]
    drop: Option<String>,

    /// Video codec: h264, hevc, av1, vp9, prores, ffv1 [default: h264, in .webm vp9]
    #[arg(long, value_name = "CODEC", help_heading = "Film")]
    codec: Option<Codec>,

    /// Quality of the codec: 0 loses nothing or little, more makes smaller files [default: 16 for h264, 18 for
    /// hevc, 24 for av1 and vp9]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=63), help_heading = "Film",
          allow_negative_numbers = true)]
    crf: Option<u8>,

    /// Whether to keep the sound
    #[arg(long, value_name = "copy|none", value_parser = ["copy", "none"], default_value = "copy",
          hide_possible_values = true, help_heading = "Film")]
    audio: String,

    /// What to do with HDR: convert it to SDR (tonemap), or leave it as it is coded and note that in the new
    /// file (keep)
    #[arg(long, value_name = "tonemap|keep", help_heading = "Film")]
    hdr: Option<Hdr>,

    /// Read the whole film, dream two of its frames, and report what the dream will take, without writing
    /// anything
    #[arg(long, help_heading = "Film")]
    dry_run: bool,

    /// Start again, even if a film that was stopped could be continued, and discard what there is of it
    #[arg(long, help_heading = "Film")]
    force: bool,
    /// Show the newest frame once a second, in terminals that support it (kitty's or iTerm2's protocol, or
    /// sixels)
    #[arg(long, help_heading = "While it dreams")]
    preview: bool,

    /// Report what is done, on which device, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,

    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

impl Arguments {
    fn out(&self) -> PathBuf {
        // The default name for a pattern is that of its folder.
        let is_named = is_stream(&self.film) || self.film.exists();
        let named = if is_named { Some(self.name()) } else { self.film.parent() };
        let name = named.and_then(Path::file_stem).unwrap_or(OsStr::new("film"));
        self.out.clone().unwrap_or_else(|| with_ending(name, "-dream.mp4").into())
    }

    /// The name of the film in messages.
    fn name(&self) -> &Path {
        if is_stream(&self.film) { Path::new("stdin") } else { &self.film }
    }

    /// The film that is dreamed over.
    fn source(&self) -> Result<Source, Failure> {
        if !is_stream(&self.film) {
            return match self.drop {
                Some(_) => Err(Failure::usage("--drop is for a film from stdin; a file can wait")),
                None => Ok(Source::open(&self.film, self.fps)?.with_hdr(self.hdr)?),
            };
        }
        if self.fps.is_some() {
            return Err(FilmError::OwnTimes { path: "stdin".into() }.into());
        }
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Err(Failure::usage(
                "the film '-' is read from stdin, which is a terminal; pipe a film in",
            ));
        }
        let drop = if self.drop.is_some() { Dropping::Late } else { Dropping::Nothing };
        Ok(Source::piped(Box::new(stdin), self.name(), drop, self.hdr)?)
    }

    /// Where the dream is written.
    fn target(&self) -> Result<Target, Failure> {
        let Self { codec, crf, .. } = *self;
        match destination(self.out())? {
            Destination::File(path) => Ok(Target::new(path, codec, crf, self.audio == "copy")?),
            _ if codec.is_some() || crf.is_some() => Err(FilmError::NoCodec { path: "stdout".into() }.into()),
            _ => Ok(Target::piped(Box::new(io::stdout()))),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // ffmpeg and ffprobe take a while to start: whatever can be done meanwhile is.
    let (dreaming, target) = beside(|| arguments.dreaming.read(&arguments.weights), || arguments.target());
    let Dreaming { network, base, config, like_box, .. } = dreaming?;
    let target = target?;
    let weights = network.weights.clone();
    let Arguments { size, from, to, .. } = *arguments;
    let film = base.as_ref().and_then(|base| base.whole.as_ref()).and_then(|recipe| recipe.film.as_ref());
    let carrying = arguments.carrying.carrying(film)?;
    let (source, checked) = beside(|| arguments.source(), || target.check());
    let source = source?;
    checked?;
    let options = arguments.device.read_options(WantedSize::Own, &config);
    let given = arguments.dreaming.references.open_moving(&options)?;
    let references = given.with_directions(&config.objectives)?.marked(like_box);
    // A source folder counts as read too: frames written into it would mix with its own.
    let pictures = source.files().into_iter().chain([source.path()]).map(Path::to_owned);
    let read = pictures.chain(arguments.dreaming.files().cloned());
    let reads = read.chain(arguments.weights.file()).collect();
    let span = Span { from, to };
    let inputs = inputs(&arguments.film, &arguments.dreaming.references, &arguments.weights)?;
    // A dry run leaves all files as they are.
    let start = if arguments.force || arguments.dry_run { Start::Anew } else { Start::New };
    let request = FilmRequest {
        network,
        source,
        references,
        size,
        config,
        carrying,
        span,
        target,
        reads,
        inputs,
        start,
    };
    request.check()?;
    let machine = arguments.device.open()?;
    if arguments.dry_run {
        return look(request, &Room::on(machine), arguments);
    }
    let preview = open_preview(arguments.preview);
    shoot(request, machine, (arguments.verbose, preview), &mut |_| {})?;
    mention_other_weights(&arguments.weights, &weights);
    Ok(())
}

/// Does two things at once.
fn beside<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let there = scope.spawn(there);
        (here(), there.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Reports what a film is, and how much time and memory its dream will take.
fn look(request: FilmRequest, room: &Arc<Room>, arguments: &Arguments) -> Result<(), Failure> {
    if arguments.verbose {
        say(format_args!("device:  {}", room.machine().name()));
    }
    let mut memory = String::new();
    let survey = request.survey(&mut room.seat(), &stop_on_interrupt()?, &mut |event| match event {
        FilmEvent::Waiting => say("waiting for memory that other dreams hold"),
        FilmEvent::Planned(plan) => {
            introduce(&plan, arguments.name(), arguments.verbose);
            memory = describe_memory(&plan.memory);
        }
        FilmEvent::Resumed { .. } | FilmEvent::Cut { .. } | FilmEvent::Frame { .. } => {}
    })?;
    let Some(survey) = survey else { return Err(Failure::because("stopped by Ctrl-C")) };
    let shots = match &survey.cuts {
        None => "every frame is dreamed on its own".to_owned(),
        Some(cuts) => {
            let places: Vec<String> = cuts.iter().map(|&frame| moment_of(frame, arguments.from)).collect();
            let places =
                if places.is_empty() { String::new() } else { format!(", cut at {}", places.join(", ")) };
            format!("{}{places}", cuts.len() + 1)
        }
    };
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let whole = HumanDuration(survey.time());
    print(
        format!(
            "frames:  {} of {}\nshots:   {shots}\nmemory:  {memory}\ndisk:    about {}, plus the sound\n\
             time:    about {whole}: {} for the first frame of a shot, {} for another\n",
            survey.frames,
            survey.size,
            ByteSize(survey.bytes()),
            seconds(survey.first),
            seconds(survey.later),
        )
        .as_bytes(),
    )
}

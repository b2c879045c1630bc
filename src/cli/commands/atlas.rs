//! `puppyslug atlas`: every channel as a picture, in one page.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::failure::{Failure, explain};
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::terminal::progress::ChannelLine;
use crate::cli::terminal::{print, say, stop_on_interrupt};
use crate::net::{LayerId, Network};
use crate::studio::{AtlasEnding, AtlasEvent, AtlasRequest, Quality};

#[derive(Args)]
#[command(after_help = "\
Finished channels are kept in OUT.part until the page is complete: if anything stops the program,
the same command continues.

Examples:
  puppyslug atlas --dry-run                          how long it would take
  puppyslug atlas                                    all twelve layers, in atlas.html
  puppyslug atlas --layer inception_4c/output -o 4c.html --quality good
  puppyslug atlas --examples paintings               with crops of your own pictures
  puppyslug atlas --weights bvlc -o bvlc.html")]
pub(crate) struct Arguments {
    /// The page to write
    #[arg(short, long, value_name = "FILE", default_value = "atlas.html")]
    out: PathBuf,

    /// A layer to show, or a pattern like inception_4?/output; may be repeated [default: the stems and the
    /// outputs of all modules]
    #[arg(long, value_name = "LAYER")]
    layer: Vec<String>,

    /// draft: 64 steps at 64 pixels; good: 256 steps at 128
    #[arg(long, value_name = "draft|good", default_value = "draft")]
    quality: Quality,

    /// Show, for each channel, the crops of your own pictures in this folder that excite it most; the page will
    /// contain them
    #[arg(long, value_name = "FOLDER")]
    examples: Option<PathBuf>,

    /// Only say how long it would take
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let network = arguments.weights.network()?;
    let layers = find_layers(network.weights.network(), &arguments.layer)?;
    let reads = arguments.weights.file().into_iter().collect();
    let (quality, out, examples) = (arguments.quality, arguments.out.clone(), arguments.examples.clone());
    let request = AtlasRequest { network, layers, quality, out, examples, reads };
    request.check()?;
    let machine = arguments.device.open()?;
    if arguments.dry_run {
        let (done, of, left) = request.estimate(&*machine)?;
        let before = if done > 0 { format!(", of which {done} are done") } else { String::new() };
        return print(format!("{of} channels{before}: {} on {}\n", time(left), machine.name()));
    }
    let cancel = stop_on_interrupt()?;
    let mut line = None;
    let ending = request.run(&*machine, &cancel, &mut |event| match event {
        AtlasEvent::Began { done, of } => line = Some(ChannelLine::new(done, of)),
        AtlasEvent::Channel { done } => line.iter().for_each(|line| line.show(done)),
        AtlasEvent::Example { done, of } => line.iter().for_each(|line| line.show_example(done, of)),
        AtlasEvent::LeftOut { path, error } => {
            let words = format!("{} is left out: {}", path.display(), explain(error));
            line.iter().for_each(|line| line.aside(|| say(&words)));
        }
    });
    line.iter().for_each(ChannelLine::finish);
    match ending? {
        AtlasEnding::Done { channels, dead } => {
            say(format_args!("{}: {channels} channels, {dead} of them dead", arguments.out.display()));
            Ok(())
        }
        AtlasEnding::Stopped { done, of, kept } => Err(Failure::because(format_args!(
            "stopped by Ctrl-C; {done} of {of} channels are kept in '{}', and the same command continues with them",
            kept.display()
        ))),
    }
}

/// All layers that the names match, each once and in the network's order.
fn find_layers(network: &Network, names: &[String]) -> Result<Vec<LayerId>, Failure> {
    let mut layers = Vec::new();
    for name in names {
        let found = network.find_all(name)?;
        if found.contains(&network.input()) {
            return Err(Failure::usage(format_args!(
                "'{name}' names the picture itself, which has no channels to see; `puppyslug layers` lists all layers"
            )));
        }
        layers.extend(found);
    }
    layers.sort();
    layers.dedup();
    Ok(layers)
}

/// A duration in words, rounded to what an estimate deserves.
fn time(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..100 => format!("about {seconds} seconds"),
        seconds @ 100..6000 => format!("about {} minutes", (seconds + 30) / 60),
        seconds => format!("about {:.1} hours", seconds as f64 / 3600.0),
    }
}

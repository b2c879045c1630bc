//! `puppyslug dream`: a picture in, a dream out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::batch::{BatchArguments, conclude, report};
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::dreaming::{Dreaming, DreamingArguments};
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::output::{
    OutputArguments, destination, is_stream, mind, mind_loss, open_picture, with_ending,
};
use crate::cli::flags::way::WayArguments;
use crate::cli::hint::mention_other_weights;
use crate::cli::terminal::{say, stop_on_interrupt};
use crate::cli::watch::perform;
use crate::dream::augment::variant;
use crate::dream::recipe::{Recipe, Source};
use crate::dream::{Changes, Config, PixelBox, Standing};
use crate::extent::Extent;
use crate::picture::{ReadOptions, Size, WantedSize};
use crate::studio::batch::Task;
use crate::studio::recipe_file::Base;
use crate::studio::{
    Delivery, Destination, JobError, MarkedReferences, Network, Readers, Request, Room, Subject,
};

/// Size of the sky that is dreamed over when there is no picture.
const SKY: Extent = Extent::new(480, 640);

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream                                       a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg --size 1024      at most 1024 pixels a side
  puppyslug dream cat.jpg --layer inception_3b/output   edges and strokes instead of animals
  puppyslug dream - -o - --format jpg < cat.png > dream.jpg   from stdin to stdout
  puppyslug dream cat.jpg --objective 'logit:sunflower' --iterations 40
  puppyslug dream photos --out-dir dreams --skip-existing      a folder and its subfolders
  puppyslug dream train --out-dir more --augment 5 --size 256  enlarges a labelled training set
  puppyslug dream dog.jpg --recipe cat-dream.png --octaves 5   like that dream, in 5 octaves
  puppyslug dream cat.jpg --layer inception_4c/output --layer inception_3a/output=-0.5
  puppyslug dream cat.jpg --guide flowers.jpg --objective guide:inception_3b/output
  puppyslug dream cat.jpg --octaves auto --iterations 20,10,5 --layer 'inception_4*/output@1-2' \\
                          --layer inception_3b/output@3-
  puppyslug dream cat.jpg --mask left.png --objective 'logit:peacock#1' \\
                          --mask right.png --objective 'logit:octopus#2'
  puppyslug dream cat.jpg --preset brush --color keep --strength 0.7")]
pub(crate) struct Arguments {
    /// The picture, or - for stdin; without one, a cloudy sky is painted. With --out-dir, any number of
    /// pictures and folders
    image: Vec<PathBuf>,

    /// Output file, or - for stdout; the ending decides the format [default: NAME-dream.png]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// First scale the picture to fit a box (WxH) or a longest side (N)
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    #[command(flatten)]
    dreaming: DreamingArguments,
    #[command(flatten)]
    batch: BatchArguments,

    /// Keep a file from which `puppyslug resume` can continue, renewed after every octave
    #[arg(long, value_name = "FILE.safetensors", value_parser = parse_checkpoint, help_heading = "While it dreams")]
    checkpoint: Option<PathBuf>,

    #[command(flatten)]
    way: WayArguments,
    #[command(flatten)]
    file: OutputArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

impl Arguments {
    fn destination(&self) -> Result<Destination, Failure> {
        let name = match self.image.first() {
            None => OsStr::new("sky"),
            Some(path) if is_stream(path) => OsStr::new("stdin"),
            Some(path) => path.file_stem().unwrap_or(OsStr::new("sky")),
        };
        let default = || PathBuf::from(with_ending(name, &format!("-dream.{}", self.file.extension())));
        destination(self.out.clone().unwrap_or_else(default))
    }

    /// How a dream over these pictures is delivered.
    fn delivery(&self, to: Destination, pictures: &[PathBuf]) -> Result<Delivery, JobError> {
        let file = self.file.mark(&to)?;
        let read = pictures.iter().chain(self.dreaming.files()).cloned();
        let reads = read.chain(self.weights.file()).collect();
        Ok(Delivery { reads, checkpoint: self.checkpoint.clone(), ..Delivery::to(to, file) })
    }

    /// The size of the dream. Without --size, it is the recipe's, if that was dreamed over the same picture or
    /// over a sky like this dream.
    fn size(&self, subject: &Subject, recipe: Option<&Recipe>) -> Extent {
        let same = |recipe: &&Recipe| match (subject, &recipe.source) {
            (Subject::Sky { .. }, then) => matches!(then, Source::Sky { .. }),
            (Subject::Picture { source, .. }, then) => source == then,
        };
        match (recipe.filter(same), subject) {
            (Some(recipe), _) if self.size.is_none() => recipe.extent(),
            (_, Subject::Picture { picture, .. }) => self.fit(picture.extent()),
            (_, Subject::Sky { .. }) => self.fit(SKY),
        }
    }

    /// How the picture that is dreamed over is read.
    fn source_options(&self, config: &Config) -> ReadOptions {
        self.device.read_options(self.size.map_or(WantedSize::Own, WantedSize::Fit), config)
    }

    /// The size of the dream over a picture of this size.
    fn fit(&self, whole: Extent) -> Extent {
        self.size.map_or(whole, |size| size.fit(whole))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Dreaming { network, base, changes, config, like_box } =
        arguments.dreaming.read(&arguments.weights)?;
    let weights = network.weights.clone();
    match &arguments.batch.out_dir {
        Some(folder) => {
            let references = arguments
                .dreaming
                .references
                .open(&arguments.device.read_options(WantedSize::Own, &config))?
                .with_directions(&config.objectives)?
                .marked(like_box);
            many(arguments, folder, &network, &changes, &references)?;
        }
        None => one(arguments, network, base.as_ref(), config, like_box)?,
    }
    mention_other_weights(&arguments.weights, &weights);
    Ok(())
}

fn one(
    arguments: &Arguments,
    network: Network,
    base: Option<&Base>,
    config: Config,
    like_box: Option<PixelBox>,
) -> Result<(), Failure> {
    if let [_, another, ..] = &arguments.image[..] {
        let another = another.display();
        return Err(Failure::usage(format_args!(
            "'{another}' is a second picture; --out-dir FOLDER takes the dreams of several"
        )));
    }
    let delivery = arguments.delivery(arguments.destination()?, &arguments.image)?;
    let delivery = Delivery { part: true, steps: arguments.way.steps_out.clone(), ..delivery };
    delivery.check()?;
    let subject = match arguments.image.first() {
        Some(path) => {
            let opened = open_picture(path, &arguments.source_options(&config))?;
            mind_loss(&opened, delivery.file.format);
            opened.into()
        }
        None => Subject::Sky { seed: config.seed },
    };
    let references = arguments
        .dreaming
        .references
        .open(&arguments.device.read_options(WantedSize::Own, &config))?
        .with_directions(&config.objectives)?
        .marked(like_box);
    let size = arguments.size(&subject, base.and_then(|base| base.whole.as_ref()));
    let start = Standing::default();
    let request = Request { network, subject, references, size, config, start, delivery };
    request.check()?;
    perform(request, arguments.device.open()?, &arguments.way, &mut |_| ())?;
    Ok(())
}

/// Dreams over all given pictures, into a folder.
fn many(
    arguments: &Arguments,
    folder: &Path,
    network: &Network,
    changes: &Changes,
    references: &MarkedReferences,
) -> Result<(), Failure> {
    if let Some(stream) = arguments.image.iter().find(|input| is_stream(input)) {
        let stream = stream.display();
        return Err(Failure::usage(format_args!("--out-dir takes files and folders, not '{stream}'")));
    }
    let request = |task: &Task, readers: &Readers| {
        let config = match task.variant {
            Some(number) => variant(&network.weights, changes, &task.name, number),
            None => Config::by(&network.weights, [changes]),
        };
        let to = Destination::File(task.out.clone());
        let delivery = arguments.delivery(to, std::slice::from_ref(&task.source))?;
        let delivery = Delivery { folder: task.out.parent().map(Path::to_owned), ..delivery };
        let opened = readers.open(&task.source, &|| arguments.source_options(&config))?;
        mind(&opened.path, &opened.picture);
        mind_loss(&opened, delivery.file.format);
        let size = arguments.fit(opened.picture.extent());
        let request = Request::new(network.clone(), opened.into(), size, config, delivery);
        Ok(Request { references: references.clone(), ..request })
    };
    let room = Room::on(arguments.device.open()?);
    if arguments.way.verbose {
        say(format_args!("device:  {}", room.machine().name()));
    }
    let cancel = stop_on_interrupt()?;
    let batch = arguments.batch.batch(folder, arguments.file.extension());
    let tally = batch.run(&arguments.image, &room, &cancel, &request, &|it| report(&it));
    conclude(tally, cancel.is_cancelled(), folder)
}

fn parse_checkpoint(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().is_some_and(|extension| extension == "safetensors") {
        true => Ok(path),
        false => Err("the name must end in .safetensors".to_owned()),
    }
}

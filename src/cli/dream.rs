//! `puppyslug dream`: a picture in, a dream out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::batch::{BatchArguments, Task};
use super::climbing::ClimbArguments;
use super::dreaming::{Order, WayArguments, announce, make_folder};
use super::flags::settings::SettingArguments;
use super::pictures::{Destination, OutputArguments, is_stream, open_picture};
use super::progress::ProgressLine;
use super::recipe::{Base, mark_of_device, mark_of_weights, weights_for};
use super::references::{OpenedReferences, ReferenceArguments, check_alpha};
use super::room::{Room, Seat};
use super::{
    DeviceArguments, Failure, WeightsArguments, keep_inputs, refuse_objective, say, stop_on_interrupt,
    with_ending,
};
use crate::dream::augment::variant;
use crate::dream::recipe::{FileMark, Recipe, ReferenceMarks, Source, WeightsMark};
use crate::dream::{Changes, Config, Dream, Objective, PixelBox, Standing};
use crate::machine::Machine;
use crate::net::Weights;
use crate::picture::Picture;
use crate::picture::sky::sky;
use crate::picture::{Size, beside, check_size};
use crate::settings::Settings;

/// Width and height of the sky that is dreamed over when there is no picture.
const SKY: (usize, usize) = (640, 480);

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug dream                                       a dream over a sky, in sky-dream.png
  puppyslug dream cat.jpg -o dream.jpg --size 1024      at most 1024 pixels a side
  puppyslug dream cat.jpg --layer inception_3b/output   edges and strokes instead of eyes
  puppyslug dream - -o - --format jpg < cat.png > dream.jpg   from stdin to stdout
  puppyslug dream cat.jpg --objective 'logit:sunflower' --iterations 40
  puppyslug dream photos --out-dir dreams --skip-existing      every picture in a folder and below
  puppyslug dream train --out-dir more --augment 5 --size 256  a labelled training set, grown
  puppyslug dream dog.jpg --recipe cat-dream.png --octaves 5   as that dream, but for the octaves
  puppyslug dream cat.jpg --layer inception_4c/output --layer inception_3a/output=-0.5
  puppyslug dream cat.jpg --guide flowers.jpg --objective guide:inception_3b/output
  puppyslug dream cat.jpg --octaves auto --iterations 20,10,5 --layer 'inception_4*/output@1-2' \\
                          --layer inception_3b/output@3-
  puppyslug dream cat.jpg --mask left.png --objective 'logit:peacock#1' \\
                          --mask right.png --objective 'logit:octopus#2'
  puppyslug dream cat.jpg --preset brush --color keep --strength 0.7")]
pub(super) struct Arguments {
    /// The picture, - for stdin; a cloudy sky if there is none. With --out-dir any number of pictures and folders
    image: Vec<PathBuf>,

    /// Where the dream goes, - for stdout; the ending decides the format [default: NAME-dream.png]
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Fit the picture into a box (WxH) or a longest side (N) first
    #[arg(long, value_name = "WxH|N")]
    size: Option<Size>,

    /// Begin with the settings of a recipe (a picture that carries one, or a JSON file); flags change them
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,

    #[command(flatten)]
    climb: ClimbArguments,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    references: ReferenceArguments,

    /// Only this box of the picture to be like: left, top, width and height, in pixels
    #[arg(long, value_name = "X,Y,W,H", help_heading = "What to climb")]
    like_box: Option<PixelBox>,

    #[command(flatten)]
    batch: BatchArguments,
    #[command(flatten)]
    way: WayArguments,
    #[command(flatten)]
    file: OutputArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,

    /// Say what is done, where, and how much memory it takes
    #[arg(short, long)]
    verbose: bool,
}

impl Arguments {
    /// The weights that are given, or else those of the recipe, and how a recipe names them.
    fn network(&self, base: Option<&Recipe>) -> Result<(Weights, WeightsMark), Failure> {
        if let (Some(recipe), None) = (base, &self.weights.weights) {
            return Ok((weights_for(&recipe.weights, None)?, recipe.weights.clone()));
        }
        let weights = self.weights.open()?;
        let mark = mark_of_weights(self.weights.name(), &weights);
        Ok((weights, mark))
    }

    /// What is set: by the preset or the recipe, and by the flags, which count more.
    fn changes(&self, weights: &Weights, base: Option<&Base>) -> Changes {
        let preset = self.climb.preset(weights);
        let recipe = base.map(|base| base.changes.clone()).unwrap_or_default();
        let changes = Config::layered([&preset, &recipe, &self.climb.changes(), &self.settings.changes]);
        self.with_implied_objectives(changes, weights)
    }

    /// A picture to dream after alone is something to climb.
    fn with_implied_objectives(&self, changes: Changes, weights: &Weights) -> Changes {
        let objectives = || changes.objectives.iter().flatten();
        let mut roles = self.references.roles();
        roles.retain(|&role| !objectives().any(|objective| objective.needs() == Some(role)));
        if self.climb.names_objectives() || roles.is_empty() {
            return changes;
        }
        let implied = |role| Objective::implied_by(role, weights.favourite_layer());
        Changes { objectives: Some(roles.into_iter().flat_map(implied).collect()), ..changes }
    }

    /// Which part of the picture to be like is meant: the recipe's, if none is given.
    fn like_box(&self, base: Option<&Base>) -> Result<Option<PixelBox>, Failure> {
        match (&self.references.like, self.like_box) {
            (None, Some(_)) => {
                Err(Failure::usage("--like-box is a part of a picture that is not given: add --like PICTURE"))
            }
            (None, None) => Ok(None),
            (Some(_), given) => {
                let whole = base.and_then(|base| base.whole.as_ref());
                Ok(given.or(whole.and_then(|recipe| recipe.references.like_box)))
            }
        }
    }

    fn output(&self) -> Result<Destination, Failure> {
        let name = match self.image.first() {
            None => OsStr::new("sky"),
            Some(path) if is_stream(path) => OsStr::new("stdin"),
            Some(path) => path.file_stem().unwrap_or(OsStr::new("sky")),
        };
        let default = || PathBuf::from(with_ending(name, &format!("-dream.{}", self.file.extension())));
        Destination::at(self.out.clone().unwrap_or_else(default))
    }

    /// Width and height of the dream: of the recipe's, if it was dreamed over the same.
    fn size(
        &self,
        opened: Option<&(Picture, Source)>,
        recipe: Option<&Recipe>,
    ) -> Result<(usize, usize), Failure> {
        let same = |recipe: &&Recipe| match (opened, &recipe.source) {
            (None, Source::Sky { .. }) => true,
            (Some((_, source)), then) => source == then,
            _ => false,
        };
        match (recipe.filter(same), opened) {
            (Some(recipe), _) if self.size.is_none() => Ok((recipe.width, recipe.height)),
            (_, Some((picture, _))) => self.size_of(picture.width(), picture.height()),
            (_, None) => self.size_of(SKY.0, SKY.1),
        }
    }

    /// Width and height of the dream over a picture of this size.
    fn size_of(&self, width: usize, height: usize) -> Result<(usize, usize), Failure> {
        let (width, height) = self.size.map_or((width, height), |size| size.fit(width, height));
        check_size(width, height)?;
        Ok((width, height))
    }

    fn recipe_of(
        &self,
        weights: &WeightsMark,
        machine: &dyn Machine,
        dream: Config,
        subject: Subject,
        output: &Destination,
    ) -> Result<Recipe, Failure> {
        let Subject { source, references, size: (width, height) } = subject;
        let options = self.file.options(Some(""));
        Ok(Recipe {
            puppyslug: env!("CARGO_PKG_VERSION").to_owned(),
            device: mark_of_device(machine),
            weights: weights.clone(),
            source,
            references,
            width,
            height,
            file: FileMark {
                format: output.format(&options)?,
                depth: options.depth,
                quality: options.quality,
            },
            complete: true,
            dream,
        })
    }
}

/// What is dreamed over, and after what.
struct Subject {
    source: Source,
    references: ReferenceMarks,
    /// Width and height of the dream.
    size: (usize, usize),
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let base = arguments.recipe.as_deref().map(Base::open).transpose()?;
    let whole = base.as_ref().and_then(|base| base.whole.as_ref());
    let (weights, mark) = arguments.network(whole)?;
    let network = (&weights, &mark);
    let masks = whole.map_or(0, |recipe| recipe.references.masks.len());
    if masks > 0 && arguments.references.mask.is_empty() {
        say(
            "the recipe's dream lay under a mask, which a recipe only names: without --mask this one lies under none",
        );
    }
    let changes = arguments.changes(&weights, base.as_ref());
    let config = Config::by(&weights, [&changes]);
    config.check().map_err(Failure::usage)?;
    // Names first of all: what is wrong with the arguments is said before any work.
    let roles = arguments.references.roles();
    for objective in &config.objectives {
        objective.check(&weights, &roles).map_err(refuse_objective)?;
    }
    config.check_masks(arguments.references.mask.len()).map_err(Failure::usage)?;
    let like_box = arguments.like_box(base.as_ref())?;
    match &arguments.batch.out_dir {
        Some(folder) => {
            let references = arguments.references.open(like_box)?;
            many(arguments, folder, network, &changes, &references)
        }
        None => one(arguments, network, base.as_ref(), &config, like_box),
    }
}

fn one(
    arguments: &Arguments,
    (weights, mark): (&Weights, &WeightsMark),
    base: Option<&Base>,
    config: &Config,
    like_box: Option<PixelBox>,
) -> Result<(), Failure> {
    if let [_, another, ..] = &arguments.image[..] {
        let another = another.display();
        return Err(Failure::usage(format_args!(
            "'{another}' is a second picture; --out-dir FOLDER takes the dreams of several"
        )));
    }
    let output = arguments.output()?;
    let options = arguments.file.options(Some(""));
    output.check(&options)?;
    let written = output.file().into_iter().flat_map(|file| [file.to_owned(), beside(file)]);
    for file in written.chain(arguments.way.files()) {
        let weights_file = arguments.weights.file();
        let read = arguments.image.iter().chain(&weights_file).chain(&arguments.recipe);
        keep_inputs(read.chain(arguments.references.files()), &file)?;
    }
    let opened = arguments.image.first().map(|path| open_source(path)).transpose()?;
    let OpenedReferences { references, marks } = arguments.references.open(like_box)?;
    check_alpha(&references.masks, opened.as_ref().map(|(picture, _)| picture))?;
    let (width, height) = arguments.size(opened.as_ref(), base.and_then(|base| base.whole.as_ref()))?;
    output.check_size(&options, width, height)?;
    let machine = arguments.device.open()?;
    let mut dream = Dream::prepare_with(&*machine, weights, (height, width), config, &references)?;
    // Not before it is known to fit: resizing and painting take memory too.
    let (picture, source) = match opened {
        Some((picture, source)) => (picture.into_resized(width, height)?, source),
        None => (sky(width, height, config.seed)?, Source::Sky { seed: config.seed }),
    };

    let interrupted = stop_on_interrupt()?;
    announce(&dream, config, &*machine, arguments.verbose);
    let subject = Subject { source, references: marks, size: (width, height) };
    let recipe = arguments.recipe_of(mark, &*machine, dream.config().clone(), subject, &output)?;
    let progress = ProgressLine::new(&dream.octave_sizes(), &config.iterations);
    let start = Standing::default();
    let (output, references, way) = (&output, &references, &arguments.way);
    let order = Order { recipe, picture, references, start, output, way, saves_part: true };
    order.fulfil(&mut dream, &interrupted, Some(&progress))?;
    if output.file().is_some() {
        say(output);
    }
    Ok(())
}

/// Dreams over everything given, into a folder.
fn many(
    arguments: &Arguments,
    folder: &Path,
    (weights, mark): (&Weights, &WeightsMark),
    changes: &Changes,
    OpenedReferences { references, marks }: &OpenedReferences,
) -> Result<(), Failure> {
    let machine = arguments.device.open()?;
    let interrupted = stop_on_interrupt()?;
    let weights_file = arguments.weights.file();
    let dream = |task: &Task, seat: &mut Seat<'_>| {
        let config = match task.variant {
            Some(number) => variant(weights, changes, &task.name, number),
            None => Config::by(weights, [changes]),
        };
        let output = Destination::at(task.out.clone())?;
        let (opened, source) = open_source(&task.source)?;
        check_alpha(&references.masks, Some(&opened))?;
        let (width, height) = arguments.size_of(opened.width(), opened.height())?;
        output.check_size(&arguments.file.options(Some("")), width, height)?;
        let dream = seat.dream((height, width), &config)?;
        let picture = opened.into_resized(width, height)?;
        let subject = Subject { source, references: marks.clone(), size: (width, height) };
        let recipe = arguments.recipe_of(mark, &*machine, dream.config().clone(), subject, &output)?;
        make_folder(task.out.parent().unwrap_or(folder))?;
        for file in [&task.out, &beside(&task.out)] {
            let read = [&task.source].into_iter().chain(&weights_file).chain(&arguments.recipe);
            keep_inputs(read.chain(arguments.references.files()), file)?;
        }
        let (output, way, start) = (&output, &arguments.way, Standing::default());
        let order = Order { recipe, picture, references, start, output, way, saves_part: false };
        order.fulfil(dream, &interrupted, None).map(drop)
    };
    let room = Room::new(&*machine, weights, references);
    let extension = arguments.file.extension();
    arguments.batch.run(folder, &arguments.image, extension, &interrupted, &room, dream)
}

/// Opens what is dreamed over.
fn open_source(path: &Path) -> Result<(Picture, Source), Failure> {
    let (picture, mark) = open_picture(path)?;
    Ok((picture, Source::Picture(mark)))
}

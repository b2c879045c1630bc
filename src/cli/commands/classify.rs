//! `puppyslug classify`: what the network sees, in words.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::flags::naming::NamingArguments;
use crate::cli::flags::output::mind;
use crate::cli::terminal::{print, say};
use crate::dream::classify::{Classifier, Framing, Guess};
use crate::net::Weights;
use crate::picture::{Picture, WantedSize};
use crate::settings::form::parse_whole;
use crate::studio::read_options;

#[derive(Args)]
#[command(after_help = "\
As in Caffe, a picture is squeezed to 256x256, and the network sees the 224x224 in the middle;
with --whole it sees everything, at its own size. A thousand classes without names are assumed to
be those of ImageNet 2012. A picture that cannot be read does not stop the others, but makes the
exit code 1.

Examples:
  puppyslug classify cat.jpg --weights bvlc
  puppyslug classify *.jpg --top 1 --json
  puppyslug classify wide.png --whole")]
pub(crate) struct Arguments {
    /// Pictures
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,

    /// Number of classes to name, the likeliest first
    #[arg(long, value_name = "N", default_value = "5", value_parser = parse_whole::<usize>,
          allow_negative_numbers = true)]
    top: usize,

    #[command(flatten)]
    naming: NamingArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.top == 0 {
        return Err(Failure::usage("--top 0 names nothing; give 1 or more"));
    }
    let naming = &arguments.naming;
    let weights = naming.weights.open()?;
    let machine = naming.device.open()?;
    let mut classifier =
        Classifier::new(&*machine, &weights, naming.mean.or_of(&weights)).ok_or_else(|| {
            Failure::because(
                "these weights come without a classifier, so they name nothing; `--weights embedded` do",
            )
        })?;
    let framing = naming.framing();
    let mut report = Report::new(&weights, naming.json);
    let mut failed = 0;
    for path in &arguments.images {
        let guesses = look(&mut classifier, path, framing, arguments.top);
        if let Err(error) = &guesses {
            failed += 1;
            say(format_args!("error: {error}"));
        }
        report.add(path, guesses)?;
    }
    report.finish()?;
    match (failed, arguments.images.len()) {
        (0, _) => Ok(()),
        (_, 1) => Err(Failure::said()),
        (failed, all) => {
            Err(Failure::because(format_args!("{failed} of {all} pictures could not be classified")))
        }
    }
}

fn look(
    classifier: &mut Classifier<'_>,
    path: &Path,
    framing: Framing,
    top: usize,
) -> Result<Vec<Guess>, String> {
    let options = read_options(WantedSize::Own, None);
    let (picture, _) = Picture::open_as(path, &options).map_err(|error| error.to_string())?;
    mind(path, &picture);
    let guesses = classifier.classify(&picture, framing, top);
    guesses.map_err(|error| format!("'{}': {error}", path.display()))
}

/// Prints text for people picture by picture, or JSON once all results are known.
struct Report<'a> {
    weights: &'a Weights,
    json: Option<Vec<Value>>,
}

impl<'a> Report<'a> {
    fn new(weights: &'a Weights, json: bool) -> Self {
        Self { weights, json: json.then(Vec::new) }
    }

    fn add(&mut self, path: &Path, guesses: Result<Vec<Guess>, String>) -> Result<(), Failure> {
        let image = path.to_string_lossy();
        if let Some(entries) = &mut self.json {
            let label = |guess: &Guess| self.weights.labels().get(guess.class);
            entries.push(match guesses {
                Err(error) => json!({ "image": image, "error": error }),
                Ok(guesses) => {
                    let class = |guess: &Guess| json!({ "class": guess.class, "name": label(guess), "probability": guess.probability });
                    json!({ "image": image, "classes": guesses.iter().map(class).collect::<Vec<_>>() })
                }
            });
            return Ok(());
        }
        let Ok(guesses) = guesses else { return Ok(()) };
        let mut text = format!("{}\n", crate::cli::terminal::in_one_line(&image));
        for guess in guesses {
            let name = self.weights.labels().get(guess.class).map_or("", String::as_str);
            writeln!(text, "  {:5.1}%  {:>4}  {name}", 100.0 * guess.probability, guess.class)?;
        }
        print(&text)
    }

    fn finish(self) -> Result<(), Failure> {
        self.json.map_or(Ok(()), |entries| print(format!("{:#}\n", Value::from(entries))))
    }
}

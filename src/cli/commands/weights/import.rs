//! `puppyslug weights import`: converts another program's weights into our format.

use std::path::{Path, PathBuf};

use clap::Args;

use super::foreign::{describe, format_name, read_file};
use crate::cli::failure::Failure;
use crate::cli::terminal::print;
use crate::cli::terminal::say;
use crate::cli::terminal::stop_on_interrupt;
use crate::files::digest::sha256_of_file;
use crate::files::output::Output;
use crate::import::archive::unpack;
use crate::import::{Imported, import};
use crate::store::Store;
use crate::studio::keep_inputs;

#[derive(Args)]
#[command(after_help = "\
Reads Caffe (.caffemodel), ONNX, PyTorch (.pth, .pt), frozen TensorFlow graphs (.pb), NumPy (.npz)
and safetensors with other tensor names, also inside a zip or tar.gz. Formats are recognised by
content. Files are data: nothing in them is run.

Examples:
  puppyslug weights import bvlc_googlenet.caffemodel --name bvlc
  puppyslug weights import googlenet-1378be20.pth -o googlenet.safetensors --f16
  puppyslug weights import places.pth --labels places.txt")]
pub(crate) struct Arguments {
    /// A file of weights in any of the formats below
    file: PathBuf,

    /// Write this safetensors file, instead of keeping the weights under a name
    #[arg(short, long, value_name = "FILE", conflicts_with = "name")]
    out: Option<PathBuf>,

    /// Name to keep the weights under [default: the file's own]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Replace other weights of that name
    #[arg(long, conflicts_with = "out")]
    force: bool,

    /// Write numbers in half precision: half the size
    #[arg(long)]
    f16: bool,

    /// Class names, one per line, in the classifier's order
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let interrupted = stop_on_interrupt()?;
    let target = Target::of(arguments)?;
    keep_inputs([&arguments.file].into_iter().chain(&arguments.labels), &target.path)?;
    let path = arguments.file.display();
    let bytes = read_file(&arguments.file)?;
    let refused = |reason| Failure::because(format_args!("'{path}' cannot be imported: {reason}"));
    let mut imported = adopt(bytes).map_err(refused)?;
    if let Some(labels) = &arguments.labels {
        name_classes(&mut imported, labels)?;
    }
    // The last chance to stop: from here on the import is finished, so that it is not left half done.
    if interrupted.is_cancelled() {
        return Err(Failure::because("stopped by Ctrl-C"));
    }
    if !arguments.force {
        target.keep_others(&imported, arguments.f16)?;
    }
    target.write(&imported, arguments.f16)?;
    say(format_args!("{path}: {}, {}", format_name(imported.format), describe(&imported)));
    target.announce()
}

/// Reads weights from a file's bytes, which may be an archive. Class names found beside them are taken along if
/// they fit.
pub(crate) fn adopt(bytes: Vec<u8>) -> Result<Imported, String> {
    let unpacked = unpack(bytes)?;
    let mut imported = import(&unpacked.weights)?;
    if let Some(labels) = unpacked.labels.filter(|_| imported.get("labels").is_none()) {
        // The user did not ask for these labels, so it is not an error if they do not fit.
        let _ = imported.set_labels(&labels);
    }
    Ok(imported)
}

fn name_classes(imported: &mut Imported, path: &Path) -> Result<(), Failure> {
    let wrong = |reason: String| Failure::because(format_args!("labels '{}': {reason}", path.display()));
    let text =
        String::from_utf8(read_file(path)?).map_err(|_| wrong("they are not UTF-8 text".to_owned()))?;
    // Some editors put a byte order mark before the first name.
    imported.set_labels(text.trim_start_matches('\u{feff}')).map_err(wrong)
}

/// Where weights are written, and how to ask for them afterwards.
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    wish: String,
    /// Whether they are kept under a name in the store, rather than in a file that the user gave.
    is_name: bool,
}

impl Target {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        if let Some(path) = &arguments.out {
            return Self::file(path);
        }
        match (&arguments.name, arguments.file.file_stem()) {
            (Some(name), _) => Self::named(&Store::of_user()?, name),
            (None, Some(stem)) => {
                Self::named(&Store::of_user()?, &stem.to_string_lossy()).map_err(|failure| Failure {
                    message: format!("{}; give another with --name", failure.message),
                    ..failure
                })
            }
            (None, None) => {
                let path = arguments.file.display();
                Err(Failure::usage(format_args!("'{path}' has no name of its own; give one with --name")))
            }
        }
    }

    fn file(path: &Path) -> Result<Self, Failure> {
        if path.extension().is_none_or(|extension| extension != "safetensors") {
            let path = path.display();
            return Err(Failure::usage(format_args!(
                "cannot write '{path}': the name must end in .safetensors"
            )));
        }
        // Checks before any work that the result can be written.
        Output::at(path)?;
        Ok(Self { path: path.to_owned(), wish: path.display().to_string(), is_name: false })
    }

    /// The file of this name in the store, whose folder is created if need be.
    pub(crate) fn named(store: &Store, name: &str) -> Result<Self, Failure> {
        let path = store.path(name)?;
        store.prepare()?;
        Output::at(&path)?;
        Ok(Self { path, wish: name.to_owned(), is_name: true })
    }

    /// Refuses to replace other weights of this name. Identical ones may be written again.
    fn keep_others(&self, imported: &Imported, half: bool) -> Result<(), Failure> {
        if !self.is_name || !self.path.exists() {
            return Ok(());
        }
        let same = sha256_of_file(&self.path).ok().is_some_and(|found| imported.sha256(half) == Ok(found));
        if same {
            return Ok(());
        }
        let (name, path) = (&self.wish, self.path.display());
        Err(Failure::because(format_args!(
            "'{name}' is the name of other weights ('{path}'); give another with --name, or replace them with --force"
        )))
    }

    pub(crate) fn write(&self, imported: &Imported, half: bool) -> Result<(), Failure> {
        imported.write(&self.path, half)?;
        Ok(())
    }

    pub(crate) fn announce(&self) -> Result<(), Failure> {
        print(format!("{}\n", self.path.display()))?;
        say(format_args!("use it: puppyslug dream --weights {}", self.wish));
        Ok(())
    }
}

//! `puppyslug weights fetch`: downloads published weights.

use clap::Args;

use super::foreign::describe;
use super::import::{Target, adopt};
use crate::cli::failure::Failure;
use crate::cli::terminal::download::DownloadLine;
use crate::cli::terminal::print;
use crate::cli::terminal::say;
use crate::fetch::{Download, DownloadError, Hash, SOURCES, Source};
use crate::files::digest::sha256;
use crate::files::input::read_whole;
use crate::import::Imported;
use crate::spelling::nearest;
use crate::store::Store;

#[derive(Args)]
#[command(after_help = "\
A download that breaks off continues from there the next time. The file is checked against the hash
that its makers published, if they did.

Names:
  bvlc         the network of the 2015 notebook: ImageNet, 1000 classes, full of dogs
  places205    the same network on 205 kinds of places: buildings, arches, pagodas
  places365    the same on 365 kinds of places
  inception5h  Google's own network for dreaming, from TensorFlow's tutorial
  torchvision  torchvision's GoogLeNet: ImageNet, with batch normalisation and without LRN

Examples:
  puppyslug weights fetch
  puppyslug weights fetch places205
  puppyslug weights fetch bvlc --url https://mirror.example/bvlc_googlenet.caffemodel")]
pub(crate) struct Arguments {
    /// Which weights to fetch; with --url, any name
    #[arg(default_value = "bvlc")]
    name: String,

    /// Another address to download from
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Hash that the file must have, instead of the known one
    #[arg(long, value_name = "HEX", value_parser = Hash::parse_sha256)]
    sha256: Option<Hash>,
}

impl Arguments {
    fn url(&self) -> Result<&str, Failure> {
        let url = self.url.as_deref().or(Source::find(&self.name).map(|source| source.url));
        let names = SOURCES.map(|source| source.name);
        let url = url.ok_or_else(|| {
            Failure::usage(format_args!(
                "there are no published weights called '{}'; nearest: {}. With --url, any name will do",
                self.name,
                nearest(&self.name, names.into_iter()).join(", ")
            ))
        })?;
        if url.starts_with("http://") || url.starts_with("https://") {
            return Ok(url);
        }
        Err(Failure::usage(format_args!("'{url}' is not an address; it must start with https:// or http://")))
    }

    fn hash(&self) -> Option<Hash> {
        self.sha256.clone().or_else(|| Source::find(&self.name)?.hash.clone())
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let url = arguments.url()?;
    let store = Store::of_user()?;
    let name = &arguments.name;
    let path = store.path(name)?;
    if path.exists() {
        say(format_args!("'{name}' is there already; to download it again, remove the file first"));
        return print(format!("{}\n", path.display()));
    }
    let target = Target::named(&store, name)?;
    let download = Download::new(url, store.part(name)?);
    say(format_args!("fetching {url}"));
    let bytes = receive(&download, name)?;
    let imported = identify(arguments, url, bytes).inspect_err(|_| download.discard())?;
    target.write(&imported, false)?;
    download.discard();
    say(format_args!("{name}: {}", describe(&imported)));
    target.announce()
}

fn receive(download: &Download, name: &str) -> Result<Vec<u8>, Failure> {
    let line = DownloadLine::new();
    let outcome = download.run(&mut |done, total| line.show(done, total));
    line.finish();
    match outcome {
        Ok(()) => {}
        Err(DownloadError::CutOff { .. } | DownloadError::Busy(_) | DownloadError::Write { .. }) => {
            outcome?;
        }
        Err(error) => {
            if matches!(error, DownloadError::TooLarge { .. }) {
                download.discard();
            }
            return Err(Failure::because(format_args!("{error}. {}", by_hand(&download.url, name))));
        }
    }
    read_whole(&download.part, download.limit).map_err(|error| {
        let message = format!("cannot read what was downloaded, '{}': {error}", download.part.display());
        Failure::because(message)
    })
}

/// Explains how to get the weights by hand if this program cannot reach the network.
fn by_hand(url: &str, name: &str) -> String {
    format!(
        "By hand: get that file with a browser or from another machine (or give a mirror with --url), then \
         `puppyslug weights import FILE --name {name}`: {url}"
    )
}

/// Checks that the download is the file that was meant, and reads it.
fn identify(arguments: &Arguments, url: &str, bytes: Vec<u8>) -> Result<Imported, Failure> {
    let refused = |reason: String| Failure::because(format_args!("what '{url}' sent {reason}"));
    match arguments.hash() {
        Some(hash) => hash.check(&bytes).map_err(|wrong| {
            refused(format!(
                "is another file: {wrong}. It was discarded; if it is the one you want, give its --sha256"
            ))
        })?,
        None => say(format_args!(
            "no hash is published for this file, so it could not be verified; SHA-256 {}",
            sha256(&bytes)
        )),
    }
    let mut imported = adopt(bytes).map_err(|reason| refused(format!("cannot be imported: {reason}")))?;
    imported.set("source", url);
    if let Some(source) = Source::find(&arguments.name).filter(|_| imported.get("license").is_none()) {
        imported.set("license", source.license);
    }
    Ok(imported)
}

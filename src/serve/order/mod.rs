//! An order: the API's description of a dream, and the request that is made from it.

mod film;

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id::{Id, is_sha256};
use super::refusal::Refusal;
use super::shelf::Shelf;
use crate::dream::objective::Role;
use crate::dream::recipe::FileMark;
use crate::dream::{Changes, Config, Objective, PixelBox, Preset};
use crate::extent::Extent;
use crate::picture::{Format, Size, WantedSize};
use crate::settings::Settings;
use crate::studio::{
    Delivery, Destination, GivenMask, GivenPictures, JobError, Network, Opened, Request, Subject,
    check_settings, read_options,
};

/// How many pixels a dream may have here, so that a client cannot claim all of the memory.
pub(super) const MOST_PIXELS: usize = 4096 * 4096;
/// How many bytes of memory reading a picture may take.
const READING: u64 = 1 << 30;
/// How many masks an order may have.
const MOST_MASKS: usize = 8;
/// The default size of a sky, the same as on the command line.
const SKY: Extent = Extent::new(480, 640);

/// An order for a dream. Pictures must have been uploaded before, and are named by the hash of their bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// What is dreamed over.
    pub(super) source: Source,
    /// Its size; the picture's own if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<Wanted>,
    /// A preset; the settings take precedence over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preset: Option<String>,
    /// The settings, named as in a recipe.
    #[serde(default)]
    pub(super) settings: Map<String, Value>,
    /// A guide picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) guide: Option<String>,
    /// A picture that the dream is to resemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like: Option<String>,
    /// The part of that picture that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like_box: Option<PixelBox>,
    /// The masks; objectives refer to the first as number 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) masks: Vec<String>,
    /// How the frames of a film become one dream, with settings named as in a film's recipe.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) carrying: Map<String, Value>,
    /// The kind of file in which a film is saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<FilmFile>,
    /// The codec, named as on the command line; the default for the kind of file if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) codec: Option<String>,
    /// The moment of the film at which the dream begins, written as on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// The moment at which it ends, not included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
}

/// What is dreamed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Source {
    /// An uploaded picture.
    Picture(String),
    /// An uploaded film or animated picture.
    Film(String),
    /// An earlier dream of this server, taken as its PNG file.
    Dream(Id),
    /// A sky, generated from this seed.
    Sky(u64),
}

/// The size that a dream is to have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Wanted {
    /// The longest side, or a box to fit into, written as on the command line.
    Fit(String),
    /// An exact size in pixels.
    Exactly {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
}

impl Order {
    /// The hashes of all pictures that it needs.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &str> {
        let source = match &self.source {
            Source::Picture(sha256) | Source::Film(sha256) => Some(sha256),
            Source::Dream(_) | Source::Sky(_) => None,
        };
        let all = source.into_iter().chain(&self.guide).chain(&self.like).chain(&self.masks);
        all.map(String::as_str)
    }

    /// Checks the order, as far as possible without a device and without opening pictures.
    pub(super) fn check(&self, network: &Network, shelf: &Shelf) -> Result<(), Refusal> {
        if self.masks.len() > MOST_MASKS {
            return Err(Refusal::bad(format_args!(
                "{} masks are too many; accepted: {MOST_MASKS}",
                self.masks.len()
            )));
        }
        for sha256 in self.pictures() {
            if !is_sha256(sha256) {
                return Err(Refusal::bad(format_args!("'{sha256}' is not the hash of a picture")));
            }
            if !shelf.picture(sha256).is_file() {
                return Err(Refusal::absent(format_args!("the picture {sha256} is not here; send it first")));
            }
        }
        self.check_film()?;
        if self.like.is_none() && self.like_box.is_some() {
            return Err(Refusal::bad("a box needs a picture to be like, but none is given"));
        }
        let (largest, most) = match (self.wanted()?, &self.source) {
            (WantedSize::Own, _) => (SKY, MOST_PIXELS),
            (WantedSize::Exactly(size), _) => (size, MOST_PIXELS),
            (WantedSize::Fit(size), Source::Sky(_)) => (size.fit(SKY), MOST_PIXELS),
            // How much of the box the picture fills depends on its shape, known only once it is opened.
            (WantedSize::Fit(size), _) => (size.exact(), 4 * MOST_PIXELS),
        };
        if largest.plane() > most {
            return Err(too_large(largest));
        }
        let config = self.config(network)?;
        check_settings(&config, &network.weights, &self.roles(), self.masks.len()).map_err(Refusal::bad)
    }

    fn wanted(&self) -> Result<WantedSize, Refusal> {
        match &self.size {
            None => Ok(WantedSize::Own),
            Some(Wanted::Fit(text)) => text.parse().map(WantedSize::Fit).map_err(Refusal::bad),
            Some(Wanted::Exactly { width, height }) => {
                // Parsed from text so that the same rules apply as for sizes that are written.
                let text = format!("{width}x{height}");
                text.parse().map(|size: Size| WantedSize::Exactly(size.exact())).map_err(Refusal::bad)
            }
        }
    }

    fn roles(&self) -> Vec<Role> {
        let given = |role: &Role| match role {
            Role::Guide => self.guide.is_some(),
            Role::Like => self.like.is_some(),
        };
        Role::ALL.into_iter().filter(given).collect()
    }

    /// All settings: the preset's, overridden by the order's own.
    pub(super) fn config(&self, network: &Network) -> Result<Config, Refusal> {
        let weights = &network.weights;
        let preset = match &self.preset {
            None => Changes::default(),
            Some(name) => Preset::find(name)
                .ok_or_else(|| Refusal::bad(format_args!("there is no preset '{name}'")))?
                .changes(weights),
        };
        let own = Config::read_json(&Value::Object(self.settings.clone())).map_err(Refusal::bad)?;
        let named = own.objectives.is_some();
        let mut changes = Config::layered([&preset, &own]);
        // A reference picture alone is enough to climb: it implies objectives if none are named.
        let roles = self.roles();
        if !named && !roles.is_empty() {
            let implied = |role| Objective::implied_by(role, weights.favourite_layer());
            changes.objectives = Some(roles.into_iter().flat_map(implied).collect());
        }
        Ok(Config::by(weights, [&changes]))
    }

    /// Opens all pictures but the one that is dreamed over.
    fn given(&self, config: &Config, shelf: &Shelf) -> Result<GivenPictures, String> {
        let open = |sha256: &String| {
            let options = read_options(WantedSize::Own, config.tiling.memory_limit);
            Opened::file(&shelf.picture(sha256), &options).map_err(|error| error.to_string())
        };
        let mask = |sha256: &String| open(sha256).map(|opened| GivenMask::Picture(Box::new(opened)));
        Ok(GivenPictures {
            guide: self.guide.as_ref().map(open).transpose()?,
            like: self.like.as_ref().map(open).transpose()?,
            masks: self.masks.iter().map(mask).collect::<Result<_, _>>()?,
            // No client may name a file here: an objective that refers to one is refused as not given.
            directions: Vec::new(),
        })
    }

    /// The request for a picture, with all pictures opened.
    pub(super) fn request(&self, network: &Network, shelf: &Shelf) -> Result<Request, String> {
        let config = self.config(network).map_err(|refusal| refusal.message().to_owned())?;
        let wanted = self.wanted().map_err(|refusal| refusal.message().to_owned())?;
        let subject: Subject = match &self.source {
            Source::Picture(sha256) => {
                let options = read_options(wanted, config.tiling.memory_limit);
                let opened = Opened::file(&shelf.picture(sha256), &options);
                opened.map_err(|error| error.to_string())?.into()
            }
            Source::Sky(seed) => Subject::Sky { seed: *seed },
            Source::Film(_) => return Err("a film is no picture".to_owned()),
            Source::Dream(_) => {
                return Err("a dream has to be a picture before it is dreamed over".to_owned());
            }
        };
        let given = self.given(&config, shelf)?;
        let own = subject.picture().map_or(SKY, crate::picture::Picture::extent);
        let size = match wanted {
            WantedSize::Own => own,
            WantedSize::Fit(size) => size.fit(own),
            WantedSize::Exactly(size) => size,
        };
        if size.plane() > MOST_PIXELS {
            return Err(too_large(size).message().to_owned());
        }
        let request = Request::new(network.clone(), subject, size, config, delivery());
        Ok(Request { references: given.marked(self.like_box), ..request })
    }
}

pub(super) use film::{FilmFile, Looked, MOST_FRAMES, look_into, without_name};

/// The dream stays on the server; its file format is chosen when it is downloaded.
pub(super) fn delivery() -> Delivery {
    Delivery::to(Destination::Nowhere, png())
}

/// A PNG file with the default options.
pub(super) fn png() -> FileMark {
    FileMark { format: Format::Png, depth: None, quality: None }
}

/// Opens a picture for display on the page, scaled to fit `longest`.
pub(super) fn open_within(path: &Path, longest: usize) -> Result<Opened, JobError> {
    Ok(Opened::file(path, &read_options(WantedSize::Fit(Size::Within(longest)), Some(READING)))?)
}

fn too_large(size: Extent) -> Refusal {
    Refusal::bad(format_args!("{size} has {} pixels; accepted: at most {MOST_PIXELS}", size.plane()))
}

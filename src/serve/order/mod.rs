//! What the page orders: a dream, in words of its own, and the request that it comes to.

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

/// As many pixels as a dream may have here: a client cannot ask for all of the memory.
pub(super) const MOST_PIXELS: usize = 4096 * 4096;
/// As much memory as reading a picture may take.
const READING: u64 = 1 << 30;
/// As many masks.
const MOST_MASKS: usize = 8;
/// The size of a sky, as the command line has it.
const SKY: Extent = Extent::new(480, 640);

/// A dream that is wanted. Pictures are named by the hash of their bytes, which were sent before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// What is dreamed over.
    pub(super) source: Source,
    /// Its size; the picture's own if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<Wanted>,
    /// A preset; settings count more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preset: Option<String>,
    /// Settings, with the names that they have in a recipe.
    #[serde(default)]
    pub(super) settings: Map<String, Value>,
    /// A picture to dream after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) guide: Option<String>,
    /// A picture to be like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like: Option<String>,
    /// Which part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) like_box: Option<PixelBox>,
    /// Masks, the first being the objectives' number 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) masks: Vec<String>,
    /// How the frames of a film become one dream, with the names that a film's recipe has for it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) carrying: Map<String, Value>,
    /// What kind of file a film becomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<FilmFile>,
    /// How its pictures are encoded, as the command line names it; as is usual for the file if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) codec: Option<String>,
    /// The moment of the film that the dream begins with, as the command line takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// The moment that it ends before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
}

/// What is dreamed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Source {
    /// A picture that was sent.
    Picture(String),
    /// A film that was sent, or a picture that moves.
    Film(String),
    /// A dream that is here, as its PNG file.
    Dream(Id),
    /// A sky, drawn from the seed.
    Sky(u64),
}

/// How large a dream becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Wanted {
    /// The longest side, or a box to fit into, as the command line takes it.
    Fit(String),
    /// To the pixel.
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

    /// Says what is wrong with it, as far as that can be known without a device and without opening pictures.
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
            // What a picture of another shape leaves of it is known when that is opened.
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
                // By the rules for sides that are written.
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

    /// All settings: the preset's, then its own.
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
        // A picture to dream after alone is something to climb.
        let roles = self.roles();
        if !named && !roles.is_empty() {
            let implied = |role| Objective::implied_by(role, weights.favourite_layer());
            changes.objectives = Some(roles.into_iter().flat_map(implied).collect());
        }
        Ok(Config::by(weights, [&changes]))
    }

    /// All pictures but what is dreamed over.
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
            // No client names a file here: an objective that speaks of one is refused as not given.
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

/// A dream stays here; its file format is chosen when it is fetched.
pub(super) fn delivery() -> Delivery {
    Delivery::to(Destination::Nowhere, png())
}

/// A PNG file as it is by default.
pub(super) fn png() -> FileMark {
    FileMark { format: Format::Png, depth: None, quality: None }
}

/// How pictures are read for the page itself.
pub(super) fn open_within(path: &Path, longest: usize) -> Result<Opened, JobError> {
    Ok(Opened::file(path, &read_options(WantedSize::Fit(Size::Within(longest)), Some(READING)))?)
}

fn too_large(size: Extent) -> Refusal {
    Refusal::bad(format_args!("{size} has {} pixels; accepted: at most {MOST_PIXELS}", size.plane()))
}

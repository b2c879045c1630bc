//! The flags for how to dream, over a picture or a film: recipe, preset, objectives, settings and steering pictures.

use std::path::PathBuf;

use clap::Args;

use super::climbing::ClimbArguments;
use super::network::WeightsArguments;
use super::references::ReferenceArguments;
use super::settings::SettingArguments;
use crate::cli::failure::Failure;
use crate::cli::terminal::say;
use crate::dream::recipe::Recipe;
use crate::dream::{Changes, Config, Objective, PixelBox};
use crate::net::Weights;
use crate::settings::Settings;
use crate::studio::recipe_file::Base;
use crate::studio::{Network, check_settings};

/// How to dream.
#[derive(Args)]
pub(crate) struct DreamingArguments {
    /// Start from the settings of a recipe (a picture or film that carries one, or a JSON file); flags override
    /// them
    #[arg(long, value_name = "FILE")]
    pub(crate) recipe: Option<PathBuf>,

    #[command(flatten)]
    climb: ClimbArguments,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    pub(crate) references: ReferenceArguments,

    /// Use only this box of the picture given with --like: left, top, width and height, in pixels
    #[arg(long, value_name = "X,Y,W,H", help_heading = "What to dream of")]
    like_box: Option<PixelBox>,
}

/// The result of reading the flags, with the recipe that they change.
pub(crate) struct Dreaming {
    pub(crate) network: Network,
    pub(crate) base: Option<Base>,
    pub(crate) changes: Changes,
    pub(crate) config: Config,
    pub(crate) like_box: Option<PixelBox>,
}

impl DreamingArguments {
    /// Every file that is read, except the weights.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.recipe.iter().chain(self.references.files())
    }

    /// Reads recipe and weights. All errors in the flags are reported here, before any work.
    pub(crate) fn read(&self, weights: &WeightsArguments) -> Result<Dreaming, Failure> {
        let base = self.recipe.as_deref().map(Base::open).transpose()?;
        let whole = base.as_ref().and_then(|base| base.whole.as_ref());
        let network = self.network(weights, whole)?;
        let masks = whole.map_or(0, |recipe| recipe.references.masks.len());
        if masks > 0 && self.references.mask.is_empty() {
            say(
                "the recipe's dream used a mask, which a recipe only names: without --mask, this one uses none",
            );
        }
        let changes = self.changes(&network.weights, base.as_ref());
        let config = Config::by(&network.weights, [&changes]);
        let references = &self.references;
        check_settings(&config, &network.weights, &references.roles(), references.mask.len())?;
        let like_box = self.like_box(base.as_ref())?;
        Ok(Dreaming { network, base, changes, config, like_box })
    }

    /// The given weights, or else those of the recipe.
    fn network(&self, weights: &WeightsArguments, base: Option<&Recipe>) -> Result<Network, Failure> {
        match base {
            Some(recipe) if !weights.are_given() => Ok(Network::of_recipe(&recipe.weights, None)?),
            _ => weights.network(),
        }
    }

    /// All changes: those of the preset or the recipe, overridden by the flags.
    fn changes(&self, weights: &Weights, base: Option<&Base>) -> Changes {
        let preset = self.climb.preset(weights);
        let recipe = base.map(|base| base.changes_of(weights)).unwrap_or_default();
        let changes = Config::layered([&preset, &recipe, &self.climb.changes(), &self.settings.changes]);
        self.with_implied_objectives(changes, weights)
    }

    /// Adds the objectives that a reference picture implies, if no objective is named.
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

    /// The part of the --like picture that is used: the recipe's, if none is given.
    fn like_box(&self, base: Option<&Base>) -> Result<Option<PixelBox>, Failure> {
        match (&self.references.like, self.like_box) {
            (None, Some(_)) => {
                Err(Failure::usage("--like-box is part of a picture, but none is given; add --like PICTURE"))
            }
            (None, None) => Ok(None),
            (Some(_), given) => {
                let whole = base.and_then(|base| base.whole.as_ref());
                Ok(given.or(whole.and_then(|recipe| recipe.references.like_box)))
            }
        }
    }
}

//! The flags that choose a network.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::Failure;
use crate::dream::recipe::WeightsMark;
use crate::net::Weights;
use crate::store::{self, Located};
use crate::studio::Network;

/// Which weights to use.
#[derive(Args)]
pub(crate) struct WeightsArguments {
    /// Trained weights: a safetensors file, or a name from `puppyslug weights list` [default: the built-in
    /// network]
    #[arg(long, value_name = "FILE|NAME", env = "PUPPYSLUG_WEIGHTS", help_heading = "Network")]
    weights: Option<PathBuf>,
}

impl WeightsArguments {
    pub(crate) fn open(&self) -> Result<Weights, Failure> {
        let found = self.weights.as_deref().map_or(Ok(Located::Embedded), store::find)?;
        Ok(found.open()?)
    }

    /// The given weights, or else the embedded ones.
    pub(crate) fn network(&self) -> Result<Network, Failure> {
        Ok(self.weights.as_deref().map_or_else(|| Ok(Network::embedded()), Network::open)?)
    }

    /// The weights that a recipe was dreamed with.
    pub(crate) fn network_of(&self, mark: &WeightsMark) -> Result<Network, Failure> {
        Ok(Network::of_recipe(mark, self.weights.as_deref())?)
    }

    /// The same, if the file of those weights is known.
    pub(crate) fn network_in(&self, mark: &WeightsMark, file: Option<&Path>) -> Result<Network, Failure> {
        Ok(Network::of_recipe(mark, self.weights.as_deref().or(file))?)
    }

    /// Whether weights were given.
    pub(crate) fn are_given(&self) -> bool {
        self.weights.is_some()
    }

    /// The file that is read, if any.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match store::find(self.weights.as_deref()?) {
            Ok(Located::File(path)) => Some(path),
            _ => None,
        }
    }
}

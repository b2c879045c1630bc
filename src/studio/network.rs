//! Selects the network and the device: by name, or according to a recipe.

use std::path::Path;

use super::JobError;
use crate::device;
use crate::dream::recipe::{DeviceMark, WeightsMark};
use crate::machine::{Habits, Machine, MachineError};
use crate::net::Weights;
use crate::store::{self, EMBEDDED};

/// Weights, and how a recipe identifies them.
#[derive(Clone, Debug)]
pub struct Network {
    /// The weights.
    pub weights: Weights,
    /// How a recipe identifies them.
    pub mark: WeightsMark,
}

impl Network {
    /// The network built into the program.
    pub fn embedded() -> Self {
        Self::named(EMBEDDED.to_owned(), Weights::embedded())
    }

    /// Opens weights from a file or by a stored name.
    ///
    /// # Errors
    /// The weights are not found or cannot be used.
    pub fn open(wish: &Path) -> Result<Self, JobError> {
        let file = wish.file_name().unwrap_or(wish.as_os_str()).to_string_lossy();
        // A stored name may itself contain dots.
        let name = file.strip_suffix(".safetensors").unwrap_or(&file);
        Ok(Self::named(name.to_owned(), store::find(wish)?.open()?))
    }

    fn named(name: String, weights: Weights) -> Self {
        let mark = WeightsMark { name, sha256: weights.sha256().unwrap_or_default().to_owned() };
        Self { weights, mark }
    }

    /// The weights that a recipe was dreamed with: the built-in ones, or else those that are given, or stored
    /// under the recipe's name, if they are the same.
    ///
    /// # Errors
    /// The weights are not found, or they are different ones.
    pub fn of_recipe(mark: &WeightsMark, given: Option<&Path>) -> Result<Self, JobError> {
        let embedded = Weights::embedded();
        if embedded.sha256() == Some(&mark.sha256) {
            return Ok(Self { weights: embedded, mark: mark.clone() });
        }
        let path = given.unwrap_or(Path::new(&mark.name));
        let weights = match (store::find(path), given) {
            (Err(_), None) => return Err(JobError::WeightsNeeded { mark: mark.clone() }),
            (found, _) => found?.open()?,
        };
        if weights.sha256() == Some(&mark.sha256) {
            return Ok(Self { weights, mark: mark.clone() });
        }
        let found = weights.sha256().unwrap_or_default().to_owned();
        Err(JobError::OtherWeights { mark: mark.clone(), path: path.to_owned(), found })
    }
}

/// The device to compute on.
#[derive(Clone, Debug)]
pub struct DeviceWish {
    /// `auto`, `gpu`, `cpu`, a number or a name; if `None`, the device of the recipe, or else `auto`.
    pub name: Option<String>,
    /// Whether a GPU searches for its fastest tiles.
    pub tune: bool,
}

impl DeviceWish {
    /// Opens the device.
    ///
    /// # Errors
    /// There is no such device, or it cannot be opened.
    pub fn open(&self) -> Result<Box<dyn Machine>, MachineError> {
        self.open_named(self.name.as_deref().unwrap_or("auto"))
    }

    /// Opens the device. The default is the one that a dream was made on, if it is available.
    ///
    /// # Errors
    /// As for [`DeviceWish::open`].
    pub fn open_like(&self, mark: &DeviceMark) -> Result<Box<dyn Machine>, MachineError> {
        if self.name.is_some() {
            return self.open();
        }
        match self.open_named(if mark.kind == "cpu" { "cpu" } else { &mark.name }) {
            Err(MachineError::UnknownDevice(_) | MachineError::NotBuilt { .. }) => self.open(),
            opened => opened,
        }
    }

    fn open_named(&self, name: &str) -> Result<Box<dyn Machine>, MachineError> {
        device::open(name, &Habits { cache: store::cache_folder(), tune: self.tune })
    }
}

/// How a recipe identifies a device.
pub(super) fn mark_of(machine: &dyn Machine) -> DeviceMark {
    DeviceMark { kind: machine.kind().to_string(), name: machine.name() }
}

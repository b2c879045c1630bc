//! Replaces the GPU machine in a build without it: there are no adapters.

use crate::machine::{Habits, Machine, MachineError};

/// A GPU adapter. This build does not include that machine, so there is none.
#[derive(Clone, Copy, Debug)]
pub enum Adapter {}

impl Adapter {
    /// Whether it only emulates a GPU on the processor.
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Its name and backend.
    pub fn title(&self) -> String {
        match *self {}
    }

    /// What else is known about it, for people: some lines.
    pub fn particulars(&self) -> String {
        match *self {}
    }

    /// Opens it.
    ///
    /// # Errors
    /// Never: there is none to open.
    pub fn open(&self, _: &Habits) -> Result<Box<dyn Machine>, MachineError> {
        match *self {}
    }
}

/// All adapters: none.
pub fn adapters() -> Vec<Adapter> {
    Vec::new()
}

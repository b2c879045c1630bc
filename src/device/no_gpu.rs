//! Stands in for the GPU machine in a build without it: there is no adapter.

use crate::machine::{Habits, Machine, MachineError};

/// An adapter of a GPU. This build leaves that machine out, so there is none.
#[derive(Clone, Copy, Debug)]
pub enum Adapter {}

impl Adapter {
    /// Whether it only imitates a GPU on the processor.
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Its name and backend.
    pub fn title(&self) -> String {
        match *self {}
    }

    /// What else is known of it, for people: some lines.
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

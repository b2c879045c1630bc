//! What the network sees in the pictures that objectives use, layer by layer.

use std::fmt;

use crate::net::LayerId;
use crate::plan::network::Given;

/// The purpose of a picture other than the dreamed one. A kind of objective names the role that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Every part of the dream grows towards the part of this picture that it resembles most.
    Guide,
    /// The whole dream grows towards what a box of this picture shows on average.
    Like,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Guide, Self::Like];
}

/// As in "a guide is given".
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guide => "guide",
            Self::Like => "picture to be like",
        })
    }
}

/// The columns that pictures supply to the plan, by role and layer, and directions, by file.
#[derive(Debug, Default)]
pub struct Features {
    table: Vec<(Role, LayerId, Given)>,
    /// The directions, by their files.
    directions: Vec<(String, Given)>,
    /// `[channels][columns]`, by the number that the plan knows them by.
    cells: Vec<Vec<f32>>,
    /// Whether several pictures are climbed together.
    of_several: bool,
}

impl Features {
    /// Adds what a picture shows at a layer: `columns` columns of `cells`, which are `[channels][columns]`.
    pub fn add(&mut self, role: Role, layer: LayerId, columns: usize, cells: Vec<f32>) {
        self.table.push((role, layer, Given { number: self.cells.len(), columns }));
        self.cells.push(cells);
    }

    /// What a picture shows at a layer, if that is known.
    pub fn find(&self, role: Role, layer: LayerId) -> Option<Given> {
        let found = self.table.iter().find(|&&(for_role, at, _)| (for_role, at) == (role, layer));
        found.map(|&(.., given)| given)
    }

    /// Adds a direction, which objectives know by its file.
    pub fn add_direction(&mut self, file: &str, cells: Vec<f32>) {
        self.directions.push((file.to_owned(), Given { number: self.cells.len(), columns: 1 }));
        self.cells.push(cells);
    }

    /// The direction of a file, if it is given.
    pub fn direction(&self, file: &str) -> Option<Given> {
        self.directions.iter().find(|(name, _)| name == file).map(|&(_, given)| given)
    }

    /// The same for several pictures that are climbed together.
    pub fn for_several(self) -> Self {
        Self { of_several: true, ..self }
    }

    /// Whether several pictures are climbed together.
    pub fn is_of_several(&self) -> bool {
        self.of_several
    }

    /// All cells, by number.
    pub fn cells(&self) -> &[Vec<f32>] {
        &self.cells
    }
}

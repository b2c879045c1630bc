//! What a user may say about tiles and memory.

use serde::{Deserialize, Serialize};

use super::TileMode;
use crate::dream::config::{ConfigError, check};
use crate::picture::MAX_SIDE;

/// Least that a limit of memory may be: below, not even small pictures fit.
const LEAST_MEMORY: u64 = 1 << 20;

/// How a picture is cut where it is, and when it has to be. By default as memory allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tiling {
    /// Longest side in pixels of what the network sees at once; none for as much as fits.
    pub tile: Option<usize>,
    /// What a tile sees beside its own pixels; none for everything, unless that is more than twice the work.
    pub tile_mode: Option<TileMode>,
    /// Bytes of memory that a dream may take on its device, weights aside; none for all that are free.
    pub memory_limit: Option<u64>,
}

impl Tiling {
    /// The tiles in words.
    pub(in crate::dream) fn describe(&self) -> String {
        let mode = self.tile_mode.map_or(String::new(), |mode| format!("{mode} "));
        self.tile.map_or("whole where it fits".to_owned(), |side| format!("in {mode}tiles of {side} pixels"))
    }

    /// Checks every range.
    pub(in crate::dream) fn check(&self) -> Result<(), ConfigError> {
        let tile = self.tile.unwrap_or(MAX_SIDE);
        check("tile", (1..=MAX_SIDE).contains(&tile), &tile, "from 1 to 65535 pixels")?;
        let limit = self.memory_limit.unwrap_or(LEAST_MEMORY);
        check("memory limit", limit >= LEAST_MEMORY, &format!("{limit} bytes"), "1 MiB or more")
    }
}

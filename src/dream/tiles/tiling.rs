//! What a user may request about tiles and memory.

pub use crate::dream::config::Tiling;

impl Tiling {
    /// The tiles in words.
    pub(in crate::dream) fn describe(&self) -> String {
        let mode = self.tile_mode.map_or(String::new(), |mode| format!("{mode} "));
        self.tile.map_or("whole where it fits".to_owned(), |side| format!("in {mode}tiles of {side} pixels"))
    }
}

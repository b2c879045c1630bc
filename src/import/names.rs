//! To be written.

use super::{Imported, Raw};

pub(super) fn adopt(_raw: Raw) -> Result<Imported, String> {
    Err("not adopted yet".to_owned())
}

//! To be written.

use super::Raw;

pub(super) fn is(_bytes: &[u8]) -> bool {
    false
}

pub(super) fn read(_bytes: &[u8]) -> Result<Raw, String> {
    Err("not read yet".to_owned())
}

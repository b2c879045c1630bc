//! Ids of jobs, which cannot be guessed and cannot contain a path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::files::digest::hex;

/// The number of random bytes in an id.
const BYTES: usize = 12;

/// The id of a job.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Id(String);

impl Id {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Id {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_hex(text, 2 * BYTES) {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("a job's name has {} digits from 0 to f", 2 * BYTES)),
        }
    }
}

impl TryFrom<String> for Id {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Whether a text is a SHA-256 hash in lower-case hexadecimal.
pub(super) fn is_sha256(text: &str) -> bool {
    is_hex(text, 64)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_digits_and_nothing_else() {
        let id = Id::new().expect("the system has chance");
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_ne!(id, Id::new().expect("the system has chance"));
        for wrong in [
            "",
            "..",
            "../../etc",
            "0123456789abcdef0123456",
            "0123456789ABCDEF01234567",
            "0123456789abcdef0123456/",
        ] {
            assert!(wrong.parse::<Id>().is_err(), "{wrong}");
        }
        assert!(is_sha256(&"a1".repeat(32)) && !is_sha256(&"g1".repeat(32)) && !is_sha256("a1"));
    }
}

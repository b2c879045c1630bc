//! What tells that a file is the one that was meant.

use std::borrow::Cow;
use std::fmt;

use sha1::{Digest, Sha1};

use crate::files::digest::{hex, sha256};

/// A published hash, whole or its first digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    kind: Kind,
    digits: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Old, and no longer proof against somebody who makes two files on purpose; it is what was published.
    Sha1,
    Sha256,
}

impl Hash {
    /// A SHA-1 in lower-case hexadecimal.
    pub const fn sha1(digits: &'static str) -> Self {
        Self { kind: Kind::Sha1, digits: Cow::Borrowed(digits) }
    }

    /// A SHA-256, or its first digits, in lower-case hexadecimal.
    pub const fn sha256(digits: &'static str) -> Self {
        Self { kind: Kind::Sha256, digits: Cow::Borrowed(digits) }
    }

    /// A whole SHA-256, as a user writes it.
    pub fn parse_sha256(text: &str) -> Result<Self, String> {
        let hash = Self { kind: Kind::Sha256, digits: Cow::Owned(text.trim().to_ascii_lowercase()) };
        if hash.is_well_formed() && hash.digits.len() == 64 {
            Ok(hash)
        } else {
            Err("a SHA-256 is needed: 64 hexadecimal digits".to_owned())
        }
    }

    /// Whether these are eight digits or more, and not too many.
    pub fn is_well_formed(&self) -> bool {
        let most = match self.kind {
            Kind::Sha1 => 40,
            Kind::Sha256 => 64,
        };
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (8..=most).contains(&self.digits.len()) && self.digits.bytes().all(digit)
    }

    /// Checks bytes against it.
    pub fn check(&self, bytes: &[u8]) -> Result<(), WrongHash> {
        let found = match self.kind {
            Kind::Sha1 => hex(&Sha1::digest(bytes)),
            Kind::Sha256 => sha256(bytes),
        };
        if found.starts_with(&*self.digits) {
            return Ok(());
        }
        Err(WrongHash { expected: self.clone(), found: Self { kind: self.kind, digits: Cow::Owned(found) } })
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Sha1 => write!(f, "SHA-1 {}", self.digits),
            Kind::Sha256 => write!(f, "SHA-256 {}", self.digits),
        }
    }
}

/// Other bytes than those that were meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct WrongHash {
    /// What was meant.
    pub expected: Hash,
    /// What it is.
    pub found: Hash,
}

impl crate::remedy::Fault for WrongHash {}

#[cfg(test)]
mod tests {
    use super::*;

    // Published for "abc": FIPS 180-2.
    const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
    const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn known_bytes_have_their_known_hashes() {
        assert_eq!(Hash::sha1(SHA1).check(b"abc"), Ok(()));
        assert_eq!(Hash::sha256(SHA256).check(b"abc"), Ok(()));
        assert_eq!(Hash::sha256(&SHA256[..8]).check(b"abc"), Ok(()));
        let wrong = Hash::sha1(SHA1).check(b"abd").expect_err("other bytes").to_string();
        assert!(wrong.starts_with(&format!("expected SHA-1 {SHA1}, found SHA-1 cb4cc28d")), "{wrong}");
        assert!(Hash::sha256(&SHA256[..8]).check(b"abd").is_err());
    }

    #[test]
    fn users_give_all_digits() {
        assert_eq!(Hash::parse_sha256(&SHA256.to_uppercase()), Ok(Hash::sha256(SHA256)));
        for text in ["", "ba7816bf", SHA1, &SHA256.replace('a', "g")] {
            assert!(Hash::parse_sha256(text).is_err(), "{text}");
        }
    }
}

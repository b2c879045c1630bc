//! Reads zip archives in memory, as a directory of slices. Stored members take no memory, deflated ones no more
//! than they declare, and all together no more than the file's [`Allowance`].
//!
//! Supports as much of the format as `torch.save` and `numpy.savez` use: one disk, zip64, no passwords.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::DeflateDecoder;

use super::allowance::Allowance;
use super::quote::quoted;

/// The signature at the beginning of an archive.
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: usize = 20;
/// The longest comment that may follow the end record.
const LONGEST_COMMENT: usize = u16::MAX as usize;
const EXTRA_64: u16 = 1;
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A file in the archive.
#[derive(Clone, Copy, Debug)]
struct Member<'a> {
    name: &'a str,
    flags: u16,
    method: u16,
    crc: u32,
    packed: &'a [u8],
    size: usize,
}

/// An archive, and how much may still be unpacked from it.
#[derive(Debug)]
pub(super) struct Zip<'a> {
    members: Vec<Member<'a>>,
    allowance: Allowance,
}

/// Whether the bytes begin as an archive does.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(&LOCAL)
}

impl<'a> Zip<'a> {
    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let members = directory(bytes).ok_or("the zip archive is cut short or damaged")?;
        Ok(Self { members, allowance: Allowance::of_file(bytes.len()) })
    }

    /// The names of all members, in the order of the directory.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|member| member.name)
    }

    /// The declared size of the member with this index among [`Zip::names`].
    pub(super) fn size(&self, index: usize) -> usize {
        self.members[index].size
    }

    /// Whether there is a member with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|member| member == name)
    }

    /// The contents of a member.
    pub(super) fn read(&mut self, name: &str) -> Result<Cow<'a, [u8]>, String> {
        let index = self.names().position(|member| member == name);
        self.read_at(index.ok_or_else(|| format!("the zip archive has no {}", quoted(name)))?)
    }

    /// The contents of the member with this index among [`Zip::names`].
    pub(super) fn read_at(&mut self, index: usize) -> Result<Cow<'a, [u8]>, String> {
        let member = self.members[index];
        // Stored members are charged too: a directory may list the same bytes a million times.
        self.allowance.take(member.size)?;
        let bytes = match member.method {
            _ if member.flags & ENCRYPTED != 0 => {
                return Err(format!("{} is encrypted", quoted(member.name)));
            }
            STORED => Some(Cow::Borrowed(member.packed)),
            DEFLATED => inflate(&member).map(Cow::Owned),
            method => {
                let name = quoted(member.name);
                return Err(format!(
                    "{name} is packed with method {method}: only stored and deflated ones are read"
                ));
            }
        };
        bytes
            .filter(|bytes| bytes.len() == member.size && crc32fast::hash(bytes) == member.crc)
            .ok_or_else(|| format!("{} is damaged", quoted(member.name)))
    }
}

fn inflate(member: &Member) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(member.size);
    // Reads no more than declared, then tries once more: the stream must end there.
    let mut decoder = DeflateDecoder::new(member.packed);
    decoder.by_ref().take(member.size as u64).read_to_end(&mut bytes).ok()?;
    (decoder.read(&mut [0]).ok()? == 0).then_some(bytes)
}

fn directory(bytes: &[u8]) -> Option<Vec<Member<'_>>> {
    let end = end(bytes)?;
    let (count, mut at) = match (u16_at(bytes, end + 10)?, u32_at(bytes, end + 16)?) {
        (count, at) if count != u16::MAX && at != u32::MAX => (usize::from(count), at as usize),
        _ => end_64(bytes, end)?,
    };
    let mut members = Vec::new();
    for _ in 0..count {
        let (member, next) = member(bytes, at)?;
        members.push(member);
        at = next;
    }
    Some(members)
}

/// The position of the end record: the last one whose comment ends at the end of the file.
fn end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_LENGTH)?;
    let first = last.saturating_sub(LONGEST_COMMENT);
    (first..=last).rev().find(|&at| {
        bytes[at..].starts_with(&END)
            && u16_at(bytes, at + 20)
                .is_some_and(|comment| at + END_LENGTH + usize::from(comment) == bytes.len())
    })
}

/// The number of members and the start of the directory, from the zip64 end record.
fn end_64(bytes: &[u8], end: usize) -> Option<(usize, usize)> {
    let locator = end.checked_sub(LOCATOR_LENGTH)?;
    signed(bytes, locator, LOCATOR_64)?;
    let at = u64_at(bytes, locator + 8)?;
    signed(bytes, at, END_64)?;
    Some((u64_at(bytes, at.checked_add(32)?)?, u64_at(bytes, at.checked_add(48)?)?))
}

/// The member whose directory entry is at `at`, and where the next entry is.
fn member(bytes: &[u8], at: usize) -> Option<(Member<'_>, usize)> {
    signed(bytes, at, CENTRAL)?;
    let length = |offset| u16_at(bytes, at + offset).map(usize::from);
    let name_end = at + 46 + length(28)?;
    let extra_end = name_end + length(30)?;
    let name = std::str::from_utf8(bytes.get(at + 46..name_end)?).ok()?;
    let mut extra = extra_64(bytes.get(name_end..extra_end)?);
    // Values that do not fit are in the extra field, in this order.
    let mut large = |offset| match u32_at(bytes, at + offset)? {
        u32::MAX => extra.next(),
        fits => Some(fits as usize),
    };
    let (size, packed, local) = (large(24)?, large(20)?, large(42)?);
    let member = Member {
        name,
        flags: u16_at(bytes, at + 8)?,
        method: u16_at(bytes, at + 10)?,
        crc: u32_at(bytes, at + 16)?,
        packed: packed_bytes(bytes, local, packed)?,
        size,
    };
    Some((member, extra_end + length(32)?))
}

/// The numbers of the zip64 extra field.
fn extra_64(mut fields: &[u8]) -> impl Iterator<Item = usize> {
    let mut numbers: &[u8] = &[];
    while let (Some(kind), Some(length)) = (u16_at(fields, 0), u16_at(fields, 2)) {
        let Some((field, rest)) = fields[4..].split_at_checked(usize::from(length)) else { break };
        if kind == EXTRA_64 {
            numbers = field;
        }
        fields = rest;
    }
    numbers.as_chunks().0.iter().map_while(|&number| usize::try_from(u64::from_le_bytes(number)).ok())
}

/// The bytes after a local header, whose name and extra field may differ from those in the directory.
fn packed_bytes(bytes: &[u8], local: usize, length: usize) -> Option<&[u8]> {
    signed(bytes, local, LOCAL)?;
    let skip = |offset| u16_at(bytes, local + offset).map(usize::from);
    let start = local + 30 + skip(26)? + skip(28)?;
    bytes.get(start..start.checked_add(length)?)
}

/// Checks that there is such a record at `at`; after this, a small offset from `at` cannot overflow.
fn signed(bytes: &[u8], at: usize, signature: [u8; 4]) -> Option<()> {
    bytes.get(at..)?.starts_with(&signature).then_some(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&number| u16::from_le_bytes(number))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&number| u32::from_le_bytes(number))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..)?.first_chunk().map(|&number| u64::from_le_bytes(number))?;
    usize::try_from(number).ok()
}

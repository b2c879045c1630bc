//! A NumPy array file: a header line in Python syntax, and its numbers.
//!
//! ```text
//!     \x93NUMPY  major minor  length of the line  {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  numbers
//! ```

const MAGIC: &[u8] = b"\x93NUMPY";

/// The parts of an array's file, none of which is trusted yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Npy<'a> {
    header: &'a str,
    /// What follows the line.
    pub(crate) numbers: &'a [u8],
}

impl<'a> Npy<'a> {
    /// Finds the parts; `None` if the file is not an array, or ends within the header line.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<2>()?;
        let (length, rest) = match version[0] {
            1 => rest
                .split_first_chunk()
                .map(|(&length, rest)| (usize::from(u16::from_le_bytes(length)), rest))?,
            2 | 3 => {
                rest.split_first_chunk().map(|(&length, rest)| (u32::from_le_bytes(length) as usize, rest))?
            }
            _ => return None,
        };
        let (header, numbers) = rest.split_at_checked(length)?;
        Some(Self { header: std::str::from_utf8(header).ok()?, numbers })
    }

    /// The type of its numbers, like `<f4`; `None` if it is not a single one.
    pub(crate) fn number_type(self) -> Option<&'a str> {
        self.value("descr")?.strip_prefix('\'')?.split_once('\'').map(|(text, _)| text)
    }

    /// Its lengths, as many as there are but `most` and one.
    pub(crate) fn shape(self, most: usize) -> Option<Vec<usize>> {
        let (lengths, _) = self.value("shape")?.strip_prefix('(')?.split_once(')')?;
        let lengths = lengths.split(',').map(str::trim).filter(|length| !length.is_empty());
        // Python 2 marks a long number with an L.
        lengths.take(most + 1).map(|length| length.trim_end_matches('L').parse().ok()).collect()
    }

    /// What follows `'key':`.
    pub(crate) fn value(self, key: &str) -> Option<&'a str> {
        let (_, rest) = self.header.split_once(&format!("'{key}'"))?;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    }
}

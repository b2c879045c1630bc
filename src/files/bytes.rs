//! Formats and parses numbers of bytes.

use std::fmt;
use std::str::FromStr;

/// A number of bytes. Written in thousands (`2.5 GB`); read in thousands
/// (`900M`, `2.5GB`) or in powers of 1024 (`4GiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1_000 => write!(f, "{} B", self.0),
            1_000..1_000_000 => write!(f, "{:.1} kB", bytes / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes / 1e6),
            _ => write!(f, "{:.1} GB", bytes / 1e9),
        }
    }
}

/// A text that is not a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a size is needed, like 900M, 2.5G or 4GiB")]
pub struct NotBytes;

impl FromStr for ByteSize {
    type Err = NotBytes;

    fn from_str(text: &str) -> Result<Self, NotBytes> {
        let digits =
            text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor: f64 = match unit.trim().trim_end_matches(['b', 'B']).to_ascii_lowercase().as_str() {
            // Parsed as an integer, which may be too long for the other way.
            "" if number.parse::<u64>().is_ok() => return number.parse().map(Self).map_err(|_| NotBytes),
            "" => 1.0,
            "k" => 1e3,
            "m" => 1e6,
            "g" => 1e9,
            "t" => 1e12,
            "ki" => 1024.0,
            "mi" => 1024f64.powi(2),
            "gi" => 1024f64.powi(3),
            "ti" => 1024f64.powi(4),
            _ => return Err(NotBytes),
        };
        let bytes = number.parse::<f64>().map_err(|_| NotBytes)? * factor;
        if bytes.is_finite() { Ok(Self(bytes as u64)) } else { Err(NotBytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_units() {
        for (text, bytes) in [
            ("4096", 4096),
            ("900M", 900_000_000),
            ("2.5g", 2_500_000_000),
            ("4GiB", 4 << 30),
            ("1 kB", 1000),
            ("0.5Ki", 512),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "G", "much", "-1G", "1.2.3M", "5X", "1e300G"] {
            assert_eq!(text.parse::<ByteSize>(), Err(NotBytes), "{text}");
        }
    }

    #[test]
    fn sizes_are_written_in_the_unit_that_suits_them() {
        for (bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (23_400_000, "23.4 MB"), (1 << 30, "1.1 GB")]
        {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }
}

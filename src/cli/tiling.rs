//! The flags for pictures larger than memory.

use clap::Args;

use super::parse_whole;
use crate::dream::tiles::{TileMode, Tiling};

#[derive(Args)]
pub(super) struct TileArguments {
    /// Cut the picture into tiles of at most N pixels a side [default: not at all, or as large as memory allows]
    #[arg(long, value_name = "N", help_heading = "Any size", value_parser = parse_whole::<usize>,
          allow_negative_numbers = true)]
    tile: Option<usize>,

    /// What a tile sees: all that bears on it, for the same dream as without tiles (exact), or itself alone,
    /// its seams hidden by larger shifts (fast) [default: exact, unless that is more than twice the work]
    #[arg(long, value_name = "MODE", help_heading = "Any size")]
    tile_mode: Option<TileMode>,

    /// Take no more of the device's memory than this, like 900M or 2.5G, weights aside [default: what is free]
    #[arg(long, value_name = "SIZE", help_heading = "Any size", value_parser = parse_bytes,
          allow_negative_numbers = true)]
    memory_limit: Option<u64>,
}

impl TileArguments {
    pub(super) fn tiling(&self) -> Tiling {
        Tiling { tile: self.tile, tile_mode: self.tile_mode, memory_limit: self.memory_limit }
    }
}

/// Bytes, or a number of K, M, G or T: thousands, or with an i (Ki, MiB) powers of 1024.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: f64 = match unit.trim().trim_end_matches(['b', 'B']).to_ascii_lowercase().as_str() {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => 1024.0,
        "mi" => 1024f64.powi(2),
        "gi" => 1024f64.powi(3),
        "ti" => 1024f64.powi(4),
        _ => f64::NAN,
    };
    match number.parse::<f64>().map(|number| number * factor) {
        Ok(bytes) if bytes.is_finite() => Ok(bytes as u64),
        _ => Err("a size is needed, like 900M, 2.5G or 4GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_bytes;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("4096", 4096),
            ("900M", 900_000_000),
            ("2.5g", 2_500_000_000),
            ("4GiB", 4 << 30),
            ("1 kB", 1000),
            ("0.5Ki", 512),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "G", "much", "-1G", "1.2.3M", "5X", "1e300G"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}

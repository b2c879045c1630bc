//! What may follow an objective of any kind: `*WEIGHT`, `@OCTAVES` and `#MASK`.

use super::OctaveRange;

/// The suffixes found after an objective.
#[derive(Default)]
pub(super) struct Suffixes {
    pub(super) weight: Option<f32>,
    pub(super) octaves: Option<OctaveRange>,
    pub(super) mask: Option<usize>,
}

impl Suffixes {
    /// Splits them off the end of a text, in any order and each at most once. Free text at the end, like the
    /// name of a class, may contain any of their signs, and a pattern may contain a star; what follows the
    /// sign decides.
    pub(super) fn split(mut text: &str, free_text: bool) -> Result<(&str, Self), String> {
        let mut found = Self::default();
        while let Some(at) = text.rfind(['*', '@', '#']) {
            let (sign, suffix) = text[at..].split_at(1);
            match sign {
                "*" if found.weight.is_none() && suffix.parse::<f32>().is_ok() => {
                    found.weight = Some(parse_weight(suffix)?);
                }
                "@" if found.octaves.is_none() => match suffix.parse() {
                    Ok(octaves) => found.octaves = Some(octaves),
                    Err(_) if free_text => break,
                    Err(reason) => return Err(reason),
                },
                "#" if found.mask.is_none() => match parse_mask(suffix) {
                    Ok(mask) => found.mask = Some(mask),
                    Err(_) if free_text => break,
                    Err(reason) => return Err(reason),
                },
                _ => break,
            }
            text = &text[..at];
        }
        Ok((text, found))
    }
}

/// A finite number other than zero.
pub(super) fn parse_weight(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(weight) if weight.is_finite() && weight != 0.0 => Ok(weight),
        _ => Err(format!("weight '{text}' is not a finite number other than 0")),
    }
}

/// The number of a mask, from 1.
pub(super) fn parse_mask(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| format!("'{text}' is not the number of a mask, counted from 1"))
}

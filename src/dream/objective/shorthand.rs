//! The short way to write the most common objective, half the sum of squares of a layer:
//! `NAME[=WEIGHT][@OCTAVES][#MASK]`.

use super::Objective;
use super::suffixes::{parse_mask, parse_weight};

impl Objective {
    /// Reads `NAME[=WEIGHT][@OCTAVES][#MASK]`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse_layer(text: &str) -> Result<Self, String> {
        let (text, mask) = match text.split_once('#') {
            Some((text, mask)) => (text, Some(parse_mask(mask)?)),
            None => (text, None),
        };
        let (text, octaves) = match text.split_once('@') {
            Some((text, octaves)) => (text, Some(octaves.parse()?)),
            None => (text, None),
        };
        let (name, weight) = match text.split_once('=') {
            Some((name, weight)) => (name, parse_weight(weight)?),
            None => (text, 1.0),
        };
        if name.is_empty() {
            return Err("a layer's name is needed, like inception_4c/output".to_owned());
        }
        Ok(Self { weight, octaves, mask, ..Self::l2(name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_short_for_half_the_sum_of_squares() {
        for (short, long) in [
            ("inception_4c/output", "l2:inception_4c/output"),
            ("inception_4c/output=-0.5", "l2:inception_4c/output*-0.5"),
            ("inception_4*/output=2@1-2#3", "l2:inception_4*/output*2@1-2#3"),
        ] {
            assert_eq!(Objective::parse_layer(short), Ok(long.parse().expect(long)), "{short}");
        }
        for (wrong, reason) in [
            ("=2", "needed"),
            ("", "needed"),
            ("a=0", "finite"),
            ("a@0", "not a range of octaves"),
            ("a#0", "mask"),
        ] {
            let error = Objective::parse_layer(wrong).expect_err(wrong);
            assert!(error.contains(reason), "{wrong}: {error}");
        }
    }
}

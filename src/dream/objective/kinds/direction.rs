//! `direction:LAYER:FILE.npy[^P]`.

use super::*;

/// The highest permitted exponent.
const MOST: u32 = 16;

/// How far a layer's cells point in a given direction `v`: the mean over all cells `x` of `x . v max(cos,
/// 0.1)^P`, where `cos` is the cosine between `x` and `v`; lucid's `direction`.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// Name or pattern.
    pub layer: String,
    /// The file, as it is named. It holds one number per channel.
    pub file: String,
    /// The exponent; 0 for the dot product alone.
    pub power: u32,
}

impl Kind for Direction {
    const FORM: Form = Form::new(
        "direction",
        &["LAYER:FILE.npy[^P]"],
        "mean dot product with a direction of your own, times its cosine to the power P (0 by default)",
    )
    .ending_in_text();

    fn parse(operands: &str) -> Result<Self, String> {
        let (layer, rest) = operands.split_once(':').ok_or("it has the wrong number of fields")?;
        let (file, power) = match rest.rsplit_once('^') {
            Some((file, power)) => (file, parse_power(power)?),
            None => (rest, 0),
        };
        if file.is_empty() {
            return Err("a file with a number for each channel is needed behind the layer".to_owned());
        }
        Ok(Self { layer: layer.to_owned(), file: file.to_owned(), power })
    }

    fn operands(&self) -> String {
        let Self { layer, file, power } = self;
        match power {
            0 if !file.contains('^') => format!("{layer}:{file}"),
            power => format!("{layer}:{file}^{power}"),
        }
    }

    fn layers(&self, weights: &Weights) -> Result<Vec<LayerId>, ObjectiveError> {
        find_layers(weights, &self.layer)
    }

    fn aims(&self, place: &Place<'_>) -> Result<Vec<Aim>, ObjectiveError> {
        let given = place.direction(&self.file)?;
        Ok(vec![if self.power == 0 { Aim::Direction(given) } else { Aim::Aligned(given, self.power) }])
    }
}

fn parse_power(text: &str) -> Result<u32, String> {
    let power = text.parse().ok().filter(|power| (0..=MOST).contains(power));
    power.ok_or_else(|| format!("'^{text}' is not a power: a whole number from 0 to {MOST} is accepted"))
}

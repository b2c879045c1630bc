//! How objectives are written and read; [`super`] has the table of all forms.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::{Objective, ObjectiveError, OctaveRange, Wish};
use crate::net::googlenet::CLASSIFIER;

pub(super) const FORMS: &str = "l2:LAYER, channel:LAYER:N[,N...], neuron:LAYER:N[:Y,X], guide:LAYER, like:LAYER, logit:N or logit:NAME, each with *WEIGHT, @OCTAVES and #MASK if wanted";

impl FromStr for OctaveRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok().filter(|&number| number > 0);
        let range = match text.split_once('-') {
            None => number(text).map(|only| (only, Some(only))),
            Some((first, "")) => number(first).map(|first| (first, None)),
            Some((first, last)) => number(first).zip(number(last).map(Some)),
        };
        match range {
            Some((first, last)) if last.is_none_or(|last| first <= last) => Ok(Self { first, last }),
            _ => Err(format!("'{text}' are no octaves like 1, 2-3 or 3-, the smallest being 1")),
        }
    }
}

impl fmt::Display for OctaveRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}-", self.first),
        }
    }
}

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(spec: &str) -> Result<Self, ObjectiveError> {
        let wrong = |reason: &str| ObjectiveError::Form { spec: spec.to_owned(), reason: reason.to_owned() };
        let (kind, rest) = spec.split_once(':').ok_or_else(|| wrong("it has no colon"))?;
        let (rest, suffixes) = Suffixes::split(rest, kind == "logit").map_err(|reason| wrong(&reason))?;
        let aim = parse_wish(kind, rest).map_err(|reason| wrong(&reason))?;
        let Suffixes { weight, octaves, mask } = suffixes;
        Ok(Self { aim, weight: weight.unwrap_or(1.0), octaves, mask })
    }
}

/// What may follow an objective, in any order.
#[derive(Default)]
struct Suffixes {
    weight: Option<f32>,
    octaves: Option<OctaveRange>,
    mask: Option<usize>,
}

impl Suffixes {
    /// Takes them from the end of a text, each at most once. A class name may hold any of their signs, and a pattern a
    /// star: what follows the sign decides.
    fn split(mut rest: &str, is_name: bool) -> Result<(&str, Self), String> {
        let mut found = Self::default();
        while let Some(at) = rest.rfind(['*', '@', '#']) {
            let (sign, suffix) = rest[at..].split_at(1);
            match sign {
                "*" if found.weight.is_none() && suffix.parse::<f32>().is_ok() => {
                    found.weight = Some(parse_weight(suffix)?);
                }
                "@" if found.octaves.is_none() => match suffix.parse() {
                    Ok(octaves) => found.octaves = Some(octaves),
                    Err(_) if is_name => break,
                    Err(reason) => return Err(reason),
                },
                "#" if found.mask.is_none() => match parse_mask(suffix) {
                    Ok(mask) => found.mask = Some(mask),
                    Err(_) if is_name => break,
                    Err(reason) => return Err(reason),
                },
                _ => break,
            }
            rest = &rest[..at];
        }
        Ok((rest, found))
    }
}

/// A finite number other than zero.
pub fn parse_weight(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(weight) if weight.is_finite() && weight != 0.0 => Ok(weight),
        _ => Err(format!("weight '{text}' is not a finite number other than 0")),
    }
}

/// The number of a mask, from 1.
pub fn parse_mask(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| format!("'{text}' is not the number of a mask, the first being 1"))
}

fn parse_wish(kind: &str, rest: &str) -> Result<Wish, String> {
    let fields: Vec<&str> = rest.split(':').collect();
    let number = |text: &str| text.parse().map_err(|_| format!("'{text}' is not a channel number"));
    match (kind, &fields[..]) {
        (_, ["", ..]) => Err("it names nothing".to_owned()),
        ("l2", [layer]) => Ok(Wish::L2 { layer: (*layer).to_owned() }),
        ("guide", [layer]) => Ok(Wish::Guide { layer: (*layer).to_owned() }),
        ("like", [layer]) => Ok(Wish::Like { layer: (*layer).to_owned() }),
        ("channel", [layer, channels]) => {
            let channels: Result<_, String> = channels.split(',').map(parse_channels).collect();
            Ok(Wish::Channel { layer: (*layer).to_owned(), channels: channels? })
        }
        ("neuron", [layer, channel, at @ ..]) if at.len() <= 1 => Ok(Wish::Neuron {
            layer: (*layer).to_owned(),
            channel: number(channel)?,
            at: at.first().map(|at| parse_cell(at)).transpose()?,
        }),
        ("logit", [CLASSIFIER, class]) => Ok(Wish::Logit { class: (*class).to_owned() }),
        ("logit", _) => Ok(Wish::Logit { class: rest.to_owned() }),
        ("l2" | "guide" | "like" | "channel" | "neuron", _) => {
            Err("it has the wrong number of fields".to_owned())
        }
        _ => Err(format!("'{kind}' is no kind of objective")),
    }
}

/// A channel, or the first and the last of several.
fn parse_channels(text: &str) -> Result<RangeInclusive<usize>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => Ok(first..=last),
        _ => Err(format!("'{text}' is not a channel number or a range of them like 3-7")),
    }
}

fn parse_cell(text: &str) -> Result<(usize, usize), String> {
    let cell = text.split_once(',').and_then(|(y, x)| Some((y.parse().ok()?, x.parse().ok()?)));
    cell.ok_or_else(|| format!("'{text}' is not a row and a column as in 3,5"))
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.aim {
            Wish::L2 { layer } => write!(f, "l2:{layer}")?,
            Wish::Guide { layer } => write!(f, "guide:{layer}")?,
            Wish::Like { layer } => write!(f, "like:{layer}")?,
            Wish::Channel { layer, channels } => {
                let range = |range: &RangeInclusive<usize>| match (range.start(), range.end()) {
                    (first, last) if first == last => first.to_string(),
                    (first, last) => format!("{first}-{last}"),
                };
                let channels: Vec<String> = channels.iter().map(range).collect();
                write!(f, "channel:{layer}:{}", channels.join(","))?;
            }
            Wish::Neuron { layer, channel, at: None } => write!(f, "neuron:{layer}:{channel}")?,
            Wish::Neuron { layer, channel, at: Some((y, x)) } => {
                write!(f, "neuron:{layer}:{channel}:{y},{x}")?
            }
            Wish::Logit { class } => write!(f, "logit:{class}")?,
        }
        if self.weight != 1.0 {
            write!(f, "*{}", self.weight)?;
        }
        if let Some(octaves) = self.octaves {
            write!(f, "@{octaves}")?;
        }
        match self.mask {
            Some(mask) => write!(f, "#{mask}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_reads_what_it_writes() {
        for spec in [
            "l2:inception_4c/output",
            "l2:inception_4*/output",
            "l2:*/output*0.5@1-2",
            "l2:inception_3b/output@3-",
            "channel:inception_4d/output:139",
            "channel:inception_4d/output:3,17,42-45*-2",
            "neuron:inception_4a/output:97",
            "neuron:inception_4a/output:97:3,5*-2",
            "guide:inception_3b/output*0.5",
            "like:inception_4?/output",
            "logit:208",
            "logit:dog face*0.5",
            "logit:keycap: *",
            "logit:keycap: #",
            "logit:keycap: ##2",
            "l2:inception_4c/output*0.5@2-3#1",
            "logit:at@home@2",
        ] {
            assert_eq!(spec.parse::<Objective>().expect(spec).to_string(), spec);
        }
        for (spec, canonical) in [
            ("logit:dog face#1*2", "logit:dog face*2#1"),
            ("l2:inception_4*/output#2@3-*0.5", "l2:inception_4*/output*0.5@3-#2"),
        ] {
            assert_eq!(spec.parse::<Objective>().expect(spec).to_string(), canonical);
        }
        let long: Objective = "logit:loss3/classifier:7".parse().expect("the long form");
        assert_eq!(long.to_string(), "logit:7");
    }

    #[test]
    fn nonsense_is_refused_with_the_reason() {
        for (spec, reason) in [
            ("inception_4c/output", "no colon"),
            ("l1:conv1/7x7_s2", "no kind"),
            ("l2:", "names nothing"),
            ("channel:conv1/7x7_s2", "number of fields"),
            ("channel:conv1/7x7_s2:-1", "not a channel number"),
            ("channel:conv1/7x7_s2:7-3", "not a channel number"),
            ("channel:conv1/7x7_s2:1,,2", "not a channel number"),
            ("neuron:conv1/7x7_s2:1:5", "row and a column"),
            ("l2:conv1/7x7_s2*nan", "finite"),
            ("l2:conv1/7x7_s2*0", "finite"),
            ("l2:conv1/7x7_s2@0", "no octaves"),
            ("l2:conv1/7x7_s2@3-2", "no octaves"),
            ("l2:conv1/7x7_s2@", "no octaves"),
            ("l2:conv1/7x7_s2#0", "number of a mask"),
            ("l2:conv1/7x7_s2#one", "number of a mask"),
        ] {
            let error = spec.parse::<Objective>().expect_err(spec).to_string();
            assert!(error.contains(reason), "{spec}: {error}");
        }
    }
}

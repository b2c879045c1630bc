//! The mastering metadata of HDR: the display that the film was mastered on (SMPTE ST 2086), and its light levels
//! (CTA-861.3).

use serde::Deserialize;
use serde_json::{Map, Value};

/// Units per 1 for chromaticities, and per cd/m2 for luminances (ITU-T H.265, D.3.28).
const CHROMATICITY: f64 = 50_000.0;
const LUMINANCE: f64 = 10_000.0;

/// The metadata that a film has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mastering {
    display: Option<Display>,
    content: Option<Content>,
}

/// A display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Display {
    /// The chromaticities of green, blue, red and white, in the order in which encoders take them.
    points: [[u32; 2]; 4],
    /// The maximum and the minimum luminance.
    luminances: [u32; 2],
}

/// Light levels, in cd/m2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    /// The level of the brightest pixel in the film (MaxCLL).
    pixel: u16,
    /// The mean level of the brightest frame (MaxFALL).
    frame: u16,
}

/// How an encoder expects the metadata.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// Its name for the display.
    pub(super) display: &'static str,
    /// Its name for the light levels.
    pub(super) content: &'static str,
    /// Whether it expects decimals rather than whole units.
    pub(super) decimals: bool,
}

impl Mastering {
    /// From ffprobe's report on the first frame and the stream; empty if the report says nothing.
    pub(super) fn of_report(said: &[u8]) -> Self {
        serde_json::from_slice(said).map(Self::of).unwrap_or_default()
    }

    fn of(Report { frames, streams }: Report) -> Self {
        let notes: Vec<Note> =
            frames.into_iter().chain(streams).flat_map(|part| part.side_data_list).collect();
        Self {
            display: notes.iter().find_map(Display::of_note),
            content: notes.iter().find_map(Content::of_note),
        }
    }

    /// Whether there is any metadata.
    pub(super) fn is_known(&self) -> bool {
        self.display.is_some() || self.content.is_some()
    }

    /// The options that make an encoder write the metadata.
    pub(super) fn options(&self, words: Words) -> Vec<String> {
        let display =
            self.display.map(|display| format!("{}={}", words.display, display.text(words.decimals)));
        let content =
            self.content.map(|Content { pixel, frame }| format!("{}={pixel},{frame}", words.content));
        display.into_iter().chain(content).collect()
    }
}

/// ffprobe's report.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    frames: Vec<Part>,
    #[serde(default)]
    streams: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    side_data_list: Vec<Note>,
}

type Note = Map<String, Value>;

impl Display {
    fn of_note(note: &Note) -> Option<Self> {
        let point = |name: &str| {
            let part = |axis| parts(note, &format!("{name}_{axis}"), CHROMATICITY);
            Some([part("x")?, part("y")?])
        };
        let luminance = |end: &str| parts(note, &format!("{end}_luminance"), LUMINANCE);
        Some(Self {
            points: [point("green")?, point("blue")?, point("red")?, point("white_point")?],
            luminances: [luminance("max")?, luminance("min")?],
        })
    }

    fn text(&self, decimals: bool) -> String {
        let pair = |[a, b]: [u32; 2], unit: f64| match decimals {
            true => format!("({},{})", f64::from(a) / unit, f64::from(b) / unit),
            false => format!("({a},{b})"),
        };
        let names = ["G", "B", "R", "WP"].into_iter().zip(self.points);
        let points: String =
            names.map(|(name, point)| name.to_owned() + &pair(point, CHROMATICITY)).collect();
        format!("{points}L{}", pair(self.luminances, LUMINANCE))
    }
}

impl Content {
    fn of_note(note: &Note) -> Option<Self> {
        let light = |name: &str| note.get(name)?.as_u64()?.try_into().ok();
        let content = Self { pixel: light("max_content")?, frame: light("max_average")? };
        // By the standard, zeros mean that the values are unknown.
        (content.pixel > 0 || content.frame > 0).then_some(content)
    }
}

/// A number that is written as a fraction, in units of 1/`unit`. No display exceeds 100,000 cd/m2, and no
/// chromaticity exceeds 1.
fn parts(note: &Note, name: &str, unit: f64) -> Option<u32> {
    let (above, below) = note.get(name)?.as_str()?.split_once('/')?;
    let value = above.parse::<f64>().ok()? / below.parse::<f64>().ok()?;
    let most = if unit == LUMINANCE { 100_000.0 } else { 1.0 };
    (0.0..=most).contains(&value).then(|| (value * unit).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Words = Words { display: "display", content: "light", decimals: false };

    /// ffprobe's report on a film whose file contains this metadata, in one of two units.
    fn report(display: &str, content: &str) -> Mastering {
        let streams =
            format!(r#"{{"frames": [{{}}], "streams": [{{"side_data_list": [{display} {content}]}}]}}"#);
        Mastering::of(serde_json::from_str(&streams).expect("JSON"))
    }

    fn display(red_x: &str) -> String {
        format!(
            r#"{{"side_data_type": "Mastering display metadata", "red_x": "{red_x}", "red_y": "20972/65536",
                "green_x": "17367/65536", "green_y": "45220/65536", "blue_x": "9830/65536", "blue_y": "3932/65536",
                "white_point_x": "15635/50000", "white_point_y": "16450/50000",
                "min_luminance": "50/10000", "max_luminance": "256000/256"}}"#
        )
    }

    #[test]
    fn what_is_noted_is_told_to_encoders_in_their_units() {
        let content = r#", {"max_content": 1000, "max_average": 400}"#;
        let noted = report(&display("34000/50000"), content);
        // 17367/65536 is 0.265 to the nearest unit, and so on.
        let points = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";
        assert_eq!(noted.options(WHOLE), [format!("display={points}"), "light=1000,400".to_owned()]);
        let decimals = noted.options(Words { decimals: true, ..WHOLE });
        assert_eq!(decimals[0], "display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005)");
    }

    #[test]
    fn what_is_not_known_or_cannot_be_is_not_told() {
        for red in ["1/0", "0/0", "-1/2", "3/2", "red", "1"] {
            let noted = report(&display(red), r#", {"max_content": 1000, "max_average": 400}"#);
            assert_eq!(noted.options(WHOLE), ["light=1000,400"], "{red}");
        }
        for content in
            [r#"{"max_content": 0, "max_average": 0}"#, r#"{"max_content": 70000, "max_average": 1}"#]
        {
            assert!(!report("", content).is_known(), "{content}");
        }
    }
}

//! How a film's colours are coded: conversion to red, green and blue, and back.
//!
//! Both conversions are specified to ffmpeg in full. Its own defaults depend on its version and on the size of the
//! pictures, and players have defaults of their own.

use super::hdr::{self, Hdr};
use super::mastering::Mastering;
use crate::extent::Extent;

/// Films of at least this height that do not specify their colours are assumed to be HD.
const HD: usize = 720;

/// The best quality of swscale: full precision, and chroma for every pixel.
const EXACT: &str = "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bicubic";

/// How colours are coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Colour {
    /// The matrix for luma and chroma, by ffprobe's name; empty for plain red, green and blue.
    matrix: String,
    /// Whether levels go from 0 to 255, rather than from 16 to 235.
    full: bool,
    primaries: String,
    transfer: String,
    /// Whether samples have more than 8 bits.
    pub(super) deep: bool,
    /// Whether pixels have transparency.
    pub(super) alpha: bool,
    assumed: bool,
    /// How it is treated, if it is HDR.
    pub(super) wish: Option<Hdr>,
    /// The mastering metadata, if it is HDR that is kept as HDR.
    pub(super) mastering: Mastering,
}

impl Colour {
    /// From ffprobe's words; empty ones are unknown.
    pub(super) fn new(pixels: &str, size: Extent, matrix: &str, range: &str) -> Self {
        let rgb = is_rgb(pixels) || matrix == "gbr";
        let assumed = !rgb && matrix.is_empty();
        let matrix = match matrix {
            _ if rgb => "",
            "" if size.height >= HD => "bt709",
            "" => "smpte170m",
            known => known,
        };
        Self {
            matrix: matrix.to_owned(),
            full: range == "pc" || pixels.starts_with("yuvj"),
            primaries: String::new(),
            transfer: String::new(),
            deep: is_deep(pixels),
            alpha: has_alpha(pixels),
            assumed,
            wish: None,
            mastering: Mastering::default(),
        }
    }

    /// Adds what is known of the primaries and the transfer function.
    pub(super) fn tagged(self, primaries: String, transfer: String) -> Self {
        // The older standards have no HDR.
        let is_newer = self.assumed && hdr::name(&transfer).is_some();
        let matrix = if is_newer { "bt2020nc".to_owned() } else { self.matrix };
        Self { matrix, primaries, transfer, ..self }
    }

    /// The common name of its HDR format, if it is HDR.
    pub(super) fn hdr(&self) -> Option<&'static str> {
        hdr::name(&self.transfer)
    }

    /// Whether it is HDR that is converted to SDR.
    pub(super) fn is_mapped(&self) -> bool {
        self.hdr().is_some() && self.wish == Some(Hdr::Tonemap)
    }

    /// The coding of the written pictures.
    pub(super) fn outgoing(&self) -> Self {
        if !self.is_mapped() {
            return self.clone();
        }
        let bt709 = || "bt709".to_owned();
        Self {
            matrix: bt709(),
            primaries: bt709(),
            transfer: bt709(),
            full: false,
            wish: None,
            ..self.clone()
        }
    }

    /// A remark on what the file does not make obvious.
    pub(super) fn remark(&self) -> Option<String> {
        let standard = match self.matrix.as_str() {
            "bt709" => "BT.709",
            "bt2020nc" => "BT.2020",
            _ => "BT.601",
        };
        let matrix =
            self.assumed.then(|| format!("its colours are not specified, and are taken for {standard}"));
        let becomes = if self.is_mapped() { "becomes SDR" } else { "stays as it is coded" };
        let light = self.hdr().map(|name| format!("its HDR ({name}) {becomes}"));
        let remarks: Vec<String> = matrix.into_iter().chain(light).collect();
        (!remarks.is_empty()).then(|| remarks.join("; "))
    }

    /// The filter that converts to red, green and blue.
    pub(super) fn decoding(&self) -> String {
        let range = if self.full { "full" } else { "limited" };
        if self.is_mapped() {
            let light = hdr::tonemap(&self.transfer, &self.primaries, &self.matrix, self.full, self.alpha);
            return format!("{light},scale={EXACT}");
        }
        match self.scaler() {
            None => format!("scale={EXACT}"),
            Some(matrix) => format!("scale=in_color_matrix={matrix}:in_range={range}:out_range=full:{EXACT}"),
        }
    }

    /// The filter that converts from red, green and blue.
    pub(super) fn encoding(&self) -> String {
        let matrix = self.scaler().unwrap_or("bt709");
        format!("scale=in_range=full:out_color_matrix={matrix}:out_range=limited:{EXACT}")
    }

    /// The colour metadata for players, as flags.
    pub(super) fn notes(&self) -> Vec<&str> {
        let matrix = if self.matrix.is_empty() { "bt709" } else { self.matrix.as_str() };
        let (mut primaries, mut transfer) = (self.primaries.as_str(), self.transfer.as_str());
        if primaries.is_empty() && transfer.is_empty() {
            (primaries, transfer) = usual_light(matrix);
        }
        let mut notes = vec!["-color_range", "tv", "-colorspace", matrix];
        for (flag, value) in [("-color_primaries", primaries), ("-color_trc", flag_of(transfer))] {
            if !value.is_empty() {
                notes.extend([flag, value]);
            }
        }
        notes
    }

    /// swscale's name for the matrix.
    fn scaler(&self) -> Option<&'static str> {
        match self.matrix.as_str() {
            "" => None,
            "bt470bg" => Some("bt470"),
            "smpte240m" => Some("smpte240m"),
            "fcc" => Some("fcc"),
            "bt2020nc" | "bt2020c" => Some("bt2020"),
            "bt709" => Some("bt709"),
            _ => Some("smpte170m"),
        }
    }
}

/// The primaries and transfer function that usually come with a matrix, by ITU-T H.273; empty if unknown.
fn usual_light(matrix: &str) -> (&'static str, &'static str) {
    match matrix {
        "bt709" => ("bt709", "bt709"),
        "bt470bg" => ("bt470bg", "smpte170m"),
        "smpte170m" => ("smpte170m", "smpte170m"),
        "smpte240m" => ("smpte240m", "smpte240m"),
        "bt2020nc" | "bt2020c" => ("bt2020", "bt2020-10"),
        _ => ("", ""),
    }
}

/// The name of a transfer function for ffmpeg's flag, which accepts two of them only by other names than ffprobe
/// prints.
fn flag_of(transfer: &str) -> &str {
    match transfer {
        "bt470m" => "gamma22",
        "bt470bg" => "gamma28",
        known => known,
    }
}

fn is_rgb(pixels: &str) -> bool {
    ["rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr"]
        .iter()
        .any(|start| pixels.starts_with(start))
}

/// Whether samples have more than 8 bits: `yuv420p10le`, `p010le`, `gray12le`, `rgb48le`, `gbrp16be`.
fn is_deep(pixels: &str) -> bool {
    ["le", "be"].iter().any(|end| pixels.ends_with(end))
        && !["565", "555", "444"].iter().any(|few| {
            pixels.starts_with("rgb") && pixels.contains(few)
                || pixels.starts_with("bgr") && pixels.contains(few)
        })
}

fn has_alpha(pixels: &str) -> bool {
    ["yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16"]
        .iter()
        .any(|start| pixels.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(pixels: &str, height: usize, matrix: &str, range: &str) -> Colour {
        Colour::new(pixels, Extent::new(height, 320), matrix, range)
    }

    #[test]
    fn what_is_noted_is_taken_and_given_on() {
        let film = colour("yuv420p", 240, "bt709", "tv").tagged("bt709".into(), "iec61966-2-1".into());
        assert!(film.decoding().contains("in_color_matrix=bt709:in_range=limited:out_range=full"));
        assert!(film.encoding().contains("out_color_matrix=bt709:out_range=limited"));
        assert!(film.notes().ends_with(&["-color_primaries", "bt709", "-color_trc", "iec61966-2-1"]));
        assert_eq!(film.remark(), None);
    }

    #[test]
    fn without_a_note_the_height_decides_and_it_is_said() {
        for (height, matrix, standard) in [(576, "smpte170m", "BT.601"), (720, "bt709", "BT.709")] {
            let film = colour("yuv420p", height, "", "");
            assert!(film.decoding().contains(&format!("in_color_matrix={matrix}")));
            assert!(film.notes().contains(&matrix));
            assert!(film.remark().expect("a remark").ends_with(standard));
        }
    }

    #[test]
    fn notes_are_words_that_ffmpeg_takes() {
        let noted = |primaries: &str, transfer: &str| {
            let film = colour("yuv420p", 240, "bt470bg", "tv").tagged(primaries.into(), transfer.into());
            film.notes().join(" ")
        };
        assert!(noted("", "").ends_with("-color_primaries bt470bg -color_trc smpte170m"));
        assert!(noted("bt470bg", "bt470bg").ends_with("-color_primaries bt470bg -color_trc gamma28"));
        assert!(noted("bt470m", "bt470m").ends_with("-color_primaries bt470m -color_trc gamma22"));
        let newest = colour("yuv420p10le", 240, "bt2020c", "tv");
        assert!(newest.notes().ends_with(&["-color_primaries", "bt2020", "-color_trc", "bt2020-10"]));
        let rare = colour("yuv420p", 240, "ycgco", "tv");
        assert_eq!(rare.notes().last(), Some(&"ycgco"), "nothing is known of its light");
    }

    #[test]
    fn hdr_stays_or_becomes_bt709() {
        let film = colour("yuv420p10le", 240, "", "tv").tagged("bt2020".into(), "smpte2084".into());
        assert_eq!(film.hdr(), Some("PQ"));
        let kept = Colour { wish: Some(Hdr::Keep), ..film.clone() };
        assert!(kept.decoding().starts_with("scale=in_color_matrix=bt2020:"), "{}", kept.decoding());
        assert!(kept.outgoing().notes().ends_with(&[
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084"
        ]));
        let mapped = Colour { wish: Some(Hdr::Tonemap), ..film };
        assert!(
            mapped.decoding().starts_with("zscale=transferin=smpte2084:primariesin=bt2020:matrixin=bt2020nc")
        );
        assert!(mapped.outgoing().notes().ends_with(&["-color_primaries", "bt709", "-color_trc", "bt709"]));
        assert!(mapped.outgoing().deep && mapped.outgoing().hdr().is_none());
        let plain = Colour { wish: Some(Hdr::Tonemap), ..colour("yuv420p", 240, "bt709", "tv") };
        assert_eq!(plain.outgoing(), plain, "SDR is SDR");
    }

    #[test]
    fn phones_use_all_levels() {
        for (pixels, range) in [("yuvj420p", ""), ("yuv420p", "pc")] {
            assert!(colour(pixels, 240, "bt709", range).decoding().contains("in_range=full"));
        }
    }

    #[test]
    fn depth_and_kind_are_in_the_name() {
        for (pixels, deep, alpha) in [
            ("yuv420p", false, false),
            ("yuv422p10le", true, false),
            ("gray12le", true, false),
            ("rgb565le", false, false),
            ("rgba64be", true, true),
            ("yuva444p10le", true, true),
        ] {
            let film = colour(pixels, 240, "", "");
            assert_eq!((film.deep, film.alpha), (deep, alpha), "{pixels}");
        }
        assert_eq!(colour("gbrp", 240, "gbr", "pc").remark(), None);
        assert!(!colour("bgr0", 240, "", "").decoding().contains("in_color_matrix"));
    }
}

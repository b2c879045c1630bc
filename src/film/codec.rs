//! How the pictures of a film are encoded.

use std::fmt;
use std::str::FromStr;

use super::colour::Colour;
use super::container::Container;
use super::mastering::Words;

/// A video codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Plays everywhere.
    H264,
    /// Half the size of H.264.
    Hevc,
    /// A third of the size of H.264, but slow.
    Av1,
    /// Plays in browsers and needs no licence.
    Vp9,
    /// For video editing.
    ProRes,
    /// Lossless.
    Ffv1,
}

/// The properties of a codec.
struct Traits {
    codec: Codec,
    name: &'static str,
    encoder: &'static str,
    purpose: &'static str,
    /// The largest constant rate factor, and the default one. The default is lower than the encoder's own, because
    /// dreams are texture, which the encoder's own would smear.
    quality: Option<(u8, u8)>,
    arguments: &'static [&'static str],
    /// The encoder's own options.
    own: Option<Own>,
    /// The pixel formats for 8 bits per sample, and for more.
    pixels: (&'static str, &'static str),
    /// The same for pixels with transparency, if the codec supports it.
    clear: Option<Clear>,
    containers: &'static [Container],
    /// The muxer for the file that holds only the pictures: MP4, or QuickTime, which accepts what MP4 does not.
    reel: &'static str,
}

/// Options that ffmpeg passes on to an encoder.
struct Own {
    flag: &'static str,
    always: &'static [&'static str],
    /// The options that record the mastering metadata of HDR.
    mastering: Words,
}

/// How pixels with transparency are encoded.
struct Clear {
    pixels: (&'static str, &'static str),
    arguments: &'static [&'static str],
    containers: &'static [Container],
    reel: &'static str,
}

use Container::{Matroska, Mov, Mp4, WebM};

const ALL: [Traits; 6] = [
    Traits {
        codec: Codec::H264,
        name: "h264",
        encoder: "libx264",
        purpose: "encodes H.264",
        quality: Some((51, 16)),
        arguments: &["-preset", "medium"],
        own: Some(Own {
            flag: "-x264-params",
            always: &[],
            mastering: Words { display: "mastering-display", content: "cll", decimals: false },
        }),
        pixels: ("yuv420p", "yuv420p10le"),
        clear: None,
        containers: &[Mp4, Mov, Matroska],
        reel: "mp4",
    },
    Traits {
        codec: Codec::Hevc,
        name: "hevc",
        encoder: "libx265",
        purpose: "encodes HEVC",
        quality: Some((51, 18)),
        arguments: &["-preset", "medium"],
        own: Some(Own {
            flag: "-x265-params",
            always: &["log-level=error"],
            mastering: Words { display: "master-display", content: "max-cll", decimals: false },
        }),
        pixels: ("yuv420p", "yuv420p10le"),
        clear: None,
        containers: &[Mp4, Mov, Matroska],
        reel: "mp4",
    },
    Traits {
        codec: Codec::Av1,
        name: "av1",
        encoder: "libsvtav1",
        purpose: "encodes AV1",
        quality: Some((63, 24)),
        arguments: &["-preset", "8"],
        own: Some(Own {
            flag: "-svtav1-params",
            always: &[],
            mastering: Words { display: "mastering-display", content: "content-light", decimals: true },
        }),
        pixels: ("yuv420p", "yuv420p10le"),
        clear: None,
        containers: &[Mp4, Matroska, WebM],
        reel: "mp4",
    },
    Traits {
        codec: Codec::Vp9,
        name: "vp9",
        encoder: "libvpx-vp9",
        purpose: "encodes VP9",
        quality: Some((63, 24)),
        arguments: &["-b:v", "0", "-row-mt", "1"],
        own: None,
        pixels: ("yuv420p", "yuv420p10le"),
        clear: Some(Clear {
            pixels: ("yuva420p", "yuva420p"),
            arguments: &["-auto-alt-ref", "0"],
            containers: &[WebM, Matroska],
            // Transparency is a second picture next to the first, which other containers cannot hold.
            reel: "matroska",
        }),
        containers: &[WebM, Matroska, Mp4],
        reel: "mp4",
    },
    Traits {
        codec: Codec::ProRes,
        name: "prores",
        encoder: "prores_ks",
        purpose: "encodes ProRes",
        quality: None,
        arguments: &["-profile:v", "3"],
        own: None,
        pixels: ("yuv422p10le", "yuv422p10le"),
        clear: Some(Clear {
            pixels: ("yuva444p10le", "yuva444p10le"),
            arguments: &["-profile:v", "4"],
            containers: &[Mov, Matroska],
            reel: "mov",
        }),
        containers: &[Mov, Matroska],
        reel: "mov",
    },
    Traits {
        codec: Codec::Ffv1,
        name: "ffv1",
        encoder: "ffv1",
        purpose: "encodes without loss",
        quality: None,
        arguments: &["-level", "3", "-g", "1", "-slicecrc", "1"],
        own: None,
        pixels: ("bgr0", "gbrp16le"),
        clear: Some(Clear {
            pixels: ("bgra", "gbrap16le"),
            arguments: &[],
            containers: &[Matroska],
            reel: "mov",
        }),
        containers: &[Matroska],
        reel: "mov",
    },
];

/// The number of encoder threads, on every machine: with a different number, several encoders encode the same
/// frames differently.
const THREADS: &str = "4";

/// Why a film cannot be encoded as requested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// There is no codec of this name.
    #[error("'{0}' is not a codec; accepted: {names}", names = names())]
    Unknown(String),
    /// The container does not support the codec.
    #[error("a .{} file cannot hold {codec}; it can hold {}", .container.ending(), of(*.container))]
    Unsuitable {
        /// Which codec.
        codec: Codec,
        /// Which container.
        container: Container,
    },
    /// The codec does not have this rate factor.
    #[error("{codec} accepts no constant rate factor of {crf}; {}", accepted(*.codec))]
    Quality {
        /// Which codec.
        codec: Codec,
        /// The factor.
        crf: u8,
    },
}

/// How a film's pictures are encoded: by a codec, and with how much loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    codec: Codec,
    crf: Option<u8>,
    /// Whether transparency is kept.
    clear: bool,
}

impl Encoding {
    /// An encoding that fits this container. Without a codec, the container's default is used.
    ///
    /// # Errors
    /// They do not fit together.
    pub fn new(container: Container, codec: Option<Codec>, crf: Option<u8>) -> Result<Self, CodecError> {
        let codec = codec.unwrap_or(Codec::usual(container));
        let Traits { quality, containers, clear, .. } = codec.traits();
        if !containers.contains(&container) {
            return Err(CodecError::Unsuitable { codec, container });
        }
        match crf {
            Some(crf) if quality.is_none_or(|(most, _)| crf > most) => {
                Err(CodecError::Quality { codec, crf })
            }
            crf => Ok(Self {
                codec,
                crf: crf.or(quality.map(|(_, usual)| usual)),
                clear: clear.is_some_and(|clear| clear.containers.contains(&container)),
            }),
        }
    }

    /// The codec.
    pub fn codec(self) -> Codec {
        self.codec
    }

    /// The constant rate factor, if there is one.
    pub fn crf(self) -> Option<u8> {
        self.crf
    }

    /// The encoder's name in ffmpeg, and what it is for.
    pub(super) fn encoder(self) -> (&'static str, &'static str) {
        let Traits { encoder, purpose, .. } = self.codec.traits();
        (encoder, purpose)
    }

    /// ffmpeg's name for the container that holds only the pictures, with or without transparency.
    pub(super) fn reel(self, alpha: bool) -> &'static str {
        let Traits { clear, reel, .. } = self.codec.traits();
        clear.filter(|_| alpha).map_or(reel, |clear| clear.reel)
    }

    /// Whether transparency is kept.
    pub(super) fn keeps_alpha(self) -> bool {
        self.clear
    }

    /// Whether the colour metadata is recorded. Without it, the samples are always plain red, green and blue.
    pub(super) fn keeps_notes(self) -> bool {
        self.codec != Codec::Ffv1
    }

    /// Whether the mastering metadata of HDR is recorded.
    pub(super) fn keeps_mastering(self) -> bool {
        self.codec.traits().own.is_some()
    }

    /// Whether colours have a lower resolution than brightness, so that width and height must be even.
    pub(super) fn halves_colours(self) -> bool {
        self.codec != Codec::Ffv1
    }

    /// All of ffmpeg's flags for this encoding.
    pub(super) fn arguments(self, colour: &Colour) -> Vec<String> {
        let Traits { encoder, arguments, own, pixels, clear, .. } = self.codec.traits();
        let (pixels, more) = match clear.filter(|_| colour.alpha) {
            Some(clear) => (clear.pixels, clear.arguments),
            None => (pixels, &[][..]),
        };
        let pixels = if colour.deep { pixels.1 } else { pixels.0 };
        let crf = self.crf.map(|crf| ["-crf".to_owned(), crf.to_string()]);
        let arguments = arguments.iter().chain(more).copied();
        let fixed = ["-c:v", encoder, "-pix_fmt", pixels, "-threads", THREADS].into_iter().chain(arguments);
        let own = own.and_then(|own| own.arguments(colour));
        fixed.map(str::to_owned).chain(own.into_iter().flatten()).chain(crf.into_iter().flatten()).collect()
    }

    /// The tag that makes all players recognise it.
    pub(super) fn tag(self, container: Container) -> &'static [&'static str] {
        let apple = matches!(container, Mp4 | Mov) && self.codec == Codec::Hevc;
        if apple { &["-tag:v", "hvc1"] } else { &[] }
    }
}

impl Own {
    fn arguments(&self, colour: &Colour) -> Option<[String; 2]> {
        let always = self.always.iter().copied().map(str::to_owned);
        let options: Vec<String> = always.chain(colour.mastering.options(self.mastering)).collect();
        (!options.is_empty()).then(|| [self.flag.to_owned(), options.join(":")])
    }
}

impl Codec {
    /// A container's default codec.
    fn usual(container: Container) -> Self {
        if container == WebM { Self::Vp9 } else { Self::H264 }
    }

    /// The codecs that a container supports, the default one first.
    pub fn of_container(container: Container) -> Vec<Self> {
        let fit = ALL.into_iter().filter(|traits| traits.containers.contains(&container));
        let mut codecs: Vec<Self> = fit.map(|traits| traits.codec).collect();
        codecs.sort_by_key(|&codec| codec != Self::usual(container));
        codecs
    }

    fn traits(self) -> Traits {
        let [h264, hevc, av1, vp9, prores, ffv1] = ALL;
        match self {
            Self::H264 => h264,
            Self::Hevc => hevc,
            Self::Av1 => av1,
            Self::Vp9 => vp9,
            Self::ProRes => prores,
            Self::Ffv1 => ffv1,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.traits().name)
    }
}

impl FromStr for Codec {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        let named = ALL.into_iter().find(|traits| traits.name == text);
        named.map(|traits| traits.codec).ok_or_else(|| CodecError::Unknown(text.to_owned()))
    }
}

fn names() -> String {
    ALL.map(|traits| traits.name).join(", ")
}

/// The codecs that a container supports, in words.
fn of(container: Container) -> String {
    Codec::of_container(container).iter().map(Codec::to_string).collect::<Vec<_>>().join(", ")
}

/// The rate factors that a codec accepts, in words.
fn accepted(codec: Codec) -> String {
    match codec.traits().quality {
        Some((most, usual)) => format!("accepted: 0 to {most}, usually {usual}"),
        None => "it has none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    #[test]
    fn every_codec_is_known_by_its_name() {
        for traits in ALL {
            let codec: Codec = traits.name.parse().expect(traits.name);
            assert_eq!((codec, codec.to_string().as_str()), (traits.codec, traits.name));
            assert_eq!(codec.traits().name, traits.name);
        }
        let error = "xvid".parse::<Codec>().expect_err("none").to_string();
        assert_eq!(error, "'xvid' is not a codec; accepted: h264, hevc, av1, vp9, prores, ffv1");
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let refused =
            |container, codec, crf| Encoding::new(container, codec, crf).expect_err("no").to_string();
        assert_eq!(
            refused(WebM, Some(Codec::H264), None),
            "a .webm file cannot hold h264; it can hold vp9, av1"
        );
        assert_eq!(
            refused(Mp4, None, Some(52)),
            "h264 accepts no constant rate factor of 52; accepted: 0 to 51, usually 16"
        );
        let none = refused(Mov, Some(Codec::ProRes), Some(1));
        assert_eq!(none, "prores accepts no constant rate factor of 1; it has none");
        let usual = Encoding::new(Mp4, None, None).expect("the usual");
        let of = |pixels: &str| usual.arguments(&Colour::new(pixels, Extent::new(2, 2), "", ""));
        assert!(of("yuv420p").join(" ").ends_with("-crf 16"));
        assert!(of("yuv422p10le").contains(&"yuv420p10le".to_owned()));
    }
}

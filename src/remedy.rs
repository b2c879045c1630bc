//! What would help against an error, as data: the library's errors carry it, and whatever talks to people puts it into
//! words.

use std::error::Error;
use std::path::PathBuf;

use crate::extent::Extent;

/// Something that may help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Compute on the processor.
    UseProcessor,
    /// A build with this cargo feature.
    BuildWith(&'static str),
    /// Choose an existing device.
    ListDevices,
    /// A smaller picture, at most of this size where one fits.
    SmallerPicture {
        /// The largest of the same shape that fits.
        largest: Option<Extent>,
    },
    /// Shorter tiles.
    SmallerTiles {
        /// The longest side that fits.
        largest: usize,
    },
    /// Tiles that see nothing but themselves.
    FastTiles,
    /// Use these objectives, which are those that were asked for, before ReLU.
    ClimbBeforeRelu(Vec<String>),
    /// Choose an existing layer.
    ListLayers,
    /// The picture that is dreamed over.
    GiveSource,
    /// A guide.
    GiveGuide,
    /// A picture to be like.
    GiveLike,
    /// Several pictures that are climbed together.
    ClimbSeveral,
    /// A mask.
    GiveMask,
    /// Published weights, by any of these names.
    FetchWeights(Vec<String>),
    /// Weights of another program, imported.
    ImportWeights,
    /// The file of the weights that are meant.
    GiveWeights,
    /// Continue a film that was begun, or start it again.
    GoOn {
        /// Which.
        film: PathBuf,
    },
    /// The settings of this dream for a new one.
    UseSettings,
    /// ffmpeg, new enough and with all its usual parts.
    InstallFfmpeg,
    /// Choose whether HDR becomes SDR.
    ChooseHdr,
    /// HDR as it is coded, or a better ffmpeg.
    KeepHdr,
    /// A film is dreamed over as one.
    DreamFilm,
    /// A picture is dreamed over as one.
    DreamPicture,
    /// A film as NUT with raw pictures.
    SendNut,
}

/// An error that says more than its message does.
pub trait Fault: Error {
    /// What would help, where that is known.
    fn remedy(&self) -> Option<Remedy> {
        None
    }

    /// Whether the request itself makes no sense, whatever the files and devices.
    fn is_usage(&self) -> bool {
        false
    }
}

impl Fault for std::io::Error {}
impl Fault for std::fmt::Error {}
impl Fault for safetensors::SafeTensorError {}

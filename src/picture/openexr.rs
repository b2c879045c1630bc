//! OpenEXR: which layer of a file is shown, how it is read, and how one is written.

use std::io::{BufRead, Seek, Write};

use exr::error::Error;
use exr::meta::MetaData;
use exr::meta::attribute::{AttributeValue, ChannelDescription, SampleType, Text};
use exr::meta::header::Header;
use exr::prelude::{
    AnyChannel, AnyChannels, Compression, Encoding, FlatSamples, Image, Layer, LayerAttributes, ReadChannels,
    ReadLayers, ReadSpecificChannel, Vec2, WritableImage,
};
use half::f16;

use super::mark::ATTRIBUTE;
use super::remark::Remark;
use super::{Depth, Picture};
use crate::extent::Extent;

/// How far from the origin a window may be: sums of two such numbers still fit into 32 bits.
const FARTHEST: u32 = 1 << 24;

/// The layer that is read, and the facts about it.
pub(super) struct Facts {
    /// The size of the visible window.
    pub(super) size: Extent,
    /// The size of what is stored, which may be more or less.
    pub(super) stored: Extent,
    /// Whether floats are half or full.
    pub(super) depth: Depth,
    pub(super) remarks: Vec<Remark>,
    /// The visible window, and where in it the first stored pixel is.
    window: Vec2<usize>,
    offset: Vec2<i32>,
    names: Names,
}

/// The channels of a layer, by their full names.
#[derive(Clone)]
enum Names {
    Colours { rgb: [Text; 3], alpha: Option<Text> },
    Luma { luma: Text, alpha: Option<Text> },
}

/// A layer that can be shown.
struct Candidate<'a> {
    header: &'a Header,
    /// Its name, for people.
    title: String,
    names: Names,
}

/// Reads the header. The decoder trusts the header in sums and allocations, so it is checked first.
///
/// # Errors
/// What is wrong with it.
pub(super) fn facts(file: &mut (impl BufRead + Seek)) -> Result<Facts, Error> {
    let headers = MetaData::read_from_buffered(&mut *file, false)?.headers;
    if headers.iter().any(|header| is_wavelet(header.compression)) {
        return Err(Error::NotSupported(
            "its compression is HTJ2K, for which there is no decoder here".into(),
        ));
    }
    MetaData::validate(&headers, false)?;
    let flat = || headers.iter().filter(|header| !header.deep);
    let coloured: Vec<Candidate<'_>> = flat().flat_map(|header| candidates(header, colours)).collect();
    let gray = || flat().flat_map(|header| candidates(header, luma)).next();
    let count = coloured.len();
    let Some(Candidate { header, title, names }) = coloured.into_iter().next().or_else(gray) else {
        return Err(Error::NotSupported(
            "it has no layer with red, green and blue, nor one with luminance".into(),
        ));
    };
    let position = header.own_attributes.layer_position;
    let window = header.shared_attributes.display_window;
    let places = [position.x(), position.y(), window.position.x(), window.position.y()];
    if places.iter().any(|place| place.unsigned_abs() > FARTHEST) {
        return Err(Error::Invalid("a window far from the origin".into()));
    }
    let half = |channel: &&ChannelDescription| channel.sample_type == SampleType::F16;
    let mut channels = header.channels.list.iter().filter(|channel| names.contain(&channel.name));
    let depth = if channels.all(|channel| half(&channel)) { Depth::Sixteen } else { Depth::ThirtyTwo };
    let stored = header.layer_size;
    Ok(Facts {
        size: Extent::new(window.size.height(), window.size.width()),
        stored: Extent::new(stored.height(), stored.width()),
        depth,
        remarks: (count > 1).then_some(Remark::Layer { taken: title, count }).into_iter().collect(),
        window: window.size,
        offset: position - window.position,
        names,
    })
}

/// Whether a layer is compressed as in JPEG 2000 (HTJ2K), of which the decoder only knows the name.
fn is_wavelet(compression: Compression) -> bool {
    matches!(compression, Compression::HTJ2K256 | Compression::HTJ2K32)
}

/// The layers that can be shown in a part of a file. Channels form layers by what comes before the last dot of
/// their names; channels without a dot come first.
fn candidates<'a>(header: &'a Header, names: fn(&Header, &str) -> Option<Names>) -> Vec<Candidate<'a>> {
    let part = header.own_attributes.layer_name.as_ref().map(Text::to_string);
    let texts = header.channels.list.iter().map(|channel| channel.name.to_string());
    let mut prefixes: Vec<String> =
        texts.map(|name| name.rfind('.').map_or(String::new(), |dot| name[..=dot].to_owned())).collect();
    // Channels are sorted by name, so each layer's are together, except for those without a prefix.
    prefixes.sort_by_key(|prefix| !prefix.is_empty());
    prefixes.dedup();
    let candidate = |prefix: String| {
        let layer = prefix.trim_end_matches('.');
        let title = match (&part, layer) {
            (Some(part), "") => part.clone(),
            (None, "") => "the one without a name".to_owned(),
            (_, layer) => layer.to_owned(),
        };
        names(header, &prefix).map(|names| Candidate { header, title, names })
    };
    prefixes.into_iter().filter_map(candidate).collect()
}

fn colours(header: &Header, prefix: &str) -> Option<Names> {
    let find = |name| channel(header, prefix, name);
    Some(Names::Colours { rgb: [find("R")?, find("G")?, find("B")?], alpha: find("A") })
}

fn luma(header: &Header, prefix: &str) -> Option<Names> {
    let find = |name| channel(header, prefix, name);
    Some(Names::Luma { luma: find("Y")?, alpha: find("A") })
}

/// The channel of this name, in upper or lower case.
fn channel(header: &Header, prefix: &str, name: &str) -> Option<Text> {
    let is =
        |own: &Text| own.to_string().strip_prefix(prefix).is_some_and(|own| own.eq_ignore_ascii_case(name));
    header.channels.list.iter().map(|channel| &channel.name).find(|own| is(own)).cloned()
}

impl Names {
    fn contain(&self, name: &Text) -> bool {
        match self {
            Self::Colours { rgb, alpha } => rgb.iter().chain(alpha).any(|own| own == name),
            Self::Luma { luma, alpha } => [luma].into_iter().chain(alpha).any(|own| own == name),
        }
    }

    fn alpha(&self) -> Option<&Text> {
        let (Self::Colours { alpha, .. } | Self::Luma { alpha, .. }) = self;
        alpha.as_ref()
    }
}

/// Reads the visible pixels: red, green, blue and alpha, row by row. Where nothing is stored, they are
/// transparent, or black in a layer without alpha.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn read(file: impl BufRead + Seek, facts: &Facts) -> Result<Vec<[f32; 4]>, Error> {
    let Facts { window, offset, .. } = *facts;
    let empty = if facts.names.alpha().is_some() { [0.0; 4] } else { [0.0, 0.0, 0.0, 1.0] };
    let set = move |pixels: &mut Vec<[f32; 4]>, at: Vec2<usize>, pixel: [f32; 4]| {
        let at = at.to_i32() + offset;
        let inside = |place: i32, end: usize| usize::try_from(place).ok().filter(|&place| place < end);
        if let (Some(x), Some(y)) = (inside(at.x(), window.width()), inside(at.y(), window.height())) {
            pixels[y * window.width() + x] = pixel;
        }
    };
    let area = window.area();
    // The name of a channel that does not exist stands for alpha if there is none.
    let alpha = facts.names.alpha().cloned().unwrap_or_else(|| Text::from("no alpha"));
    let layers = exr::prelude::read().no_deep_data().largest_resolution_level();
    match facts.names.clone() {
        Names::Colours { rgb: [red, green, blue], .. } => {
            let channels = layers.specific_channels().required(red).required(green).required(blue);
            let channels = channels.optional(alpha, 1.0f32).collect_pixels(
                move |_, _| vec![empty; area],
                move |pixels, at, (red, green, blue, alpha): (f32, f32, f32, f32)| {
                    set(pixels, at, [red, green, blue, alpha]);
                },
            );
            let image = channels.first_valid_layer().all_attributes().non_parallel().from_buffered(file)?;
            Ok(image.layer_data.channel_data.pixels)
        }
        Names::Luma { luma, .. } => {
            let channels = layers.specific_channels().required(luma).optional(alpha, 1.0f32).collect_pixels(
                move |_, _| vec![empty; area],
                move |pixels, at, (luma, alpha): (f32, f32)| set(pixels, at, [luma, luma, luma, alpha]),
            );
            let image = channels.first_valid_layer().all_attributes().non_parallel().from_buffered(file)?;
            Ok(image.layer_data.channel_data.pixels)
        }
    }
}

/// The recipe in the header.
///
/// # Errors
/// What is wrong with the header.
pub(super) fn recipe(file: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let headers = MetaData::read_from_buffered(file, false)?.headers;
    let name = Text::from(ATTRIBUTE);
    let found = headers.iter().find_map(|header| header.own_attributes.other.get(&name));
    Ok(match found {
        Some(AttributeValue::Text(text)) => Some(text.as_slice().to_vec()),
        _ => None,
    })
}

/// Writes a picture in linear light, as half or full floats, without loss.
///
/// # Errors
/// What the encoder or the system said.
pub(super) fn write(
    picture: &Picture,
    depth: Depth,
    recipe: Option<&str>,
    writer: &mut (impl Write + Seek),
) -> Result<(), Error> {
    let mut attributes = LayerAttributes::default();
    if let Some(recipe) = recipe {
        let text = AttributeValue::Text(Text::from_slice_unchecked(recipe.as_bytes()));
        attributes.other.insert(Text::from(ATTRIBUTE), text);
    }
    let planes = if picture.alpha.is_some() { 4 } else { 3 };
    let mut light = vec![Vec::with_capacity(picture.extent.plane()); planes];
    for index in 0..picture.extent.plane() {
        for (plane, sample) in light.iter_mut().zip(picture.light(index, true)) {
            plane.push(sample);
        }
    }
    let channels = ["R", "G", "B", "A"].into_iter().zip(light).map(|(name, plane)| {
        let samples = match depth {
            Depth::ThirtyTwo => FlatSamples::F32(plane),
            _ => FlatSamples::F16(plane.into_iter().map(to_half).collect()),
        };
        AnyChannel::new(name, samples)
    });
    let size = Vec2(picture.extent.width, picture.extent.height);
    let channels = AnyChannels::sort(channels.collect());
    let image = Image::from_layer(Layer::new(size, attributes, Encoding::SMALL_LOSSLESS, channels));
    image.write().non_parallel().to_buffered(writer)
}

/// The nearest half float, limited to the largest finite one, because infinite light is of no use.
fn to_half(light: f32) -> f16 {
    f16::from_f32(light.clamp(-f16::MAX.to_f32(), f16::MAX.to_f32()))
}

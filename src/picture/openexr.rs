//! OpenEXR: what the file says before its pixels, and writing one.

use std::io::{BufRead, Seek, Write};

use exr::error::Error;
use exr::meta::MetaData;
use exr::meta::attribute::{AttributeValue, ChannelDescription, SampleType, Text};
use exr::meta::header::Header;
use exr::prelude::{
    AnyChannel, AnyChannels, Encoding, FlatSamples, Image, Layer, LayerAttributes, Vec2, WritableImage,
};
use half::f16;

use super::mark::ATTRIBUTE;
use super::{Depth, Picture};
use crate::extent::Extent;

/// How far from the origin a window may lie: sums of two such numbers still fit 32 bits.
const FARTHEST: u32 = 1 << 24;

/// What matters of the layer that is read.
pub(super) struct Facts {
    /// The size of what is seen.
    pub(super) size: Extent,
    /// The size of what is stored, which may be more or less.
    pub(super) stored: Extent,
    /// Half floats or whole ones.
    pub(super) depth: Depth,
}

/// Reads the header. The decoder trusts it in sums and allocations, so it is looked at first.
///
/// # Errors
/// What is wrong with it.
pub(super) fn facts(file: &mut (impl BufRead + Seek)) -> Result<Facts, Error> {
    let headers = MetaData::read_from_buffered(&mut *file, false)?.headers;
    MetaData::validate(&headers, false)?;
    let Some(header) = headers.iter().find(|header| !header.deep && has_colours(header)) else {
        return Err(Error::NotSupported("it has no layer with red, green and blue".into()));
    };
    let position = header.own_attributes.layer_position;
    let window = header.shared_attributes.display_window;
    let places = [position.x(), position.y(), window.position.x(), window.position.y()];
    if places.iter().any(|place| place.unsigned_abs() > FARTHEST) {
        return Err(Error::Invalid("a window far from the origin".into()));
    }
    let half = |channel: &ChannelDescription| channel.sample_type == SampleType::F16;
    let depth = if header.channels.list.iter().all(half) { Depth::Sixteen } else { Depth::ThirtyTwo };
    let stored = header.layer_size;
    Ok(Facts {
        size: Extent::new(window.size.height(), window.size.width()),
        stored: Extent::new(stored.height(), stored.width()),
        depth,
    })
}

fn has_colours(header: &Header) -> bool {
    let has = |name| header.channels.find_index_of_channel(&Text::from(name)).is_some();
    has("R") && has("G") && has("B")
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

/// Writes a picture in linear light, half or whole floats, without loss.
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

/// The nearest half float; beyond the largest, that one, because infinite light helps nobody.
fn to_half(light: f32) -> f16 {
    f16::from_f32(light.clamp(-f16::MAX.to_f32(), f16::MAX.to_f32()))
}

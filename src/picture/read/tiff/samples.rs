//! The samples of a TIFF, from strips or tiles, of all samples together or plane by plane.

use std::io::{Read, Seek};

use tiff::decoder::{ChunkType, Decoder, DecodingResult};

use super::failure::{Failure, inconsistent};
use super::layout::Layout;

/// All samples of the picture, pixel by pixel.
pub(super) fn gather<T: Sample, R: Read + Seek>(
    decoder: &mut Decoder<R>,
    layout: &Layout,
) -> Result<Vec<T>, Failure> {
    let &Layout { size, samples, stored, bits, planar, .. } = layout;
    let (wide, high) = decoder.chunk_dimensions();
    let (wide, high) = (wide as usize, high as usize);
    let across = size.width.div_ceil(wide);
    let chunks = match decoder.get_chunk_type() {
        ChunkType::Strip => decoder.strip_count()?,
        ChunkType::Tile => decoder.tile_count()?,
    };
    let in_plane = across * size.height.div_ceil(high);
    // With planar samples, each chunk holds one sample of every pixel.
    let (planes, step, in_file) = if planar { (samples, 1, 1) } else { (1, samples, stored) };
    if (chunks as usize) < planes * in_plane {
        return Err(inconsistent());
    }
    // As wide as chunks are in the file, beyond the picture's edge as well: unpacked row by row, LZW would seem to
    // end too soon.
    let row_bytes = (wide * in_file * usize::from(bits)).div_ceil(8);
    let row_samples = row_bytes * 8 / usize::from(bits);
    let mut all = vec![T::BLACK; samples * size.plane()];
    for plane in 0..planes {
        for chunk in 0..in_plane {
            let index = plane * in_plane + chunk;
            let (left, top) = (chunk % across * wide, chunk / across * high);
            let (columns, rows) = (wide.min(size.width - left), high.min(size.height - top));
            let mut part = DecodingResult::U8(Vec::new());
            decoder.read_chunk_to_buffer(&mut part, index as u32, row_bytes)?;
            let part = T::unpacked(part, row_bytes, bits).ok_or_else(inconsistent)?;
            if part.len() < rows * row_samples {
                return Err(inconsistent());
            }
            for (y, row) in part.chunks_exact(row_samples).take(rows).enumerate() {
                let start = ((top + y) * size.width + left) * samples + plane;
                for (x, pixel) in row.chunks_exact(step).take(columns).enumerate() {
                    all[start + x * samples..][..step].copy_from_slice(pixel);
                }
            }
        }
    }
    Ok(all)
}

/// A number in the form in which it is collected.
pub(super) trait Sample: Copy {
    const BLACK: Self;

    /// The numbers of a chunk whose rows have so many bytes, in so many bits each; `None` if they are others.
    fn unpacked(chunk: DecodingResult, row_bytes: usize, bits: u8) -> Option<Vec<Self>>;
}

impl Sample for u8 {
    const BLACK: Self = 0;

    fn unpacked(chunk: DecodingResult, row_bytes: usize, bits: u8) -> Option<Vec<Self>> {
        let DecodingResult::U8(bytes) = chunk else { return None };
        if bits == 8 {
            return Some(bytes);
        }
        let numbers = row_bytes * 8 / usize::from(bits);
        let unpack = |packed: &[Self], index: usize| {
            let at = index * usize::from(bits);
            let behind = packed.get(at / 8 + 1).copied().unwrap_or(0);
            (u16::from_be_bytes([packed[at / 8], behind]) << (at % 8) >> (16 - bits)) as Self
        };
        let rows = bytes.chunks_exact(row_bytes);
        Some(rows.flat_map(|packed| (0..numbers).map(move |index| unpack(packed, index))).collect())
    }
}

impl Sample for u16 {
    const BLACK: Self = 0;

    fn unpacked(chunk: DecodingResult, _row_bytes: usize, _bits: u8) -> Option<Vec<Self>> {
        match chunk {
            DecodingResult::U16(words) => Some(words),
            _ => None,
        }
    }
}

impl Sample for f32 {
    const BLACK: Self = 0.0;

    fn unpacked(chunk: DecodingResult, _row_bytes: usize, _bits: u8) -> Option<Vec<Self>> {
        match chunk {
            DecodingResult::F16(halves) => Some(halves.into_iter().map(half::f16::to_f32).collect()),
            DecodingResult::F32(floats) => Some(floats),
            DecodingResult::F64(doubles) => Some(doubles.into_iter().map(|double| double as Self).collect()),
            _ => None,
        }
    }
}

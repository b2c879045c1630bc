//! How many pictures a file holds, of which the first is read.

use std::io::{BufRead, Read, Seek};

use gif::{ColorOutput, DecodeOptions};
use image::ImageFormat;
use image_webp::WebPDecoder;

use crate::picture::remark::Remark;

/// What there is to say about the frames of a file. If something is wrong with the file, its decoder will say so.
pub(super) fn remarks(file: &mut (impl BufRead + Seek), format: ImageFormat) -> Vec<Remark> {
    let frames = match format {
        ImageFormat::Gif => in_gif(file),
        ImageFormat::WebP => WebPDecoder::new(file).map_or(1, |decoder| decoder.num_frames() as usize),
        _ => 1,
    };
    Remark::first_of(frames, "frames")
}

/// Counts the frames without unpacking them.
fn in_gif(file: &mut impl Read) -> usize {
    let mut options = DecodeOptions::new();
    options.skip_frame_decoding(true);
    options.set_color_output(ColorOutput::Indexed);
    let Ok(mut decoder) = options.read_info(file) else { return 1 };
    let mut frames = 0;
    while decoder.next_frame_info().is_ok_and(|frame| frame.is_some()) {
        frames += 1;
    }
    frames
}

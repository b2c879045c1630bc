//! Flow in the file format of the Middlebury benchmark: a number that spells `PIEH`, width and height, then for
//! each pixel how far it moves right and how far down. All values have four bytes and are little-endian (Baker et
//! al., "A Database and Evaluation Methodology for Optical Flow", 2011).

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Flow;
use crate::extent::Extent;
use crate::files::input::read_whole;
use crate::files::output::{Output, OutputError};
use crate::picture::{MAX_PIXELS, MAX_SIDE};
use crate::remedy::Fault;

/// The bytes that a file begins with.
const MARK: &[u8; 4] = b"PIEH";
/// The bytes before the vectors: mark, width and height.
const HEAD: usize = 12;

/// Why a file cannot be read as a flow.
#[derive(Debug, thiserror::Error)]
#[error("cannot read '{}': {reason}", .path.display())]
pub struct FlowFileError {
    path: PathBuf,
    reason: String,
}

impl Fault for FlowFileError {}

/// Writes a flow to a file, which appears either complete or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write_flo(flow: &Flow, path: &Path) -> Result<(), OutputError> {
    let bytes = to_bytes(flow);
    Output::at(path)?.fill(|file| file.write_all(&bytes).map_err(|error| error.to_string()))?;
    Ok(())
}

/// Reads a flow from a file.
///
/// # Errors
/// The file cannot be read, or contains something else.
pub fn read_flo(path: &Path) -> Result<Flow, FlowFileError> {
    let wrong = |reason: String| FlowFileError { path: path.to_owned(), reason };
    let bytes =
        read_whole(path, HEAD as u64 + 8 * MAX_PIXELS as u64).map_err(|error| wrong(error.to_string()))?;
    of_bytes(&bytes).map_err(wrong)
}

fn to_bytes(flow: &Flow) -> Vec<u8> {
    let side = |side: usize| u32::try_from(side).expect("pictures are smaller").to_le_bytes();
    let Extent { height, width } = flow.extent;
    let head = [*MARK, side(width), side(height)].concat();
    let vectors = flow.vectors().flat_map(|[down, right]| [right, down]);
    head.into_iter().chain(vectors.flat_map(f32::to_le_bytes)).collect()
}

fn of_bytes(bytes: &[u8]) -> Result<Flow, String> {
    let (head, body) =
        bytes.split_at_checked(HEAD).filter(|(head, _)| head.starts_with(MARK)).ok_or_else(|| {
            "it does not begin with PIEH and a size; a .flo file of the Middlebury benchmark is needed"
                .to_owned()
        })?;
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
    let extent = Extent { width: number(4), height: number(8) };
    let fits = extent.shortest() > 0 && extent.longest() <= MAX_SIDE;
    if !fits || body.len() as u64 != 8 * extent.width as u64 * extent.height as u64 {
        return Err(format!(
            "it says {extent}, and holds {} bytes of flow; 8 are needed for each pixel",
            body.len()
        ));
    }
    let numbers: Vec<f32> =
        body.chunks_exact(4).map(|cell| f32::from_le_bytes([cell[0], cell[1], cell[2], cell[3]])).collect();
    let every_second = |first: usize| numbers.iter().copied().skip(first).step_by(2);
    Ok(Flow { extent, cells: every_second(1).chain(every_second(0)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_comes_back_from_its_bytes() {
        let flow = Flow::new(Extent::new(1, 2), vec![0.5, -1.0, 3.0, 4.25]);
        let bytes = to_bytes(&flow);
        let expected: Vec<u8> = [202021.25f32.to_le_bytes(), 2u32.to_le_bytes(), 1u32.to_le_bytes()]
            .into_iter()
            .chain([3.0f32, 0.5, 4.25, -1.0].map(f32::to_le_bytes))
            .flatten()
            .collect();
        assert_eq!(bytes, expected);
        assert_eq!(of_bytes(&bytes), Ok(flow));
    }

    #[test]
    fn what_is_no_flow_is_named() {
        let bytes = to_bytes(&Flow::new(Extent::new(1, 2), vec![0.0; 4]));
        let enormous = [&MARK[..], &[255; 8]].concat();
        for (wrong, words) in [
            (&b"PIEH"[..], "does not begin with PIEH and a size"),
            (&b"PNG, or something else"[..], "does not begin with PIEH"),
            (&bytes[..bytes.len() - 1], "holds 15 bytes of flow"),
            (&enormous, "holds 0 bytes"),
        ] {
            let error = of_bytes(wrong).expect_err("it is no flow");
            assert!(error.contains(words), "{error}");
        }
    }
}

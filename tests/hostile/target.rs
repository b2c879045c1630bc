//! What is fuzzed, in a form that the fuzzers and the tests share: a name, bytes, and what must not happen.
//!
//! Nothing may panic, and nothing may allocate more than in proportion to the file.

use peak_alloc::PeakAlloc;
use puppyslug::{import, net::Weights};

use testkit::zip::zip;

/// Counts what is allocated. Programs that use this module test one file at a time.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// A reader may hold the unpacked file and its tensors (8 times the file each, `Allowance`), a pickle's
/// values (13 times), and a JSON header or the messages of protobuf (fewer); never all of them at once.
const TIMES: usize = 24;
/// For the same: two megabytes and three, and the tables of names that files are compared with.
const BESIDES: usize = 8 << 20;

/// Everything that is fuzzed.
pub(crate) const TARGETS: [&str; 8] =
    ["caffe", "onnx", "tensorflow", "torch_archive", "torch_stream", "npz", "safetensors", "weights"];

/// Lets the target read the bytes.
///
/// # Panics
/// If the reader does, or if it allocates too much.
pub(crate) fn run(target: &str, bytes: &[u8]) {
    let file = wrapped(target, bytes);
    let peak = peak_of(|| match target {
        "weights" => drop(Weights::from_bytes("fuzzed", &file)),
        _ => drop(import::import(&file)),
    });
    let most = TIMES * file.len() + BESIDES;
    assert!(peak <= most, "{target}: {peak} bytes allocated for a file of {}, at most {most}", file.len());
}

/// The most bytes that are allocated at one time meanwhile.
pub(crate) fn peak_of(work: impl FnOnce()) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    work();
    HEAP.peak_usage().saturating_sub(before)
}

/// Archives have checksums that no mutation gets right: unless the bytes are an archive already, they are
/// put into one. The first two say how many belong to its first member.
fn wrapped(target: &str, bytes: &[u8]) -> Vec<u8> {
    let names: &[&str] = match target {
        "torch_archive" => &["x/data.pkl", "x/data/0", "x/data/1"],
        "npz" => &["one.npy", "two.npy", "three.npy"],
        _ => return bytes.to_vec(),
    };
    if bytes.starts_with(b"PK") {
        return bytes.to_vec();
    }
    let (length, rest) = bytes.split_first_chunk().unwrap_or((&[0, 0], bytes));
    let (first, rest) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
    zip(names.iter().zip([first, rest, rest]).map(|(name, bytes)| (*name, bytes)))
}

//! Digests of pictures, where they are kept, and what takes their place where there are none.

use std::env::consts::{ARCH, OS};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use image::DynamicImage;
use sha2::{Digest, Sha256};
use testkit::fixture;

/// One gray level of 255 in 16 bits.
const LEVEL: u16 = 257;

/// A file or folder of this test's.
pub(crate) fn kept(name: &str) -> PathBuf {
    fixture("old_dreams").join(name)
}

/// What the bits of a dream depend on: the system, whose C library has the powers and exponentials. All instructions
/// of a processor give the same.
pub(crate) fn platform() -> String {
    format!("{OS}/{ARCH}")
}

/// The hash of everything that is to be seen: not of the files, whose recipes name versions and machines.
pub(crate) fn digest(pictures: &[DynamicImage]) -> String {
    let mut hash = Sha256::new();
    for picture in pictures {
        let (width, height, color) = (picture.width(), picture.height(), picture.color());
        let (channels, bits) = (color.channel_count(), color.bits_per_pixel());
        hash.update(format!("{width}x{height} {channels} {bits}\n"));
        for sample in picture.to_rgba16().as_raw() {
            hash.update(sample.to_be_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says what is wrong with a picture that is not another, give or take a gray level.
pub(crate) fn within_a_level(picture: &DynamicImage, reference: &DynamicImage) -> Result<(), String> {
    let kind = |picture: &DynamicImage| (picture.width(), picture.height(), picture.color());
    if kind(picture) != kind(reference) {
        return Err(format!("is {:?} instead of {:?}", kind(picture), kind(reference)));
    }
    let (samples, references) = (picture.to_rgba16(), reference.to_rgba16());
    let off = samples.iter().zip(references.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    if off > LEVEL {
        return Err(format!("is off by {:.1} levels", f32::from(off) / f32::from(LEVEL)));
    }
    Ok(())
}

/// The lines of `digests.txt`: platform, name, digest.
pub(crate) struct Digests(Vec<[String; 3]>);

impl Digests {
    pub(crate) fn open() -> Self {
        let text = fs::read_to_string(kept("digests.txt")).unwrap_or_default();
        let line = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            words.try_into().unwrap_or_else(|_| panic!("digests.txt: '{line}' are not three words"))
        };
        Self(text.lines().map(line).collect())
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = [&str; 3]> {
        self.0.iter().map(|line| line.each_ref().map(String::as_str))
    }

    /// Whether this machine's dreams are among them.
    pub(crate) fn know_this_machine(&self) -> bool {
        let here = platform();
        self.lines().any(|[set, ..]| set == here)
    }

    /// The digest of a dream as this machine dreams it.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        let here = platform();
        self.lines().find(|[set, dream, _]| *set == here && *dream == name).map(|[.., digest]| digest)
    }

    /// Puts these in place of all that are known for this machine.
    pub(crate) fn replace(mut self, found: Vec<(&str, String)>) {
        let here = platform();
        self.0.retain(|[set, ..]| *set != here);
        self.0.extend(found.into_iter().map(|(name, digest)| [here.clone(), name.to_owned(), digest]));
        self.0.sort_by(|[a, ..], [b, ..]| a.cmp(b));
        let mut text = String::new();
        for [set, name, digest] in &self.0 {
            writeln!(text, "{set} {name} {digest}").expect("text grows");
        }
        fs::write(kept("digests.txt"), text).expect("digests are written");
    }
}

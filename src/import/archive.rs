//! Finds weights inside archives: one of several files in a zip or a tar.gz, sometimes with labels beside it.

use std::io::{self, Read};

use flate2::read::GzDecoder;

use super::zip::{self, Zip};

/// The file name extensions of weights.
const WEIGHTS: [&str; 7] = ["caffemodel", "pb", "onnx", "pth", "pt", "npz", "safetensors"];
/// Trained numbers hardly compress: anything that grows by more than this factor is not a file of weights.
const GROWTH: u64 = 16;
const LEAST: u64 = 1 << 20;
const LARGEST_LABELS: u64 = 1 << 20;

/// The contents of an archive, or the file itself if it is not an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The weights, still in their own format.
    pub weights: Vec<u8>,
    /// The class names found beside them, one per line.
    pub labels: Option<String>,
}

/// Extracts the weights from an archive; any other file is returned unchanged.
pub fn unpack(bytes: Vec<u8>) -> Result<Unpacked, String> {
    let limit = LEAST.max(GROWTH * bytes.len() as u64);
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return unpack_gzip(&bytes, limit);
    }
    if is_tar(&bytes) {
        return unpack_tar(&bytes[..]);
    }
    if zip::is(&bytes)
        && let Some(unpacked) = unpack_zip(&bytes)?
    {
        return Ok(unpacked);
    }
    Ok(Unpacked { weights: bytes, labels: None })
}

fn unpack_gzip(bytes: &[u8], limit: u64) -> Result<Unpacked, String> {
    let mut content = Vec::new();
    read_bounded(GzDecoder::new(bytes), limit, &mut content)?;
    if is_tar(&content) {
        return unpack_tar(&content[..]);
    }
    Ok(Unpacked { weights: content, labels: None })
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Of several files of weights, takes the largest: the others are sample inputs and outputs.
fn unpack_tar(bytes: &[u8]) -> Result<Unpacked, String> {
    let broken = |error: io::Error| format!("it is a broken tar archive ({error})");
    let mut best: Option<Vec<u8>> = None;
    let mut labels = None;
    for entry in tar::Archive::new(bytes).entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let size = entry.size();
        if is_weights(&name) && best.as_ref().is_none_or(|best| best.len() as u64 <= size) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).map_err(broken)?;
            best = Some(content);
        } else if is_labels(&name) && size <= LARGEST_LABELS {
            let mut text = String::new();
            labels = entry.read_to_string(&mut text).is_ok().then_some(text);
        }
    }
    let weights = best.ok_or_else(|| without_weights("tar"))?;
    Ok(Unpacked { weights, labels })
}

/// `None` for a zip that is itself a file of weights (PyTorch's, NumPy's), or that cannot be read: the readers of
/// those formats give better errors.
fn unpack_zip(bytes: &[u8]) -> Result<Option<Unpacked>, String> {
    let Ok(mut zip) = Zip::open(bytes) else { return Ok(None) };
    let names: Vec<&str> = zip.names().collect();
    let candidates = (0..names.len()).filter(|&index| is_weights(names[index]));
    let Some(index) = candidates.max_by_key(|&index| zip.size(index)) else {
        let own = names.iter().any(|name| name.ends_with(".pkl") || name.ends_with(".npy"));
        return if own { Ok(None) } else { Err(without_weights("zip")) };
    };
    let weights = zip.read_at(index)?.into_owned();
    let labels = (0..names.len()).find(|&index| is_labels(names[index]));
    let labels = labels.filter(|&index| zip.size(index) as u64 <= LARGEST_LABELS);
    let labels = labels.and_then(|index| String::from_utf8(zip.read_at(index).ok()?.into_owned()).ok());
    Ok(Some(Unpacked { weights, labels }))
}

fn is_weights(name: &str) -> bool {
    // macOS puts a hidden file beside each file in an archive.
    let hidden = name.rsplit('/').next().is_some_and(|file| file.starts_with('.'));
    !hidden && name.rsplit_once('.').is_some_and(|(_, extension)| WEIGHTS.contains(&extension))
}

fn is_labels(name: &str) -> bool {
    name.ends_with(".txt") && name.contains("label")
}

fn without_weights(kind: &str) -> String {
    let accepted = WEIGHTS.join(", .");
    format!("it is a {kind} archive, and none of its files are weights (.{accepted})")
}

fn read_bounded(reader: impl Read, limit: u64, content: &mut Vec<u8>) -> Result<(), String> {
    let broken = |error| format!("it is a broken archive ({error})");
    reader.take(limit + 1).read_to_end(content).map_err(broken)?;
    if content.len() as u64 > limit {
        return Err(format!(
            "it unpacks to more than {GROWTH} times its size, which no file of weights does"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    use ::zip::ZipWriter;
    use ::zip::write::SimpleFileOptions;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    const FILES: [(&str, &[u8]); 4] = [
        ("net/deploy.prototxt", b"name: \"GoogLeNet\""),
        ("net/test/input_0.pb", b"small"),
        ("net/net.caffemodel", b"the weights themselves"),
        ("net/labels.txt", b"cat\ndog\n"),
    ];

    fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, name, *content).expect("a tar in memory");
        }
        builder.into_inner().expect("a tar in memory")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("a gzip in memory");
        encoder.finish().expect("a gzip in memory")
    }

    fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a zip in memory");
            writer.write_all(content).expect("a zip in memory");
        }
        writer.finish().expect("a zip in memory").into_inner()
    }

    #[test]
    fn weights_and_labels_come_out_of_every_archive() {
        for archive in [tar_of(&FILES), gzip(&tar_of(&FILES)), zip_of(&FILES)] {
            let unpacked = unpack(archive).expect("an archive with weights");
            assert_eq!(unpacked.weights, b"the weights themselves");
            assert_eq!(unpacked.labels.as_deref(), Some("cat\ndog\n"));
        }
        assert_eq!(unpack(gzip(b"bare")).expect("a compressed file").weights, b"bare");
    }

    #[test]
    fn a_file_that_is_no_archive_is_left_alone() {
        let torch = zip_of(&[("archive/data.pkl", b"."), ("archive/data/0", b"1234")]);
        for bytes in [Vec::new(), b"PK".to_vec(), b"weights".to_vec(), torch] {
            assert_eq!(unpack(bytes.clone()), Ok(Unpacked { weights: bytes, labels: None }));
        }
    }

    #[test]
    fn archives_without_weights_and_bombs_are_refused() {
        let refused = |bytes| unpack(bytes).expect_err("nothing to be had");
        assert!(refused(tar_of(&FILES[..1])).contains("none of its files are weights (.caffemodel, .pb"));
        assert!(refused(zip_of(&FILES[..1])).contains("none of its files are weights"));
        let zeros = vec![0; 4 << 20];
        assert!(refused(gzip(&zeros)).contains("more than 16 times"));
        assert!(refused(zip_of(&[("a.pb", &zeros)])).contains("times its own size"));
        let mut cut = gzip(&tar_of(&FILES));
        cut.truncate(cut.len() / 2);
        assert!(refused(cut).contains("broken"));
    }
}

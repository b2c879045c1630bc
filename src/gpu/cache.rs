//! What is kept about a device from run to run: which tiles were fastest, and its compiled kernels.
//!
//! It is only a convenience: what cannot be read is made again, and what cannot be written is lost.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::device::Adapter;
use super::kernel::Kernel;
use super::kernels;
use super::tile::Convolver;
use super::tiling::TileTable;

/// The cache files for one adapter with one driver and one set of shaders.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    key: u64,
    device: String,
}

impl Cache {
    pub(super) fn of(folder: &Path, adapter: &Adapter) -> Self {
        let info = &adapter.info;
        let texts = |kernel: &Kernel| {
            kernel.layouts().into_iter().map(|maps| kernel.source(maps)).collect::<Vec<_>>()
        };
        let sources: Vec<String> = kernels().iter().flat_map(texts).collect();
        let driver = (&info.driver, &info.driver_info, &info.name, info.vendor, info.device);
        let key = hash(&(driver, format!("{:?}", info.backend), adapter.convolver(), sources));
        let device = format!("{}, {} {}", adapter.title(), info.driver, info.driver_info);
        Self { folder: folder.to_owned(), key, device }
    }

    fn tiles_path(&self) -> PathBuf {
        self.folder.join(format!("tiles-{:016x}.json", self.key))
    }

    fn pipelines_path(&self) -> PathBuf {
        self.folder.join(format!("pipelines-{:016x}.bin", self.key))
    }

    /// The tiles found so far, without any that the kernel does not have.
    pub(super) fn tiles(&self, convolver: Convolver) -> TileTable {
        let Ok(text) = fs::read_to_string(self.tiles_path()) else { return TileTable::new() };
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let known = |shape: &str| {
            let shape = shape.parse().ok()?;
            convolver.tiles().iter().any(|(tile, _)| *tile == shape).then_some(shape)
        };
        let Some(tiles) = parsed["tiles"].as_object() else { return TileTable::new() };
        let pairs =
            tiles.iter().filter_map(|(problem, tile)| Some((problem.clone(), known(tile.as_str()?)?)));
        pairs.collect()
    }

    /// Writes all tiles found so far.
    pub(super) fn keep_tiles(&self, tiles: &TileTable) {
        let tiles: serde_json::Map<String, serde_json::Value> =
            tiles.iter().map(|(problem, tile)| (problem.clone(), tile.to_string().into())).collect();
        let file = serde_json::json!({ "device": self.device, "tiles": tiles });
        let _ = self.write(&self.tiles_path(), format!("{file:#}\n").as_bytes());
    }

    /// Compiled kernels, exactly as they were written: a file that has changed since is not used.
    pub(super) fn pipelines(&self) -> Option<Vec<u8>> {
        let bytes = fs::read(self.pipelines_path()).ok()?;
        let (check, data) = bytes.split_at_checked(8)?;
        (check == hash(&data).to_le_bytes()).then(|| data.to_vec())
    }

    /// Writes compiled kernels.
    pub(super) fn keep_pipelines(&self, data: &[u8]) {
        let bytes = [&hash(&data).to_le_bytes(), data].concat();
        let _ = self.write(&self.pipelines_path(), &bytes);
    }

    /// Writes the file entirely or not at all: two programs may run at once.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::tile::TileShape;

    fn cache(folder: &Path) -> Cache {
        Cache { folder: folder.join("not made yet"), key: 7, device: "a device".to_owned() }
    }

    #[test]
    fn tiles_read_back_and_what_the_kernel_has_not_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = cache(folder.path());
        assert_eq!(cache.tiles(Convolver::Tiled), TileTable::new());
        let tile = Convolver::Tiled.tiles()[1].0;
        let strange = TileShape { rows: 5, columns: 7 };
        cache.keep_tiles(&TileTable::from([("a".to_owned(), tile), ("b".to_owned(), strange)]));
        assert_eq!(cache.tiles(Convolver::Tiled), TileTable::from([("a".to_owned(), tile)]));
        for damaged in ["", "{", "[]", "{\"tiles\": 3}", "{\"tiles\": {\"a\": 3, \"b\": \"x\"}}"] {
            fs::write(cache.tiles_path(), damaged).expect("written");
            assert_eq!(cache.tiles(Convolver::Tiled), TileTable::new(), "{damaged}");
        }
    }

    #[test]
    fn pipelines_read_back_unless_the_file_was_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = cache(folder.path());
        assert_eq!(cache.pipelines(), None);
        cache.keep_pipelines(b"compiled");
        assert_eq!(cache.pipelines().as_deref(), Some(&b"compiled"[..]));
        let kept = fs::read(cache.pipelines_path()).expect("it is there");
        for damaged in [&kept[..kept.len() - 1], &kept[..5], &[&kept[..], b"!"].concat()] {
            fs::write(cache.pipelines_path(), damaged).expect("written");
            assert_eq!(cache.pipelines(), None, "{} bytes", damaged.len());
        }
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("not made yet");
        fs::write(&file, b"a file where the folder should be").expect("written");
        let cache = cache(folder.path());
        cache.keep_pipelines(b"compiled");
        assert_eq!(cache.pipelines(), None);
        assert_eq!(fs::read(file).expect("as it was"), b"a file where the folder should be");
    }
}

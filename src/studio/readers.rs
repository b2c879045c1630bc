//! Several jobs that read pictures at the same time, into the same memory.

use std::path::Path;
use std::sync::{PoisonError, RwLock};

use super::Opened;
use crate::files::input::is_stream;
use crate::picture::{PictureError, ReadOptions};

/// A number of readers. Each has an equal share of the memory; a picture that needs more is read while no other
/// reader is at work.
#[derive(Debug)]
pub struct Readers {
    count: u64,
    turn: RwLock<()>,
}

impl Readers {
    pub(super) fn new(count: usize) -> Self {
        Self { count: count.max(1) as u64, turn: RwLock::default() }
    }

    /// Opens a picture. `options` is called when the reader's turn has come, because the amount of free memory
    /// changes.
    ///
    /// # Errors
    /// Those of [`Opened::file`].
    pub fn open(&self, path: &Path, options: &dyn Fn() -> ReadOptions) -> Result<Opened, PictureError> {
        match self.open_beside(path, options) {
            // What came from a pipe cannot be read again.
            Err(PictureError::NoRoom { .. }) if self.count > 1 && !is_stream(path) => {
                let _alone = self.turn.write().unwrap_or_else(PoisonError::into_inner);
                Opened::file(path, &options())
            }
            opened => opened,
        }
    }

    /// Opens a picture within the share of one reader.
    fn open_beside(&self, path: &Path, options: &dyn Fn() -> ReadOptions) -> Result<Opened, PictureError> {
        let _beside = self.turn.read().unwrap_or_else(PoisonError::into_inner);
        let options = options();
        let share = ReadOptions { memory: options.memory.map(|all| all / self.count), ..options };
        Opened::file(path, &share)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::extent::Extent;
    use crate::picture::Picture;

    /// A picture in a folder, and the memory that reading it takes.
    fn picture() -> (tempfile::TempDir, std::path::PathBuf, u64) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gray.png");
        let size = Extent::square(64);
        let gray = Picture::from_rgb(size, vec![99.0; 3 * size.plane()]).expect("a good size");
        gray.save(&path).expect("written");
        let refused = Opened::file(&path, &with(1)).expect_err("one byte is too little");
        let PictureError::NoRoom { needed, .. } = refused else { panic!("{refused}") };
        (folder, path, needed.0)
    }

    fn with(memory: u64) -> ReadOptions {
        ReadOptions { memory: Some(memory), ..ReadOptions::default() }
    }

    #[test]
    fn each_reader_has_its_share_and_what_takes_more_is_read_alone() {
        let (_folder, path, needed) = picture();
        let asked = |count: usize, memory: u64| {
            let asked = std::cell::Cell::new(0);
            let options = || {
                asked.set(asked.get() + 1);
                with(memory)
            };
            let opened = Readers::new(count).open(&path, &options).is_ok();
            (opened, asked.get())
        };
        assert_eq!(asked(1, needed), (true, 1));
        assert_eq!(asked(3, 3 * needed), (true, 1), "a share is enough");
        assert_eq!(asked(3, 3 * needed - 1), (true, 2), "a share is not, all of it is");
        assert_eq!(asked(3, needed - 1), (false, 2), "not even all of it is");
        assert_eq!(asked(1, needed - 1), (false, 1), "and nobody is there to wait for");
    }

    #[test]
    fn alone_means_after_the_others() {
        let (_folder, path, needed) = picture();
        let readers = Readers::new(2);
        let (asked, hears) = channel();
        thread::scope(|scope| {
            let beside = readers.turn.read().expect("no panic");
            let readers = &readers;
            let large = scope.spawn(move || {
                let options = || {
                    asked.send(()).expect("the test listens");
                    with(needed)
                };
                readers.open(&path, &options).is_ok()
            });
            hears.recv().expect("it tries with its share");
            // Enough time for it to try again, if it did not wait.
            let early = hears.recv_timeout(Duration::from_millis(200));
            assert_eq!(early, Err(RecvTimeoutError::Timeout));
            drop(beside);
            hears.recv().expect("it tries alone");
            assert!(large.join().expect("no panic"));
        });
    }
}

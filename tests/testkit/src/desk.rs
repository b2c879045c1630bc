//! A folder to stand in and the program to run there, as a user would.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{ImageBuffer, Rgb};
use tempfile::TempDir;

/// A folder.
pub struct Desk {
    folder: TempDir,
}

/// What a command did.
pub struct Ran {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
}

impl Desk {
    /// A folder with `cat.png` in it, a picture of 40x32.
    pub fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        desk.paint("cat.png", 40, 32);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
        fs::write(path, bytes).expect("a file is written");
    }

    /// A picture with something in it at every place.
    pub fn paint(&self, name: &str, width: u32, height: u32) {
        let wave = |x: u32, y: u32, scale: u32| ((x * scale + y * (scale + 3)) * 7 % 256) as u8;
        let picture =
            ImageBuffer::from_fn(width, height, |x, y| Rgb([wave(x, y, 5), wave(x, y, 2), wave(y, x, 3)]));
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
        picture.save(path).expect("a picture is encoded");
    }

    /// Every file, with the folders in it.
    pub fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        collect(self.folder.path(), self.folder.path(), &mut files);
        files
    }

    /// The program with these arguments, which are parted by blanks.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(program());
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        // Not under the influence of whoever runs the tests; Mesa complains where the last is missing.
        command.env_remove("PUPPYSLUG_WEIGHTS").env("XDG_RUNTIME_DIR", std::env::temp_dir());
        command
    }

    pub fn run(&self, arguments: &str) -> Ran {
        let output = self.command(arguments).output().expect("the program starts");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        Ran { code: output.status.code(), out: output.stdout, err }
    }

    /// Runs what must succeed.
    pub fn succeed(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
        ran
    }

    /// Runs what must fail with this code and an error of one line that holds these words.
    pub fn fail(&self, arguments: &str, code: i32, words: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments}: {}", ran.err);
        let errors: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("error:")).collect();
        assert_eq!(errors.len(), 1, "{arguments}: {}", ran.err);
        for word in words {
            assert!(errors[0].contains(word), "{arguments}: '{word}' is not in: {}", errors[0]);
        }
        ran
    }

    /// The same, and no file may come of it.
    pub fn refuse(&self, arguments: &str, code: i32, words: &[&str]) {
        let before = self.files();
        self.fail(arguments, code, words);
        assert_eq!(self.files(), before, "{arguments}");
    }
}

/// Where Cargo put the program for the tests.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_puppyslug").expect("tests of the program are run by cargo test").into()
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("inside").to_str().expect("test names are UTF-8");
            files.insert(name.replace('\\', "/"));
        }
    }
}

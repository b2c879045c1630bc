//! A folder to stand in and the program to run there, as a user would.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{DynamicImage, ImageBuffer, Rgb};
use tempfile::TempDir;

use crate::{Golden, fixture};

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

    /// Where a name leads to, as the system writes paths.
    pub fn path(&self, name: &str) -> PathBuf {
        name.split('/').fold(self.folder.path().to_owned(), |path, part| path.join(part))
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
        let colour = |x, y| Rgb([wave(x, y, 5), wave(x, y, 2), wave(y, x, 3)]);
        self.save(name, ImageBuffer::from_fn(width, height, colour));
    }

    /// A picture that is known.
    pub fn save(&self, name: &str, image: impl Into<DynamicImage>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
        image.into().save(path).expect("a picture is encoded");
    }

    /// A copy of one of the pictures that `tests/fixtures/pictures` has.
    pub fn fetch(&self, name: &str) {
        fs::copy(fixture("pictures").join(name), self.path(name)).expect("the fixture is there");
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
        command.args(arguments.split_whitespace());
        self.settle(&mut command);
        command
    }

    /// Lets a command run in the folder, with a data folder there, and not under the influence of whoever runs the
    /// tests.
    pub fn settle(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env_remove("PUPPYSLUG_WEIGHTS");
        command.env("PUPPYSLUG_DATA", self.path("data"));
        // A proxy would stand between us and a server of our own; Mesa complains where the last is missing.
        command.env("NO_PROXY", "127.0.0.1").env("XDG_RUNTIME_DIR", std::env::temp_dir());
    }

    pub fn run(&self, arguments: &str) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Runs with so many KiB of address space, and two threads.
    pub fn run_with_memory(&self, kib: usize, arguments: &str) -> Ran {
        self.run_limited(&format!("ulimit -v {kib}"), arguments)
    }

    /// Runs after a line of the shell that sets a limit, with two threads.
    pub fn run_limited(&self, limit: &str, arguments: &str) -> Ran {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{limit} && exec {} {arguments}", program().display()));
        self.settle(&mut command);
        Ran::of(command.env("RAYON_NUM_THREADS", "2"))
    }

    /// Runs with this on stdin.
    pub fn feed(&self, arguments: &str, input: &[u8]) -> Ran {
        Ran::fed(&mut self.command(arguments), input)
    }

    /// Runs what must succeed.
    pub fn succeed(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
        ran
    }

    /// The same, for what it writes to stdout.
    pub fn answer(&self, arguments: &str) -> String {
        self.succeed(arguments).text()
    }

    /// Runs what must fail: see [`Ran::assert_failed`].
    pub fn fail(&self, arguments: &str, code: i32, words: &[&str]) -> Ran {
        let ran = self.run(arguments);
        ran.assert_failed(arguments, code, words);
        ran
    }

    /// The same, and no file may come of it or go.
    pub fn refuse(&self, arguments: &str, code: i32, words: &[&str]) -> Ran {
        let before = self.files();
        let ran = self.fail(arguments, code, words);
        assert_eq!(self.files(), before, "{arguments}");
        ran
    }

    /// The same, and nothing may be said besides, but by the argument parser how to get help.
    pub fn refuse_at_once(&self, arguments: &str, code: i32, words: &[&str]) {
        let Ran { err, .. } = self.refuse(arguments, code, words);
        let helped = err.contains("For more information, try '--help'");
        assert!(helped || err.lines().count() == 1, "{arguments}: {err}");
    }

    /// What a probe on the processor finds.
    pub fn probe(&self, arguments: &str) -> Golden {
        self.succeed(&format!("probe {arguments} -o probed.safetensors --device cpu"));
        Golden::open(&self.path("probed.safetensors"))
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the program starts"))
    }

    /// With this on stdin, while what comes out is read.
    pub fn fed(command: &mut Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        std::thread::scope(|scope| {
            // A program that refuses its arguments reads nothing, and the pipe breaks.
            scope.spawn(move || stdin.write_all(input));
            Self::from(child.wait_with_output().expect("it ends"))
        })
    }

    /// What it wrote to stdout.
    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("UTF-8")
    }

    /// That it ended with this code and an error of one line that holds these words, and wrote nothing to stdout.
    #[track_caller]
    pub fn assert_failed(&self, arguments: &str, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{arguments}: {}", self.err);
        assert!(self.out.is_empty(), "{arguments}");
        let errors: Vec<&str> = self.err.lines().filter(|line| line.starts_with("error:")).collect();
        let [error] = errors[..] else { panic!("{arguments}: {}", self.err) };
        for word in words {
            assert!(error.contains(word), "{arguments}: '{word}' is not in: {error}");
        }
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Self {
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        // Tests know one way to write a path.
        let err = if cfg!(windows) { err.replace('\\', "/") } else { err };
        Self { code: output.status.code(), out: output.stdout, err }
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

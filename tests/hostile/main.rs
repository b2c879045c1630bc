//! Files that mean harm: nothing panics, and nothing allocates more than in proportion to the file. The
//! corpora in `tests/fixtures/corpus` are what the fuzzers of `fuzz/` found worth keeping, a folder a target.

mod bombs;
mod reading;
mod target;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use testkit::state_dict;

fn main() {
    // What is allocated is counted for the whole program.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let corpora = target::TARGETS
        .into_iter()
        .map(|target| Trial::test(format!("corpus::{target}"), move || corpus(target)));
    let damage =
        DAMAGED.into_iter().map(|name| Trial::test(format!("damaged::{name}"), move || damaged(name)));
    let bombs = bombs::all().into_iter().map(|(name, bomb, words)| {
        Trial::test(format!("bomb::{name}"), move || bombs::refused(&bomb(), words))
    });
    let control = Trial::test("the_count_counts", the_count_counts);
    let honest = Trial::test("an_honest_network", an_honest_network);
    libtest_mimic::run(
        &arguments,
        corpora.chain(damage).chain(bombs).chain(reading::trials()).chain([control, honest]).collect(),
    )
    .exit();
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn corpus(target: &str) -> Result<(), Failed> {
    let mut files: Vec<_> = files(&project().join("tests/fixtures/corpus").join(target))?;
    files.sort();
    if files.is_empty() {
        return Err("the corpus is empty".into());
    }
    for file in files {
        let bytes = std::fs::read(&file)?;
        if std::panic::catch_unwind(|| target::run(target, &bytes)).is_err() {
            return Err(file.display().to_string().into());
        }
    }
    Ok(())
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

/// Good files, to be spoilt: see `tests/fixtures/pickles`.
const DAMAGED: [&str; 6] =
    ["archive.pth", "stream.pth", "stream4.pth", "stored.npz", "deflated.npz", "foreign.safetensors"];

/// Cut at every byte, and each byte in turn inverted or with one bit flipped, alternately.
fn damaged(name: &str) -> Result<(), Failed> {
    let whole = std::fs::read(project().join("tests/fixtures/pickles").join(name))?;
    for length in 0..whole.len() {
        if puppyslug::import::read(&whole[..length]).is_ok() {
            return Err(format!("read although cut to {length} bytes").into());
        }
        target::run("damaged", &whole[..length]);
    }
    let mut spoilt = whole.clone();
    for at in 0..whole.len() {
        spoilt[at] ^= if at % 2 == 0 { 0xff } else { 1 << (at / 2 % 8) };
        target::run("damaged", &spoilt);
        spoilt[at] = whole[at];
    }
    Ok(())
}

/// The measure that the other tests stand on: memory that was allocated and freed is seen.
fn the_count_counts() -> Result<(), Failed> {
    let peak = target::peak_of(|| drop(vec![1u8; 12_345_678]));
    match (12_345_678..13_000_000).contains(&peak) {
        true => Ok(()),
        false => Err(format!("{peak} bytes were counted").into()),
    }
}

/// A file of 50 MB is imported in less than 200 MB, itself included.
fn an_honest_network() -> Result<(), Failed> {
    let ones = |(name, shape): (&str, Vec<usize>)| {
        let bytes = 1f32.to_le_bytes().repeat(shape.iter().product());
        state_dict::Stored { name: name.to_owned(), shape, kind: "Float", bytes }
    };
    let file = state_dict::state_dict(&state_dict::torchvision().map(ones).collect::<Vec<_>>());
    let peak = target::peak_of(|| drop(puppyslug::import::import(&file).expect("a good file")));
    match (file.len() > 50_000_000, file.len() + peak < 200_000_000) {
        (true, true) => Ok(()),
        _ => Err(format!("{peak} bytes for a file of {}", file.len()).into()),
    }
}

//! Dreams of an older program, recorded before it was changed: on the same platform they come out the same to the
//! last bit, elsewhere within a gray level after two iterations; and its recipes and checkpoints are still
//! good. Everything goes through the program, on the processor, so that no change of the library gets in the way.
//!
//! * `table.rs` has the dreams. All else lies in `tests/fixtures/old_dreams`.
//! * `digests.txt` has what they looked like, by platform, and `references` the pictures of their first two
//!   iterations in one octave.
//! * `recipes`, `replays` and `checkpoints` hold what that program wrote of some of the dreams, under their names.
//!   They are never to be written again: that they can be read is the point. More may be added, by
//!   `dream ... -o NAME.bmp` (for the recipe beside it) and `dream ... -o out.png --checkpoint NAME.safetensors`.
//!
//! Where a dream is meant to become another (then the arithmetic's number grows), or for another platform,
//! `PUPPYSLUG_WRITE_DIGESTS=1 cargo test --test program as_recorded` writes all digests of this machine anew, and
//! those references that are off by more than a level; it says which.

mod digests;
mod on_gpu;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use digests::{Digests, digest, kept, platform, within_a_level};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, Rgb, RgbImage};
use table::{CHANGE_NOTHING, DREAMS, NEWER, OldDream, elder, find};
use testkit::{Desk, Ran};

/// A desk with all that dreams are made of.
fn desk() -> Desk {
    let desk = Desk::new();
    for name in files("pictures") {
        desk.put(&name, fs::read(kept("pictures").join(&name)).expect("a picture"));
    }
    desk.put("settings.json", fs::read(kept("settings.json")).expect("settings"));
    desk
}

/// The names of the files in a folder, sorted.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(kept(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name().into_string();
    let mut names: Vec<String> = entries.map(|entry| name(entry).expect("UTF-8")).collect();
    names.sort();
    names
}

/// The dream that a file is named after.
fn namesake(file: &str) -> &'static OldDream {
    find(file.split_once('.').expect("an ending").0)
}

fn open(path: &Path) -> DynamicImage {
    image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Dreams with these flags; in the folder of a batch there are several pictures.
fn dream(flags: &str) -> Vec<DynamicImage> {
    let desk = desk();
    if !flags.contains("--out-dir dreams") {
        desk.succeed(&format!("dream {flags} -o out.png --device cpu"));
        return vec![open(&desk.path("out.png"))];
    }
    desk.succeed(&format!("dream {flags} --device cpu"));
    let dreams = desk.files().into_iter().filter(|name| name.starts_with("dreams/"));
    dreams.map(|name| open(&desk.path(&name))).collect()
}

/// The digest of a whole dream as it was recorded; where none was, as it is now.
fn expected(dream: &OldDream) -> String {
    let recorded = Digests::open().find(elder(dream.name)).map(str::to_owned);
    recorded.unwrap_or_else(|| digest(&self::dream(&dream.whole())))
}

/// Says something whether or not the test passes.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("stderr");
}

fn is_to_write() -> bool {
    std::env::var_os("PUPPYSLUG_WRITE_DIGESTS").is_some_and(|wish| wish == "1")
}

#[test]
fn dreams_are_as_recorded() {
    let digests = Digests::open();
    if !digests.know_this_machine() && !is_to_write() {
        let here = platform();
        return say(&format!(
            "no digests for {here}: only the first steps are compared, within a level; see tests/program/old_dreams"
        ));
    }
    let found: Vec<_> =
        DREAMS.iter().map(|dream| (dream.name, digest(&self::dream(&dream.whole())))).collect();
    let changed = differences(&digests, &found);
    if is_to_write() {
        say(&format!("{} digests for {}, of which are new: {changed:?}", found.len(), platform()));
        return digests.replace(found.into_iter().filter(|(name, _)| elder(name) == *name).collect());
    }
    assert!(changed.is_empty(), "these dreams are not what they were: {changed:?}");
}

/// The dreams that are others than those recorded, or of which nothing is.
fn differences<'a>(digests: &Digests, found: &[(&'a str, String)]) -> Vec<&'a str> {
    let differs = |(name, digest): &&(&str, String)| digests.find(elder(name)) != Some(digest.as_str());
    found.iter().filter(differs).map(|(name, _)| *name).collect()
}

#[test]
fn first_steps_are_as_recorded_within_a_level() {
    let mut faults = Vec::new();
    for old in DREAMS.iter().filter(|old| !begins_like_another(old)) {
        let pictures = dream(&old.brief());
        let references = references(old, pictures.len());
        for (picture, reference) in pictures.iter().zip(&references) {
            if let Err(fault) = is_as(picture, reference) {
                faults.push(format!("{} {fault}", old.name));
                if is_to_write() {
                    write_small(picture, &kept(reference));
                }
            }
        }
    }
    if is_to_write() {
        return say(&format!("references written: {faults:?}"));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The first of all dreams that begin alike.
fn namesake_of_references(old: &OldDream) -> &'static str {
    let old = find(elder(old.name));
    DREAMS.iter().find(|other| other.brief() == old.brief()).expect("at least itself").name
}

/// Many of them come with the source: they are to take little room.
fn write_small(picture: &DynamicImage, path: &Path) {
    let file = fs::File::create(path).expect("a file");
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).expect("a reference is written");
}

/// Whether its first steps are those of a dream before it, flag by flag.
fn begins_like_another(old: &OldDream) -> bool {
    elder(old.name) == old.name && namesake_of_references(old) != old.name
}

/// Where the pictures of a dream's first steps are kept.
fn references(old: &OldDream, count: usize) -> Vec<String> {
    let name = namesake_of_references(old);
    match count {
        1 => vec![format!("references/{name}.png")],
        _ => (1..=count).map(|number| format!("references/{name}-{number}.png")).collect(),
    }
}

fn is_as(picture: &DynamicImage, reference: &str) -> Result<(), String> {
    match image::open(kept(reference)) {
        Ok(reference) => within_a_level(picture, &reference),
        Err(error) => Err(format!("has nothing to be compared with: {error}")),
    }
}

#[test]
fn what_is_recorded_is_of_the_table_and_no_two_dreams_are_alike() {
    let digests = Digests::open();
    let names: BTreeSet<&str> = DREAMS.iter().map(|dream| dream.name).collect();
    assert_eq!(names.len(), DREAMS.len(), "every dream has a name of its own");
    let alone: BTreeSet<&str> = names.iter().filter(|name| elder(name) == **name).copied().collect();
    let sets: BTreeSet<&str> = digests.lines().map(|[set, ..]| set).collect();
    assert!(!sets.is_empty(), "something is recorded");
    for set in sets {
        let lines = || digests.lines().filter(|line| line[0] == set);
        assert_eq!(lines().map(|[_, name, _]| name).collect::<BTreeSet<_>>(), alone, "{set}");
        let unlike: BTreeSet<&str> = lines().map(|[.., digest]| digest).collect();
        assert_eq!(unlike.len(), alone.len(), "{set}: each dream's settings make it another");
    }
    let references: BTreeSet<&str> = DREAMS.iter().map(namesake_of_references).collect();
    for file in files("references") {
        let stem = file.trim_end_matches(".png");
        let numbered = stem.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('-');
        assert!([stem, numbered].iter().any(|name| references.contains(name)), "references/{file}");
    }
}

#[test]
fn every_setting_is_dreamed_with() {
    let help = desk().succeed("dream --help");
    let help = String::from_utf8(help.out).expect("text");
    assert_eq!(missing(&help), Vec::<String>::new(), "the table needs a dream with each of these");
    assert!(flags(&help).len() > 40, "the help is understood");
    let flags = flags(&help);
    for name in CHANGE_NOTHING.iter().chain(&NEWER) {
        assert!(flags.contains(&format!("--{name}")), "there is no --{name} any more");
    }
    let more = help.replace("--tv <W", "--sparkle <N>\n      --tv <W").replace("- brush:", "- blush:");
    assert_eq!(missing(&more), ["--preset blush", "--sparkle"]);
}

/// The flags and presets of the help that no dream is dreamed with.
fn missing(help: &str) -> Vec<String> {
    let dreamed: Vec<String> = DREAMS.iter().map(|dream| format!("{} ", dream.whole())).collect();
    let is_dreamed = |flags: &String| dreamed.iter().any(|dream| dream.contains(&format!("{flags} ")));
    let idle = || CHANGE_NOTHING.iter().chain(&NEWER);
    let is_idle = |flag: &String| idle().any(|idle| *flag == format!("--{idle}"));
    let wanted = presets(help).into_iter().chain(flags(help));
    wanted.filter(|flags| !is_idle(flags) && !is_dreamed(flags)).collect()
}

/// Every `--flag` that a line of the help begins with, perhaps after its letter.
fn flags(help: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let line = line.trim_start();
        let long = line.find("--").filter(|&at| at == 0 || at == "-o, ".len() && line.starts_with('-'))?;
        let end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
        line[long..].split(end).next().filter(|name| name.len() > 2).map(str::to_owned)
    };
    help.lines().filter_map(name).collect()
}

/// Every preset that the help lists.
fn presets(help: &str) -> Vec<String> {
    let name = |line: &str| Some(format!("--preset {}", line.trim().strip_prefix("- ")?.split_once(':')?.0));
    help.lines().filter_map(name).collect()
}

#[test]
fn what_changed_is_noticed() {
    let plain = find("plain").whole();
    let pictures = dream(&plain);
    assert_ne!(digest(&pictures), digest(&dream(&plain.replace("--iterations 3", "--iterations 2"))));
    let digests = Digests::open();
    let names = DREAMS.iter().map(|dream| dream.name);
    let mut found: Vec<_> =
        names.filter_map(|name| Some((name, digests.find(elder(name))?.to_owned()))).collect();
    assert!(differences(&digests, &found).is_empty());
    for (_, digest) in &mut found {
        let first = if digest.starts_with('0') { "1" } else { "0" };
        digest.replace_range(..1, first);
    }
    assert_eq!(differences(&digests, &found).len(), found.len());
}

#[test]
fn one_level_off_passes_and_two_do_not() {
    let gray = |last: u8| {
        let level = |x, y| if (x, y) == (2, 1) { last } else { 100 };
        DynamicImage::from(RgbImage::from_fn(3, 2, |x, y| Rgb([level(x, y); 3])))
    };
    let (same, one, two) = (gray(100), gray(101), gray(98));
    assert_eq!(within_a_level(&one, &same), Ok(()));
    assert_eq!(within_a_level(&two, &same), Err("is off by 2.0 levels".to_owned()));
    let deep = DynamicImage::from(same.to_rgb16());
    assert!(within_a_level(&deep, &same).is_err(), "other bits are another picture");
    assert_ne!(digest(&[one]), digest(std::slice::from_ref(&same)));
    assert_ne!(digest(&[deep]), digest(&[same]));
}

#[test]
fn threads_change_nothing() {
    let dream = |threads: &str| {
        let desk = desk();
        let flags = find("everything").whole();
        let mut command = desk.command(&format!("dream {flags} -o out.png --device cpu"));
        let ran = command.env("RAYON_NUM_THREADS", threads).output().expect("the program starts");
        assert!(ran.status.success());
        digest(&[open(&desk.path("out.png"))])
    };
    assert_eq!(dream("1"), dream("2"));
    assert_eq!(dream("1"), dream("5"));
}

#[test]
fn old_recipes_make_the_dreams_they_are_of() {
    for file in files("recipes") {
        let old = namesake(&file);
        let desk = desk();
        desk.put(&file, fs::read(kept("recipes").join(&file)).expect("a recipe"));
        desk.succeed(&format!("dream {} --recipe {file} -o out.png --device cpu", old.pictures));
        assert_eq!(digest(&[open(&desk.path("out.png"))]), expected(old), "{file}");
    }
}

#[test]
fn old_dreams_are_replayed_and_their_arithmetic_is_named() {
    for file in files("replays") {
        let desk = desk();
        let path = kept("replays").join(&file);
        desk.put(&file, fs::read(&path).expect("a dream"));
        let Ran { code, err, .. } =
            desk.run(&format!("replay {file} {} -o out.png --device cpu", namesake(&file).pictures));
        // A dream of few steps may come out the same; what ten iterations make of other roundings is another picture.
        let is_named = err.contains("with arithmetic 1") && err.contains("with arithmetic 2");
        assert!(
            code == Some(0) && err.contains("bit for bit") || code == Some(1) && is_named,
            "{file}: {err}"
        );
    }
}

#[test]
fn old_checkpoints_go_on() {
    for file in files("checkpoints") {
        let old = namesake(&file);
        let desk = desk();
        desk.put(&file, fs::read(kept("checkpoints").join(&file)).expect("a checkpoint"));
        desk.succeed(&format!("resume {file} -o out.png --device cpu"));
        let (resumed, whole) = (open(&desk.path("out.png")), dream(&old.whole()).remove(0));
        // Begun with other roundings, it ends as another picture of the same dream.
        let distance = mean_difference(&resumed, &whole);
        assert!(distance < SAME_DREAM, "{file}: {distance:.1} levels from the dream of today");
    }
}

/// Levels between dreams of one recipe by different roundings: their lines meander apart, their tone does not.
const SAME_DREAM: f64 = 12.0;

/// Mean difference of samples, in gray levels.
fn mean_difference(a: &DynamicImage, b: &DynamicImage) -> f64 {
    let (a, b) = (a.to_rgb16(), b.to_rgb16());
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: f64 = a.iter().zip(b.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    sum / f64::from(u32::try_from(a.len()).expect("a small picture")) / 257.0
}

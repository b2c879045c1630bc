//! The law of CONTRIBUTING: who may import whom, which crate is used where, and no circle of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every room with the rooms that it may import. All that a room imports stands above it: the list has no circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("extent", &[]),
    ("remedy", &["extent"]),
    ("spelling", &[]),
    ("files", &["remedy"]),
    ("picture", &["extent", "files", "remedy"]),
    ("film", &["extent", "files", "picture", "remedy"]),
    ("net", &["extent", "files", "remedy", "spelling"]),
    ("plan", &["extent", "net"]),
    ("machine", &["extent", "net", "plan", "remedy"]),
    ("cpu", &["extent", "files", "machine", "net", "plan"]),
    ("gpu", &["extent", "files", "machine", "net", "plan", "remedy"]),
    ("device", &["cpu", "gpu", "machine", "remedy", "spelling"]),
    ("flow", &["extent", "files", "machine", "net", "picture", "plan", "remedy"]),
    ("settings", &["extent", "files", "remedy", "spelling"]),
    (
        "dream",
        &["device", "extent", "files", "machine", "net", "picture", "plan", "remedy", "settings", "spelling"],
    ),
    ("visualize", &["dream", "extent", "machine", "net", "picture", "plan", "remedy", "settings"]),
    ("atlas", &["extent", "net", "picture"]),
    ("carry", &["dream", "extent", "machine", "net", "picture", "plan"]),
    ("bench", &["dream", "extent", "machine", "net", "picture", "plan", "remedy"]),
    ("import", &["files", "net", "remedy"]),
    ("fetch", &["files", "remedy"]),
    ("store", &["fetch", "files", "net", "remedy"]),
    (
        "studio",
        &[
            "atlas",
            "carry",
            "device",
            "dream",
            "extent",
            "files",
            "film",
            "machine",
            "net",
            "picture",
            "plan",
            "remedy",
            "settings",
            "spelling",
            "store",
            "visualize",
        ],
    ),
    (
        "serve",
        &["atlas", "dream", "extent", "files", "film", "machine", "picture", "remedy", "settings", "studio"],
    ),
];

/// The room that may import all others.
const TOP: &str = "cli";

/// Crates that only some rooms use.
const CRATES: &[(&str, &[&str])] = &[
    ("wgpu", &["gpu"]),
    ("naga", &["gpu"]),
    ("pollster", &["gpu"]),
    ("rayon", &["cpu"]),
    ("pulp", &["cpu"]),
    ("image", &["picture", "cli"]),
    ("flate2", &["import"]),
    ("crc32fast", &["import"]),
    ("tar", &["import"]),
    ("ureq", &["fetch"]),
    ("sha1", &["fetch"]),
    ("axum", &["serve"]),
    ("hyper", &["serve"]),
    ("tokio", &["serve"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("ctrlc", &["cli"]),
    ("indicatif", &["cli"]),
    ("base64", &["atlas", "cli"]),
    ("color_quant", &["cli"]),
];

/// Files by their path below `src`, without what only their unit tests need.
type Files = BTreeMap<String, String>;

fn read(folder: &Path, below: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("UTF-8");
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if entry.path().is_dir() {
            read(&entry.path(), &path, files);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("UTF-8");
            files.insert(path, without_tests(&text));
        }
    }
}

/// Code up to the unit tests, which stand last, without comments.
fn without_tests(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "tests.rs" || path.contains("/tests/") || path == "studio/room/small.rs"
}

fn room(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Words that follow `prefix` in a text, as far as they are names.
fn names_after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let whole = text[..at].chars().next_back().is_none_or(|before| !is_name(before));
        let rest = &text[at + prefix.len()..];
        whole.then(|| &rest[..rest.find(|letter| !is_name(letter)).unwrap_or(rest.len())])
    })
}

fn breaches(files: &Files) -> Vec<String> {
    let mut breaches = Vec::new();
    let known: BTreeSet<&str> = ROOMS.iter().map(|&(room, _)| room).collect();
    for (path, text) in files.iter().filter(|(path, _)| !is_test(path)) {
        let own = room(path);
        if own != TOP && !["lib", "main"].contains(&own) {
            let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == own) else {
                breaches.push(format!("{path}: the law does not know the room '{own}'"));
                continue;
            };
            for other in names_after(text, "crate::") {
                let is_room = known.contains(other) || other == TOP;
                if is_room && other != own && !allowed.contains(&other) {
                    breaches.push(format!("{path} imports '{other}'"));
                }
            }
        }
        for (used, rooms) in CRATES {
            let uses =
                names_after(text, used).any(|rest| rest.is_empty()) && text.contains(&format!("{used}::"));
            if uses && !rooms.contains(&own) && !["lib", "main"].contains(&own) {
                breaches.push(format!("{path} uses the crate '{used}'"));
            }
        }
    }
    breaches
}

/// Module path of a file: `plan/step/mod.rs` is `plan::step`.
fn module(path: &str) -> Vec<&str> {
    let path = path.strip_suffix("/mod.rs").or(path.strip_suffix(".rs")).unwrap_or(path);
    if path == "lib" || path == "main" { Vec::new() } else { path.split('/').collect() }
}

/// The trees of a text's `use` statements, of all or of those that hand something on.
fn uses(text: &str, public: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        let rest = if line.starts_with("pub") { line.split_once(" use ") } else { None };
        let is_public = rest.is_some_and(|(before, _)| !before.contains([';', '{', '=']));
        let tree = match line.strip_prefix("use ") {
            Some(tree) => tree,
            None if is_public => rest.map_or("", |(_, tree)| tree),
            None => continue,
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            let Some(more) = lines.next() else { break };
            tree = format!("{tree} {}", more.trim());
        }
        if is_public || !public {
            found.push(tree.split(';').next().unwrap_or(&tree).to_owned());
        }
    }
    found
}

/// What `use` statements of a file name, as full paths from the crate's root.
fn imports(path: &str, uses: Vec<String>, modules: &BTreeMap<String, &str>) -> Vec<Vec<String>> {
    let own: Vec<String> = module(path).into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    for leaf in uses.iter().flat_map(|tree| leaves(tree)) {
        let mut parts: Vec<String> = leaf.split("::").map(|part| part.trim().to_owned()).collect();
        let mut base = own.clone();
        let is_child =
            |part: &String| modules.contains_key(&[&own[..], std::slice::from_ref(part)].concat().join("::"));
        match parts.first().map(String::as_str) {
            Some("crate") => base.clear(),
            Some("self") => {}
            Some("super") => {
                base.pop();
                while parts.get(1).is_some_and(|part| part == "super") {
                    parts.remove(0);
                    base.pop();
                }
            }
            _ if parts.first().is_some_and(is_child) => parts.insert(0, "self".to_owned()),
            _ => continue,
        }
        found.push(base.into_iter().chain(parts.into_iter().skip(1)).collect());
    }
    found
}

/// `a::{b, c::{d, e as f}}` is `a::b`, `a::c::d` and `a::c::e`.
fn leaves(tree: &str) -> Vec<String> {
    let (Some(open), Some(close)) = (tree.find('{'), tree.rfind('}')) else {
        return vec![tree.split(" as ").next().unwrap_or(tree).trim().to_owned()];
    };
    let (prefix, inner) = (tree[..open].trim(), &tree[open + 1..close]);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(leaves).map(|leaf| format!("{prefix}{leaf}")).collect()
}

/// The files that each file imports, but for those that it lies in or that lie in it: a folder and its files are one.
fn arrows(files: &Files) -> BTreeMap<&str, BTreeSet<&str>> {
    let modules: BTreeMap<String, &str> = files
        .keys()
        .filter(|path| !is_test(path))
        .map(|path| (module(path).join("::"), path.as_str()))
        .collect();
    let resolve = |path: &[String]| -> Option<&str> {
        let mut path = path.to_vec();
        // What a folder hands on lies where it has it from.
        for _ in 0..4 {
            let longest =
                (1..=path.len()).rev().find(|&length| modules.contains_key(&path[..length].join("::")))?;
            let file = modules[&path[..longest].join("::")];
            let Some(name) = path.get(longest) else { return Some(file) };
            let handed_on = imports(file, uses(&files[file], true), &modules);
            match handed_on.into_iter().find(|from| from.last() == Some(name) && from[..] != path[..]) {
                Some(from) => path = from,
                None => return Some(file),
            }
        }
        None
    };
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| !is_test(path)) {
        let own = module(path).join("::");
        for file in imports(path, uses(text, false), &modules).iter().filter_map(|import| resolve(import)) {
            let other = module(file).join("::");
            let nested = own.starts_with(&format!("{other}::")) || other.starts_with(&format!("{own}::"));
            if own != other && !nested && !own.is_empty() && !other.is_empty() {
                arrows.entry(path).or_default().insert(file);
            }
        }
    }
    arrows
}

/// A circle of files, if there is one.
fn circle<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    fn walk<'a>(
        at: &'a str,
        arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = way.iter().position(|&other| other == at) {
            return Some(way[start..].to_vec());
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let found = arrows.get(at).into_iter().flatten().find_map(|&next| walk(next, arrows, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|&start| walk(start, arrows, &mut Vec::new(), &mut done))
}

fn source() -> Files {
    let mut files = Files::new();
    read(&testkit::project().join("src"), "", &mut files);
    files
}

#[test]
fn rooms_import_only_what_the_law_lets_them() {
    let breaches = breaches(&source());
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn there_is_no_circle_of_files() {
    let files = source();
    assert!(arrows(&files).len() > 100, "arrows are found");
    assert_eq!(circle(&arrows(&files)), None);
}

#[test]
fn the_law_itself_has_no_circle() {
    for (number, (room, allowed)) in ROOMS.iter().enumerate() {
        let below: Vec<&str> = ROOMS[..number].iter().map(|&(room, _)| room).collect();
        for other in *allowed {
            assert!(below.contains(other), "'{room}' may import '{other}', which does not stand above it");
        }
    }
}

fn files(texts: &[(&str, &str)]) -> Files {
    texts.iter().map(|(path, text)| ((*path).to_owned(), without_tests(text))).collect()
}

/// The controls: what breaks the law is found, and what does not is left alone.
#[test]
fn a_breach_is_noticed() {
    let broken = files(&[
        ("plan/mod.rs", "use crate::gpu::Gpu;\n"),
        ("net/mod.rs", "use rayon::prelude::*;\n"),
        ("attic/mod.rs", "fn f() {}\n"),
        ("dream/mod.rs", "fn f() { crate::cli::say(); }\n"),
    ]);
    let found = breaches(&broken).join("\n");
    for words in [
        "plan/mod.rs imports 'gpu'",
        "net/mod.rs uses the crate 'rayon'",
        "the room 'attic'",
        "imports 'cli'",
    ] {
        assert!(found.contains(words), "{found}");
    }
    let sound = files(&[
        ("gpu/mod.rs", "use crate::plan::Plan;\nuse wgpu::Device;\n"),
        ("plan/mod.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::gpu::Gpu;\n}\n"),
        ("cli/mod.rs", "use crate::gpu::Gpu;\nuse clap::Args;\n"),
    ]);
    assert_eq!(breaches(&sound), Vec::<String>::new());
}

#[test]
fn a_circle_is_noticed() {
    let round = files(&[
        ("a/mod.rs", "mod x;\nmod y;\npub use y::Y;\n"),
        ("a/x.rs", "use super::Y;\n"),
        ("a/y.rs", "use super::z::{W, Z as Other};\n"),
        ("a/z.rs", "use crate::a::x::X;\n"),
    ]);
    let found = circle(&arrows(&round)).expect("x, y, z and x again");
    assert_eq!(found.len(), 3, "{found:?}");
    let straight = files(&[
        ("a/mod.rs", "mod x;\nmod y;\npub use y::Y;\n"),
        ("a/x.rs", "use super::Y;\nuse super::A;\n"),
        ("a/y.rs", "use super::A;\n"),
    ]);
    assert_eq!(circle(&arrows(&straight)), None);
}

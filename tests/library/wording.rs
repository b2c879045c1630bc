//! The library does not know how it is called: no text of it names a flag or a command. Errors say what would help as
//! data, and the command line words it.

use std::fs;
use std::path::{Path, PathBuf};

/// Every string in a source file, without what comments say.
fn strings(source: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (start, tail) = rest.split_at(at);
        rest = &tail[1..];
        if tail.starts_with("//") {
            rest = tail.find('\n').map_or("", |end| &tail[end..]);
        } else if tail.starts_with('"') {
            let end = end_of_string(rest, start.ends_with('r')).expect("every string ends");
            strings.push(rest[..end].to_owned());
            rest = &rest[end + 1..];
        } else if let Some(behind) = tail.strip_prefix("'\"'") {
            rest = behind;
        }
    }
    strings
}

/// How many bytes a string has whose first quote is behind us.
fn end_of_string(text: &str, raw: bool) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, char)| {
        let ends = char == '"' && !escaped;
        escaped = char == '\\' && !escaped && !raw;
        ends.then_some(at)
    })
}

/// Whether a text speaks of a flag or a command of the program.
fn knows_the_command_line(text: &str) -> bool {
    let flag = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|char| !char.is_alphanumeric() && char != '-')
            && text[at + 2..].starts_with(|char: char| char.is_ascii_lowercase())
    };
    text.match_indices("--").any(|(at, _)| flag(at)) || text.contains("`puppyslug ")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("src/cli") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_text_of_the_library_names_a_flag_or_a_command() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 100, "only {} sources", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).expect("UTF-8");
        // What tests say stays among us.
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let texts = strings(source).into_iter().filter(|text| knows_the_command_line(text));
        wrong.extend(texts.map(|text| format!("{}: {text}", file.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn texts_are_told_from_comments_and_flags_from_dashes() {
    let source = "// use \"--device\"\nlet a = \"give \\\"it\\\" with --guide\"; let b = '\"'; f(r\"C:\\\", \"x -- y\")";
    assert_eq!(strings(source), ["give \\\"it\\\" with --guide", "C:\\", "x -- y"]);
    assert!(
        knows_the_command_line("give it with --guide") && knows_the_command_line("see `puppyslug layers`")
    );
    assert!(
        !knows_the_command_line("x -- y")
            && !knows_the_command_line("a--b")
            && !knows_the_command_line("---")
    );
}

//! Finds the files of a sequence by their names.

use std::cmp::Ordering;
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use crate::film::FilmError;
use crate::picture::is_picture;

/// The pictures of a folder, in natural order.
pub(super) fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, FilmError> {
    files(folder, |name| is_picture(name) && !name.starts_with('.'))
}

/// The files whose names match the last part of a path, in natural order; `None` if that is not a pattern.
pub(super) fn fitting(path: &Path) -> Result<Option<Vec<PathBuf>>, FilmError> {
    let Some(pattern) = path.file_name().and_then(|name| name.to_str()).and_then(Pattern::of) else {
        return Ok(None);
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(FilmError::Missing { path: path.to_owned() });
    }
    files(folder, |name| pattern.fits(name)).map(Some)
}

fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, FilmError> {
    let unreadable =
        |error: std::io::Error| FilmError::Unreadable { path: folder.to_owned(), reason: error.to_string() };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_wanted = path.file_name().and_then(|name| name.to_str()).is_some_and(&wanted);
        if is_wanted && path.is_file() {
            files.push(path);
        }
    }
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.sort_by(|a, b| natural(&name(a), &name(b)));
    Ok(files)
}

/// A pattern for names, with placeholders for numbers (`%d`, `%04d`) or for any characters (`*`, `?`).
struct Pattern(Vec<Place>);

enum Place {
    /// This character.
    Char(char),
    /// Any single character.
    One,
    /// Any number of characters, including none.
    Any,
    /// A number with at least this many digits.
    Number(usize),
}

impl Pattern {
    /// The pattern in a name, if it contains placeholders.
    fn of(name: &str) -> Option<Self> {
        let mut rest = name.chars().peekable();
        let mut places = Vec::new();
        while let Some(next) = rest.next() {
            places.push(match next {
                '*' => Place::Any,
                '?' => Place::One,
                '%' => number_place(&mut rest),
                plain => Place::Char(plain),
            });
        }
        places.iter().any(|place| !matches!(place, Place::Char(_))).then_some(Self(places))
    }

    fn fits(&self, name: &str) -> bool {
        fits(&self.0, &name.chars().collect::<Vec<_>>())
    }
}

/// Parses what follows a `%`: `%d`, `%04d`, or else a plain `%`.
fn number_place(rest: &mut Peekable<Chars<'_>>) -> Place {
    let mut ahead = rest.clone();
    let mut digits = String::new();
    while let Some(digit) = ahead.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    let width = digits.parse().unwrap_or(1);
    match ahead.next() {
        Some('d') if width <= 20 => {
            *rest = ahead;
            Place::Number(width)
        }
        Some('%') if digits.is_empty() => {
            *rest = ahead;
            Place::Char('%')
        }
        _ => Place::Char('%'),
    }
}

fn fits(places: &[Place], name: &[char]) -> bool {
    match places {
        [] => name.is_empty(),
        [Place::Char(own), places @ ..] => name.first() == Some(own) && fits(places, &name[1..]),
        [Place::One, places @ ..] => !name.is_empty() && fits(places, &name[1..]),
        [Place::Any, places @ ..] => (0..=name.len()).any(|count| fits(places, &name[count..])),
        [Place::Number(width), places @ ..] => {
            let digits = name.iter().take_while(|letter| letter.is_ascii_digit()).count();
            (*width.max(&1)..=digits).any(|count| fits(places, &name[count..]))
        }
    }
}

/// Compares names with numbers by value and everything else by its letters: `2.png` comes before `10.png`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_head, b_head) = (head(a_rest), head(b_rest));
        if a_head.is_empty() || b_head.is_empty() {
            // For equal values, the shorter notation comes first.
            return a_rest
                .len()
                .cmp(&b_rest.len())
                .then_with(|| a.len().cmp(&b.len()))
                .then_with(|| a.cmp(b));
        }
        let order = match (value(a_head), value(b_head)) {
            (Some(a), Some(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            _ => a_head.cmp(b_head),
        };
        if order != Ordering::Equal {
            return order;
        }
        (a_rest, b_rest) = (&a_rest[a_head.len()..], &b_rest[b_head.len()..]);
    }
}

/// The leading digits of a text, or else everything up to the next digit.
fn head(text: &str) -> &str {
    let digits = text.starts_with(|letter: char| letter.is_ascii_digit());
    let end = text.find(|letter: char| letter.is_ascii_digit() != digits).unwrap_or(text.len());
    &text[..end]
}

/// A number without its leading zeros. Of two such numbers the longer one is larger; if both have the same length,
/// the one that sorts later.
fn value(digits: &str) -> Option<&str> {
    digits.starts_with(|letter: char| letter.is_ascii_digit()).then(|| digits.trim_start_matches('0'))
}

/// The numbers missing among names that differ only in their last number.
pub(super) fn gaps(files: &[PathBuf]) -> Option<String> {
    let numbered: Option<Vec<(String, u64)>> = files.iter().map(|file| numbered(file)).collect();
    let numbered = numbered?;
    let mut missing = Vec::new();
    for pair in numbered.windows(2) {
        let [(before, from), (after, to)] = pair else { continue };
        if before != after {
            return None;
        }
        match to.saturating_sub(*from) {
            0 | 1 => {}
            2 => missing.push(format!("{}", from + 1)),
            _ => missing.push(format!("{} to {}", from + 1, to - 1)),
        }
    }
    let more = missing.len().saturating_sub(SAID);
    let said = missing[..missing.len() - more].join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!said.is_empty()).then(|| format!("there is no picture {said}{more}; the film continues without"))
}

/// The largest number of gaps that are listed.
const SAID: usize = 5;

/// A name without its last number, and that number.
fn numbered(file: &Path) -> Option<(String, u64)> {
    let stem = file.file_stem()?.to_str()?;
    let end = stem.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let start = stem[..end]
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |at| at + stem[at..].chars().next().map_or(1, char::len_utf8));
    Some((format!("{}\0{}", &stem[..start], &stem[end..]), stem[start..end].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_their_order() {
        let sorted =
            ["a", "a1.png", "a01.png", "a2.png", "a10.png", "a10b2", "a10b10", "b", "\u{e9}1", "\u{e9}2"];
        for (at, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(natural(a, b), at.cmp(&other), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_pattern_takes_what_fits() {
        for (pattern, taken, left) in [
            (
                "f%04d.png",
                &["f0001.png", "f12345.png"][..],
                &["f1.png", "f000a.png", "xf0001.png", "f0001.pngx"][..],
            ),
            ("%d", &["1", "007"], &["", "a", "1a"]),
            ("*.png", &["a.png", ".png"], &["a.pn", "a.png2"]),
            ("a?c%%", &["abc%"], &["ac%", "abbc%", "abc%%"]),
            ("50%*", &["50%", "50% off"], &["50"]),
        ] {
            let fitting = Pattern::of(pattern).expect(pattern);
            taken.iter().for_each(|name| assert!(fitting.fits(name), "{pattern} {name}"));
            left.iter().for_each(|name| assert!(!fitting.fits(name), "{pattern} {name}"));
        }
        assert!(Pattern::of("100%.mp4").is_none() && Pattern::of("film.mp4").is_none());
    }

    #[test]
    fn gaps_have_names() {
        let said = |names: &[&str]| gaps(&names.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(said(&["a1.png", "a2.png", "a3.png"]), None);
        assert_eq!(said(&["a.png", "b.png"]), None);
        assert_eq!(said(&["a1.png", "b5.png"]), None, "other names");
        let gaps = said(&["a1.png", "a3.png", "a10.png"]).expect("gaps");
        assert!(gaps.contains("2, 4 to 9"), "{gaps}");
        let many: Vec<String> = (0..20).map(|at| format!("{}.png", 2 * at)).collect();
        let gaps = said(&many.iter().map(String::as_str).collect::<Vec<_>>()).expect("gaps");
        assert!(gaps.contains("1, 3, 5, 7, 9 and 14 more"), "{gaps}");
    }
}

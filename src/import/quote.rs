//! How a file's own words appear in a message.

/// More than any honest name has.
const LONGEST: usize = 80;

/// The text in quotes: cut where it is long, and with nothing in it that a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let begin: String = chars.by_ref().take(LONGEST).flat_map(char::escape_debug).collect();
    let more = if chars.next().is_some() { "..." } else { "" };
    format!("'{begin}{more}'")
}

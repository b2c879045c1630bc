//! Quotes text from a file for use in a message.

/// The longest text shown in full: longer than any legitimate name.
const LONGEST: usize = 80;

/// The text in quotes: shortened if it is long, and without anything that could control a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let begin: String = chars.by_ref().take(LONGEST).flat_map(char::escape_debug).collect();
    let more = if chars.next().is_some() { "..." } else { "" };
    format!("'{begin}{more}'")
}

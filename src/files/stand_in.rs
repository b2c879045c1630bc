//! Files that are not what their name says, but refer to it: what a failed download leaves behind.

/// What the bytes are instead of the file that was meant, and what to do; as in "it is a ...".
pub(crate) fn stand_in(bytes: &[u8]) -> Option<&'static str> {
    const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
    if bytes.starts_with(POINTER) {
        return Some(
            "it is a Git LFS pointer, a few lines in the place of the file, which was not downloaded with its \
             repository; `git lfs pull` there fetches it",
        );
    }
    is_page(bytes).then_some(
        "it is a web page and not the file that was to be downloaded; open it in a browser to see what the server says, \
         and download the file itself",
    )
}

/// Whether a text begins like HTML or XML, in upper or lower case.
fn is_page(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 5] = [b"<!doctype", b"<html", b"<head", b"<?xml", b"<error"];
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    BEGINNINGS.into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::stand_in;

    #[test]
    fn pointers_and_pages_are_told_from_files() {
        let pointer =
            stand_in(b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 27994208\n");
        assert!(pointer.is_some_and(|what| what.contains("Git LFS pointer")));
        for page in
            ["<!DOCTYPE html><html>", "\n  <html lang=en>", "\u{feff}<Html>", "<Error><Code>NoSuchKey"]
        {
            assert!(stand_in(page.as_bytes()).is_some_and(|what| what.contains("web page")), "{page}");
        }
        for file in [&b""[..], b"<", b"version 1", b"\x10\0\0\0\0\0\0\0{}", b"PK\x03\x04", b"<svg>"] {
            assert_eq!(stand_in(file), None, "{file:?}");
        }
    }
}

//! Names that Windows reserves: opened as a file, each is a device, or a stream within another file.

/// Devices, by the numbers that may follow the second ones.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const NUMBERED: [&str; 2] = ["COM", "LPT"];
const NUMBERS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"];

/// Why a file on Windows cannot have this name; `None` if it can.
pub(super) fn objection(name: &str) -> Option<&'static str> {
    // The extension does not matter: `aux.png` is the device, too.
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    let numbered = |device: &str| stem.strip_prefix(device).is_some_and(|number| NUMBERS.contains(&number));
    if DEVICES.contains(&stem.as_str()) || NUMBERED.into_iter().any(numbered) {
        Some("it means a device there")
    } else if name.contains(['<', '>', ':', '"', '|', '?', '*']) {
        Some("none of < > : \" | ? * may be in it")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::objection;

    #[test]
    fn devices_and_streams_are_no_names() {
        for name in
            ["CON", "con.png", "aux.png", "NUL.tar.gz", "Com1.png", "LPT9", "lpt².png", "aux .png", "conin$"]
        {
            assert_eq!(objection(name), Some("it means a device there"), "{name}");
        }
        for name in ["a:b.png", "what?.png", "a|b", "\"a\".png"] {
            assert!(objection(name).is_some_and(|why| why.starts_with("none of")), "{name}");
        }
        for name in [
            "cat.png",
            "console.png",
            "com.png",
            "com10.png",
            "auxiliary.tif",
            "nul-dream.png",
            ".aux",
            "é.png",
        ] {
            assert_eq!(objection(name), None, "{name}");
        }
    }
}

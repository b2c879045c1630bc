//! Zip archives, as simple as they come.

/// A zip archive of stored members.
pub fn zip<'a>(members: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let (mut file, mut directory, mut count) = (Vec::new(), Vec::new(), 0u16);
    for (name, bytes) in members {
        let at = file.len() as u32;
        let length = (bytes.len() as u32).to_le_bytes();
        // Version, flags, method, time and date.
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        about.extend(crc32fast::hash(bytes).to_le_bytes());
        about.extend([length, length].concat());
        about.extend((name.len() as u32).to_le_bytes());
        file.extend([b"PK\x03\x04", &about[..], name.as_bytes(), bytes].concat());
        directory.extend(
            [b"PK\x01\x02\x14\x00", &about[..], &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat(),
        );
        count += 1;
    }
    let (at, length) = (file.len() as u32, directory.len() as u32);
    file.extend(directory);
    let numbers = [count.to_le_bytes(), count.to_le_bytes()].concat();
    file.extend(
        [b"PK\x05\x06\0\0\0\0", &numbers[..], &length.to_le_bytes(), &at.to_le_bytes(), &[0; 2]].concat(),
    );
    file
}

//! Colour profiles (ICC.1:2022): which colours a profile is for, and how one for grey becomes one for RGB.

/// The colours that a profile is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rgb,
    Gray,
    /// Inks, mostly.
    Other,
}

const HEADER: usize = 128;
const ENTRY: usize = 12;

/// The primaries of sRGB under the profiles' own white, D50, in units of 1/65536; blue is what the other two
/// leave of it.
const PRIMARIES: [(&[u8; 4], [i32; 3]); 3] = [
    (b"rXYZ", [0x6FA2, 0x38F5, 0x0390]),
    (b"gXYZ", [0x6299, 0xB785, 0x18DA]),
    (b"bXYZ", [0x249B, 0x0F86, 0xB6C3]),
];

/// The colours that a profile is for, if it is one.
pub(super) fn kind(profile: &[u8]) -> Option<Kind> {
    Some(match profile.get(16..20)? {
        b"RGB " => Kind::Rgb,
        b"GRAY" => Kind::Gray,
        _ => Kind::Other,
    })
}

/// A profile under which equal parts of red, green and blue are the greys of a grey profile: its curve, three
/// times, with sRGB's primaries. `None` if the grey profile has no curve, or its curve does not lead to light.
pub(super) fn of_gray(gray: &[u8]) -> Option<Vec<u8>> {
    if kind(gray)? != Kind::Gray || gray.get(20..24)? != b"XYZ " {
        return None;
    }
    let curve = tag(gray, b"kTRC")?;
    let kept = [b"desc", b"cprt", b"wtpt", b"chad"];
    let mut tags: Vec<(&[u8; 4], Vec<u8>)> =
        kept.into_iter().filter_map(|name| Some((name, tag(gray, name)?.to_vec()))).collect();
    tags.extend(PRIMARIES.map(|(name, place)| (name, point(place))));
    let curves = [b"rTRC", b"gTRC", b"bTRC"];
    let mut table = ((tags.len() + curves.len()) as u32).to_be_bytes().to_vec();
    let start = HEADER + 4 + ENTRY * (tags.len() + curves.len());
    let mut content = Vec::new();
    let mut list = |table: &mut Vec<u8>, names: &[&[u8; 4]], data: &[u8]| {
        let place = [start + content.len(), data.len()].map(|number| (number as u32).to_be_bytes());
        names.iter().for_each(|name| table.extend([&name[..], &place[0], &place[1]].concat()));
        content.extend(data);
        content.resize(content.len().next_multiple_of(4), 0);
    };
    for (name, data) in &tags {
        list(&mut table, &[name], data);
    }
    list(&mut table, &curves, curve);
    let mut header = gray.get(..HEADER)?.to_vec();
    header[..4].copy_from_slice(&((start + content.len()) as u32).to_be_bytes());
    header[16..20].copy_from_slice(b"RGB ");
    // The checksum in the header is that of the old profile; leaving it out is allowed.
    header[84..100].fill(0);
    Some([header, table, content].concat())
}

/// The data of a profile under this tag.
fn tag<'p>(profile: &'p [u8], name: &[u8; 4]) -> Option<&'p [u8]> {
    let number = |at: usize| Some(u32::from_be_bytes(*profile.get(at..)?.first_chunk()?) as usize);
    let entries = (0..number(HEADER)?).map(|index| HEADER + 4 + ENTRY * index);
    let found = entries.take_while(|&at| at < profile.len()).find(|&at| profile[at..].starts_with(name))?;
    let (start, length) = (number(found + 4)?, number(found + 8)?);
    profile.get(start..start.checked_add(length)?)
}

fn point(place: [i32; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), place.map(i32::to_be_bytes).concat()].concat()
}

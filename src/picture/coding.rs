//! What a PNG says about its colours apart from a profile. Only PNG has a place for this.

/// The colour chunks of a PNG. Nothing here is converted by them; they are passed on to the PNG that is written
/// in the end. Each is kept as its name, a byte for its length, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coding(Vec<u8>);

/// The values that mean nothing other than sRGB: its gamma, and its primaries, within a hundredth.
const SRGB_GAMMA: u32 = 45_455;
const SRGB_POINTS: [u32; 8] = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000];
const NEAR: u32 = 1_000;

/// The chunks that are kept; each takes precedence over those after it.
const NAMES: [&[u8; 4]; 4] = [b"cICP", b"sRGB", b"gAMA", b"cHRM"];

impl Coding {
    /// What a header says about colours; `None` if it says nothing.
    pub(super) fn of(info: &png::Info<'_>) -> Option<Self> {
        let cicp = info.coding_independent_code_points.map(|points| {
            let full = u8::from(points.is_video_full_range_image);
            vec![points.color_primaries, points.transfer_function, points.matrix_coefficients, full]
        });
        // sRGB is not allowed together with a profile.
        let srgb = info.srgb.filter(|_| info.icc_profile.is_none()).map(|intent| vec![intent as u8]);
        let gamma = info.gama_chunk.map(|gamma| gamma.into_scaled().to_be_bytes().to_vec());
        let points = info.chrm_chunk.map(|points| points.to_be_bytes().to_vec());
        let stated = [cicp, srgb, gamma, points].into_iter().zip(NAMES);
        let chunks = stated.filter_map(|(content, name)| Some((content?, name)));
        let bytes: Vec<u8> = chunks
            .flat_map(|(content, name)| [&name[..], &[content.len() as u8], &content[..]].concat())
            .collect();
        (!bytes.is_empty()).then_some(Self(bytes))
    }

    /// As bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From bytes; `None` if they are not of this form.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let coding = Self(bytes.to_vec());
        let length: usize = coding.chunks().map(|(_, content)| 5 + content.len()).sum();
        let known = coding.chunks().all(|(name, _)| NAMES.contains(&&name));
        (known && length == bytes.len() && length > 0).then_some(coding)
    }

    /// Every chunk, as name and content.
    pub(super) fn chunks(&self) -> impl Iterator<Item = ([u8; 4], &[u8])> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let (&[a, b, c, d, length], behind) = rest.split_first_chunk()?;
            let (content, behind) = behind.split_at_checked(usize::from(length))?;
            rest = behind;
            Some(([a, b, c, d], content))
        })
    }

    /// Whether the colours mean something other than in a file without any such chunk, which is sRGB.
    pub(super) fn differs(&self) -> bool {
        let find = |name: &[u8; 4]| self.chunks().find(|(own, _)| own == name).map(|(_, content)| content);
        let numbers = |content: &[u8]| -> Vec<u32> {
            content
                .chunks_exact(4)
                .map(|part| part.iter().fold(0, |all, &byte| all << 8 | u32::from(byte)))
                .collect()
        };
        match (find(b"cICP"), find(b"sRGB")) {
            (Some(points), _) => *points != [1, 13, 0, 1],
            (None, Some(_)) => false,
            (None, None) => {
                [(b"gAMA", &[SRGB_GAMMA][..]), (b"cHRM", &SRGB_POINTS[..])].iter().any(|(name, usual)| {
                    let stated = find(name).map(numbers).unwrap_or_default();
                    stated.iter().zip(*usual).any(|(stated, usual)| stated.abs_diff(*usual) > NEAR)
                })
            }
        }
    }
}

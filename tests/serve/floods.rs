//! Too large and too many: what would use up the computer.

use std::io::Write;

use serde_json::json;
use testkit::Desk;

use crate::client::{Served, endless};

#[test]
fn bombs_do_not_go_off() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    // What is made as the bomb is, but small, is a picture.
    let small = served.ask("PUT", "/api/pictures", "", &exr(32));
    assert_eq!((small.status, &small.json()["width"]), (201, &json!(32)));
    for (name, bytes) in bombs() {
        let answer = served.ask("PUT", "/api/pictures", "", &bytes);
        assert_eq!(answer.status, 422, "{name}: {}", String::from_utf8_lossy(&answer.body));
        let message = answer.json()["error"].as_str().expect("a line").to_owned();
        assert!(!message.contains("data/dreams") && message.lines().count() == 1, "{name}: {message}");
    }
    assert_eq!(
        std::fs::read_dir(desk.path("data/dreams/pictures")).expect("it is there").count(),
        2,
        "the small one"
    );
    // The EXR alone would be 20 GiB; the program with its network takes a tenth of one.
    #[cfg(target_os = "linux")]
    assert!(served.peak() < 1 << 30, "{} bytes", served.peak());
    // Dreams that are too large are refused before any work.
    for size in [json!("20000"), json!({ "width": 5000, "height": 5000 }), json!({ "width": 0, "height": 9 })]
    {
        let order = json!({ "source": { "sky": 1 }, "size": size }).to_string();
        let answer = served.ask("POST", "/api/jobs", "", order.as_bytes());
        assert_eq!(answer.status, 400, "{size}: {}", String::from_utf8_lossy(&answer.body));
    }
    assert_eq!(served.get("/api/health").status, 200);
}

/// A black square in half floats: all of its lines are there, compressed to a thousandth.
fn exr(side: u16) -> Vec<u8> {
    const ZIP: u8 = 3;
    const LINES: usize = 16;
    let sides = i32::from(side);
    let attribute = |name: &str, kind: &str, value: &[u8]| {
        let length = value.len() as i32;
        [name.as_bytes(), b"\0", kind.as_bytes(), b"\0", &length.to_le_bytes(), value].concat()
    };
    let window: Vec<u8> = [0, 0, sides - 1, sides - 1].into_iter().flat_map(i32::to_le_bytes).collect();
    let channel = |name: u8| [&[name, 0, 1, 0, 0, 0, 0, 0, 0, 0][..], &[1, 0, 0, 0, 1, 0, 0, 0]].concat();
    let channels = [channel(b'B'), channel(b'G'), channel(b'R'), vec![0]].concat();
    let one = 1_f32.to_le_bytes();
    let header = [
        0x0131_2f76_u32.to_le_bytes().to_vec(),
        vec![2, 0, 0, 0],
        attribute("channels", "chlist", &channels),
        attribute("compression", "compression", &[ZIP]),
        attribute("dataWindow", "box2i", &window),
        attribute("displayWindow", "box2i", &window),
        attribute("lineOrder", "lineOrder", &[0]),
        attribute("pixelAspectRatio", "float", &one),
        attribute("screenWindowCenter", "v2f", &[0; 8]),
        attribute("screenWindowWidth", "float", &one),
        vec![0],
    ]
    .concat();
    // Each byte is written as its difference from the one before, and 128.
    let mut lines = vec![128; LINES * usize::from(side) * 6];
    lines[0] = 0;
    let mut zip = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zip.write_all(&lines).expect("memory");
    let lines = zip.finish().expect("memory");
    let blocks = usize::from(side).div_ceil(LINES);
    let (first, length) = (header.len() + 8 * blocks, 8 + lines.len());
    let offsets = (0..blocks).flat_map(|block| ((first + block * length) as u64).to_le_bytes());
    let mut file = header.clone();
    file.extend(offsets);
    for block in 0..blocks {
        file.extend(((block * LINES) as i32).to_le_bytes());
        file.extend((lines.len() as i32).to_le_bytes());
        file.extend(&lines);
    }
    file
}

/// Pictures that say of themselves that they are far larger than any computer, one of each format.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let side = 60_000_u16;
    let (big, little) = (side.to_be_bytes(), side.to_le_bytes());
    let wide = u32::from(side);
    let header =
        [b"IHDR".to_vec(), wide.to_be_bytes().to_vec(), wide.to_be_bytes().to_vec(), vec![8, 2, 0, 0, 0]]
            .concat();
    let mark = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    let png = [mark, header.clone(), crc32fast::hash(&header).to_be_bytes().to_vec()].concat();
    let jpeg =
        [&[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8][..], &big, &big, &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]]
            .concat();
    let gif = [b"GIF89a", &little[..], &little, &[0, 0, 0, 0x2c, 0, 0, 0, 0], &little, &little, &[0, 2, 0]]
        .concat();
    let bmp = [
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec(),
        wide.to_le_bytes().to_vec(),
        wide.to_le_bytes().to_vec(),
        b"\x01\0\x18\0".to_vec(),
        vec![0; 24],
    ];
    let qoi = [b"qoif".to_vec(), wide.to_be_bytes().to_vec(), wide.to_be_bytes().to_vec(), vec![3, 0, 0]];
    let webp = [
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec(),
        (wide - 1).to_le_bytes()[..3].to_vec(),
        (wide - 1).to_le_bytes()[..3].to_vec(),
        b"VP8L\0\0\0\0".to_vec(),
    ];
    let entry =
        |tag: u16, value: u32| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
    let tiff = [
        b"II*\0\x08\0\0\0\x07\0".to_vec(),
        entry(256, wide),
        entry(257, wide),
        entry(258, 8),
        entry(259, 1),
        entry(262, 1),
        entry(273, 8),
        entry(279, 8),
        vec![0; 4],
    ];
    let hdr = format!("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {side} +X {side}\n").into_bytes();
    let ppm = format!("P6 {side} {side} 255\n").into_bytes();
    vec![
        ("png", png),
        ("jpeg", jpeg),
        ("gif", gif),
        ("bmp", bmp.concat()),
        ("qoi", qoi.concat()),
        ("webp", webp.concat()),
        ("tiff", tiff.concat()),
        ("hdr", hdr),
        ("ppm", ppm),
        ("exr", exr(side)),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("html", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn what_is_too_large_or_too_many_is_refused() {
    let desk = Desk::new();
    let served = Served::on(&desk);
    let limit = served.get("/api/capabilities").json()["limits"]["bytes"].as_u64().expect("a limit");
    // Said to be too large, and too large without being said.
    let (host, cookie) = (served.host(), &served.cookie);
    let head =
        format!("PUT /api/pictures HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Puppyslug: 1\r\n");
    let said = served.say(&format!("{head}Content-Length: {}\r\n\r\n", limit + 1), b"");
    assert_eq!(said.status, 413);
    let order = format!("POST /api/jobs HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nX-Puppyslug: 1\r\n");
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 300_000, "x".repeat(300_000));
    let unsaid = served.say(&format!("{order}Transfer-Encoding: chunked\r\n\r\n"), chunk.as_bytes());
    assert_eq!(unsaid.status, 413);
    let long =
        served.say(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "x".repeat(100_000)), b"");
    assert!(matches!(long.status, 0 | 400 | 431), "{}", long.status);
    // The queue ends somewhere.
    served.wait_until(&served.order(&endless()), "dreaming");
    let queued = served.get("/api/capabilities").json()["limits"]["queued"].as_u64().expect("a limit");
    for _ in 0..queued {
        served.order(&endless());
    }
    assert_eq!(served.ask("POST", "/api/jobs", "", endless().to_string().as_bytes()).status, 503);
}

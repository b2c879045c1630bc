//! Films that are pictures: folders, patterns, GIF, APNG and WebP, all without ffmpeg.

use std::fs::{self, File};
use std::io::BufReader;

use image::codecs::gif::{GifDecoder, GifEncoder};
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, Delay, Frame, Rgba, RgbaImage};
use testkit::{Desk, Ran, frame_times, make_film};

use super::{COLOURS, QUICK, USUAL};

const SIZE: (u32, u32) = (48, 32);

/// A picture of a moving bar.
fn bar(number: u32) -> RgbaImage {
    RgbaImage::from_fn(SIZE.0, SIZE.1, |x, y| match (x + 40 - 5 * number) % 16 {
        0..8 => Rgba([200, (8 * y) as u8, 40, 255]),
        _ => Rgba([30, 60, (4 * x) as u8, 255]),
    })
}

/// Frames that are shown for so many milliseconds each.
fn gif(desk: &Desk, name: &str, delays: &[u32]) {
    let mut encoder = GifEncoder::new(File::create(desk.path(name)).expect("a file"));
    for (number, &delay) in (0..).zip(delays) {
        let delay = Delay::from_numer_denom_ms(delay, 1);
        encoder.encode_frame(Frame::from_parts(bar(number), 0, 0, delay)).expect("written");
    }
}

/// What each frame of an animation shows, and for how many milliseconds.
fn frames<'a>(decoder: impl AnimationDecoder<'a>) -> Vec<(RgbaImage, u32)> {
    let frames = decoder.into_frames().map(|frame| frame.expect("a frame"));
    let milliseconds = |(numerator, denominator): (u32, u32)| numerator / denominator;
    frames.map(|frame| (frame.buffer().clone(), milliseconds(frame.delay().numer_denom_ms()))).collect()
}

fn of_gif(desk: &Desk, name: &str) -> Vec<(RgbaImage, u32)> {
    frames(GifDecoder::new(BufReader::new(File::open(desk.path(name)).expect("there"))).expect("a GIF"))
}

fn of_apng(desk: &Desk, name: &str) -> Vec<(RgbaImage, u32)> {
    let decoder =
        PngDecoder::new(BufReader::new(File::open(desk.path(name)).expect("there"))).expect("a PNG");
    frames(decoder.apng().expect("animated"))
}

fn delays(frames: &[(RgbaImage, u32)]) -> Vec<u32> {
    frames.iter().map(|(_, delay)| *delay).collect()
}

/// Runs where there is no ffmpeg.
fn without_ffmpeg(desk: &Desk, arguments: &str) -> Ran {
    Ran::of(desk.command(arguments).env("PUPPYSLUG_FFMPEG", "nowhere"))
}

#[track_caller]
fn succeed(desk: &Desk, arguments: &str) -> Ran {
    let ran = without_ffmpeg(desk, arguments);
    assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
    ran
}

#[test]
fn a_folder_of_pictures_becomes_one() {
    let desk = Desk::new();
    fs::create_dir(desk.path("in")).expect("made");
    // In the order of their numbers, which is not that of their letters.
    for (number, name) in [(0, "in/f8.png"), (1, "in/f9.png"), (2, "in/f10.png")] {
        desk.save(name, bar(number));
    }
    desk.put("in/notes.txt", "no picture");
    let ran = succeed(&desk, &format!("video in -o out/ --carry 0 {QUICK}"));
    assert!(!ran.err.contains("there is no picture"), "{}", ran.err);
    succeed(&desk, &format!("video in/f%d.png -o jpg%02d.jpg --carry 0 {QUICK}"));
    for (number, name) in (1..).zip(["f8", "f9", "f10"]) {
        desk.succeed(&format!("dream in/{name}.png -o still.png {QUICK}"));
        let open = |name: &str| image::open(desk.path(name)).expect("a picture").into_rgb8();
        assert_eq!(open(&format!("out/00000{number}.png")), open("still.png"), "{name}");
        assert!(desk.path(&format!("jpg0{number}.jpg")).exists());
    }
    assert_eq!(fs::read_dir(desk.path("out")).expect("made").count(), 3);
}

#[test]
fn what_is_missing_or_mixed_has_a_name() {
    let desk = Desk::new();
    for number in [1, 2, 5] {
        desk.save(&format!("f{number}.png"), bar(number));
    }
    let ran = succeed(&desk, &format!("video f*.png -o dream.gif {QUICK}"));
    assert!(ran.err.contains("there is no picture 3 to 4"), "{}", ran.err);
    desk.paint("f6.png", 40, 30);
    let ran = without_ffmpeg(&desk, &format!("video f%d.png -o more.gif {QUICK}"));
    ran.assert_failed("mixed", 1, &["f6.png' is 40x30", "the first picture is 48x32", "3 frames"]);
    assert_eq!(of_gif(&desk, "more.gif").len(), 3, "what was dreamed is kept");
    desk.save("a%d.png", bar(1));
    desk.refuse_at_once(
        &format!("video a%d.png -o dream.gif {QUICK}"),
        1,
        &["'a%d.png' is a single picture"],
    );
}

#[test]
fn a_rate_is_kept_and_rounding_made_good() {
    let desk = Desk::new();
    for number in 0..6 {
        desk.save(&format!("f{number}.png"), bar(number));
    }
    succeed(&desk, &format!("video f%d.png --fps 30 -o dream.gif {QUICK}"));
    let frames = of_gif(&desk, "dream.gif");
    assert_eq!((delays(&frames).iter().sum::<u32>(), frames.len()), (200, 6));
    succeed(&desk, &format!("video f%d.png --fps 30000/1001 --from 1f --to 3f -o dream.png {QUICK}"));
    assert_eq!(delays(&of_apng(&desk, "dream.png")), [33, 34]);
}

#[test]
fn animations_keep_their_times() {
    let desk = Desk::new();
    gif(&desk, "film.gif", &[100, 40, 250, 70]);
    succeed(&desk, &format!("video film.gif -o dream.gif {QUICK}"));
    assert_eq!(delays(&of_gif(&desk, "dream.gif")), [100, 40, 250, 70]);
    succeed(&desk, &format!("video film.gif -o dream.png {QUICK}"));
    let dreamed = of_apng(&desk, "dream.png");
    assert_eq!(delays(&dreamed), [100, 40, 250, 70]);
    assert_eq!(dreamed[0].0.dimensions(), SIZE);
    assert_ne!(dreamed[0].0, of_gif(&desk, "film.gif")[0].0, "it is dreamed over");
    // From one animation to the next.
    succeed(&desk, &format!("video dream.png -o again.png {QUICK}"));
    assert_eq!(delays(&of_apng(&desk, "again.png")), [100, 40, 250, 70]);
    desk.succeed(&format!("video film.gif -o dream.mp4 {QUICK}"));
    assert_eq!(frame_times(&desk.path("dream.mp4")), ["0.000000", "0.100000", "0.140000", "0.390000"]);
}

#[test]
fn a_film_becomes_pictures() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    desk.succeed(&format!("video film.mp4 -o frames/f%03d.png {QUICK}"));
    assert_eq!(fs::read_dir(desk.path("frames")).expect("made").count(), 5);
    desk.succeed(&format!("video film.mp4 -o dream.gif {QUICK}"));
    assert_eq!(delays(&of_gif(&desk, "dream.gif")), [40; 5]);
}

#[test]
fn what_cannot_be_is_refused() {
    let desk = Desk::new();
    gif(&desk, "film.gif", &[100, 100]);
    gif(&desk, "single.gif", &[100]);
    desk.save("still.png", bar(0));
    fs::create_dir(desk.path("empty")).expect("made");
    fs::create_dir(desk.path("full")).expect("made");
    desk.save("full/000001.png", bar(0));
    let whole = desk.read("film.gif");
    desk.put("cut.gif", &whole[..whole.len() / 2]);
    for (arguments, code, words) in [
        ("empty -o dream.gif", 1, "there are no pictures in 'empty'"),
        ("g%d.png -o dream.gif", 1, "there are no pictures in 'g%d.png'"),
        ("no/g%d.png -o dream.gif", 1, "there is no film 'no/g%d.png'"),
        ("still.png -o dream.gif", 1, "'still.png' is a single picture"),
        ("single.gif -o dream.gif", 1, "'single.gif' is a single picture"),
        ("cut.gif -o dream.gif", 1, "the film 'cut.gif' cannot be read beyond frame"),
        ("film.gif --fps 30 -o dream.gif", 2, "'film.gif' has its own timing"),
        ("full --fps 0 -o dream.gif", 2, "'0' is not a frame rate"),
        ("film.gif -o dream.gif --crf 20", 2, "'dream.gif' is not encoded by ffmpeg"),
        ("film.gif -o full/", 1, "already holds 'full/000001.png'"),
        ("film.gif -o f%d.txt", 2, "f1.txt"),
        ("film.gif -o film.gif", 2, "is the input 'film.gif'"),
    ] {
        let ran = without_ffmpeg(&desk, &format!("video {arguments} {QUICK}"));
        ran.assert_failed(arguments, code, &[words]);
    }
}

//! What a film keeps of its source, and what it says where it cannot.

use testkit::{Desk, frame_times, frames_of, make_film, probe_film, turn_film};

use super::{COLOURS, QUICK, TONE, USUAL, packets};

/// What leaves every frame as it is.
const IDLE: &str = "--device cpu --octaves 1 --iterations 1 --layer conv1/7x7_s2 --strength 0";

#[test]
fn sound_and_subtitles_are_copied_or_it_is_said_what_becomes_of_them() {
    let desk = Desk::new();
    desk.put("words.srt", "1\n00:00:00,000 --> 00:00:00,100\nA dog in the clouds.\n");
    let words = format!("-i {}", desk.path("words.srt").display());
    let streams = "-map 0 -map 1 -map 2 -metadata title=Clouds -metadata:s:a:0 language=nld";
    let sources = format!("{COLOURS} {TONE} {words} {streams}");
    make_film(
        &format!("{sources} -c:v libx264 -colorspace bt709 -c:a pcm_u8 -c:s srt"),
        desk.path("film.mkv"),
    );
    let ran = desk.succeed(&format!("video film.mkv -o dream.mkv {QUICK}"));
    assert_eq!(ran.err, "dream.mkv\n");
    for kind in ["a", "s"] {
        assert_eq!(packets(&desk, "dream.mkv", kind), packets(&desk, "film.mkv", kind), "{kind}");
    }
    let tags = "-show_entries format_tags=title:stream_tags=language";
    assert_eq!(probe_film(&desk.path("dream.mkv"), tags), probe_film(&desk.path("film.mkv"), tags));
    let ran = desk.succeed(&format!("video film.mkv -o dream.mp4 {QUICK}"));
    for words in ["sound, stream 1 (pcm_u8), becomes aac", "subtitles, stream 2 (subrip), becomes mov_text"] {
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let codecs = probe_film(&desk.path("dream.mp4"), "-show_entries stream=codec_name");
    assert_eq!(codecs, ["h264", "aac", "mov_text"]);
    desk.succeed(&format!("video film.mkv -o dream.mp4 --audio none {QUICK}"));
    let codecs = probe_film(&desk.path("dream.mp4"), "-show_entries stream=codec_name");
    assert_eq!(codecs, ["h264", "mov_text"]);
}

#[test]
fn every_codec_is_written_where_it_can_be() {
    let desk = Desk::new();
    let colours = COLOURS.replace("64x48", "96x64"); // less is too little for some
    make_film(&format!("{colours} {TONE} {USUAL}"), desk.path("film.mp4"));
    for (codec, out) in [
        ("h264", "dream.mov"),
        ("hevc", "dream.mp4"),
        ("av1", "dream.mkv"),
        ("vp9", "dream.webm"),
        ("prores", "dream.mov"),
        ("ffv1", "dream.mkv"),
    ] {
        desk.succeed(&format!("video film.mp4 -o {out} --codec {codec} {QUICK}"));
        let video = "-select_streams v -show_entries stream=codec_name";
        assert_eq!(probe_film(&desk.path(out), video), [codec]);
        assert_eq!(frame_times(&desk.path(out)).len(), 5, "{codec}");
    }
    desk.refuse_at_once(
        &format!("video film.mp4 --codec xvid {QUICK}"),
        2,
        &["'xvid' is not a codec", "h264, hevc"],
    );
    desk.refuse_at_once(&format!("video film.mp4 --codec vp9 -o a.mov {QUICK}"), 2, &["cannot hold vp9"]);
    desk.refuse_at_once(&format!("video film.mp4 --crf 64 {QUICK}"), 2, &["64 is not in 0..=63"]);
    desk.refuse_at_once(&format!("video film.mp4 --crf 52 {QUICK}"), 2, &["accepted: 0 to 51"]);
}

#[test]
fn a_part_begins_at_zero_and_has_the_sound_of_it() {
    let desk = Desk::new();
    make_film(
        &format!(
            "-f lavfi -i testsrc2=size=32x32:rate=25:duration=2 -f lavfi -i sine=duration=2 {USUAL} -g 10"
        ),
        desk.path("film.mp4"),
    );
    for (part, frames) in
        [("--from 1 --to 1.4", 10), ("--from 25f --to 35f", 10), ("--from 0:01", 25), ("--to 10f", 10)]
    {
        desk.succeed(&format!("video film.mp4 -o dream.mp4 {part} {IDLE}"));
        let times = frame_times(&desk.path("dream.mp4"));
        assert_eq!((times.len(), &times[0][..]), (frames, "0.000000"), "{part}");
        let ends = probe_film(&desk.path("dream.mp4"), "-show_entries stream=duration");
        for end in ends {
            let seconds: f64 = end.parse().expect("seconds");
            assert!((seconds - frames as f64 / 25.0).abs() < 0.06, "{part}: {seconds}");
        }
    }
    desk.refuse(
        &format!("video film.mp4 --from 9 {IDLE}"),
        1,
        &["no frame in 'film.mp4', or none in that part"],
    );
    desk.refuse_at_once(&format!("video film.mp4 --from soon {IDLE}"), 2, &["'soon' is not a time", "2250f"]);
}

/// Side of a patch of plain colour, in pixels.
const PATCH: usize = 32;
/// How far the usual codec carries a colour over the border of a patch, at most: half a block.
const BORDER: usize = 8;

/// Samples of the patches that lie side by side in a frame, without a border, each with the number of its patch and
/// the place of its primary.
fn samples(frame: &[u8], patches: usize, border: usize) -> impl Iterator<Item = (usize, usize, u8)> {
    let pixels = frame.chunks(3).enumerate().map(move |(at, pixel)| (at % (PATCH * patches), pixel));
    let inner = pixels.filter(move |(column, _)| (border..PATCH - border).contains(&(column % PATCH)));
    inner.flat_map(|(column, pixel)| (0..3).map(move |primary| (column / PATCH, primary, pixel[primary])))
}

/// Plain patches in three codings: what was red, green and blue is so again, to two levels.
#[test]
fn colours_come_back() {
    let desk = Desk::new();
    let colours: [[u8; 3]; 4] = [[200, 50, 20], [20, 180, 60], [30, 40, 220], [128, 128, 128]];
    let patch = |[red, green, blue]: [u8; 3]| {
        format!(
            "-f lavfi -i color=c=0x{red:02x}{green:02x}{blue:02x}:size={PATCH}x{PATCH}:rate=25:duration=0.04,format=gbrp"
        )
    };
    let patches = colours.map(patch).join(" ");
    let farthest = |frame: &[u8], border| {
        let apart = samples(frame, colours.len(), border)
            .map(|(patch, primary, found)| found.abs_diff(colours[patch][primary]));
        apart.max().expect("pixels")
    };
    for (matrix, range) in [("bt709", "tv"), ("smpte170m", "tv"), ("bt709", "pc"), ("bt2020nc", "tv")] {
        let scaler = if matrix == "bt2020nc" { "bt2020" } else { matrix };
        make_film(
            &format!(
                "{patches} -filter_complex hstack={},scale=out_color_matrix={scaler}:out_range={range},format=yuv444p \
                 -colorspace {matrix} -color_range {range} -c:v ffv1",
                colours.len()
            ),
            desk.path("film.mkv"),
        );
        desk.succeed(&format!("video film.mkv -o dream.mkv --codec ffv1 {IDLE}"));
        let apart = farthest(&frames_of(&desk.path("dream.mkv"), ""), 0);
        assert!(apart <= 2, "{matrix} {range}: {apart}");
        // Through the usual codec the notes say what it was coded by.
        desk.succeed(&format!("video film.mkv -o dream.mp4 {IDLE}"));
        let notes = probe_film(&desk.path("dream.mp4"), "-show_entries stream=color_range,color_space");
        assert_eq!(notes, [format!("tv,{matrix}")]);
        let found =
            frames_of(&desk.path("dream.mp4"), &format!("scale=in_color_matrix={scaler}:in_range=tv"));
        let apart = farthest(&found, BORDER);
        assert!(apart <= 4, "{matrix} {range}: {apart}");
        // Taken for the other range, they are other colours.
        let wrong =
            frames_of(&desk.path("dream.mp4"), &format!("scale=in_color_matrix={scaler}:in_range=pc"));
        assert!(farthest(&wrong, BORDER) > 4, "{matrix} {range}");
    }
}

#[test]
fn shapes_stay_as_they_are_seen() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} -vf setsar=16/15 {USUAL}"), desk.path("wide.mp4"));
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("plain.mp4"));
    turn_film(&desk.path("plain.mp4"), &desk.path("turned.mp4"));
    make_film(
        "-f lavfi -i testsrc=size=33x47:rate=25:duration=0.2 -c:v libx264 -pix_fmt yuv444p",
        desk.path("odd.mp4"),
    );
    let shape = "-select_streams v -show_entries stream=width,height,sample_aspect_ratio";
    for (name, expected) in [("wide", "64,48,16:15"), ("turned", "48,64,1:1"), ("odd", "34,48,1:1")] {
        desk.succeed(&format!("video {name}.mp4 {IDLE}"));
        assert_eq!(probe_film(&desk.path(&format!("{name}-dream.mp4")), shape), [expected], "{name}");
    }
    desk.succeed(&format!("video plain.mp4 --size 32 {QUICK}"));
    assert_eq!(probe_film(&desk.path("plain-dream.mp4"), shape), ["32,24,1:1"]);
    let turned = probe_film(&desk.path("turned-dream.mp4"), "-show_entries stream_side_data=rotation");
    assert!(turned.is_empty(), "upright pixels, and no note to turn them: {turned:?}");
}

#[test]
fn ten_bits_stay_ten_bits() {
    let desk = Desk::new();
    make_film(
        "-f lavfi -i testsrc2=size=32x32:rate=25:duration=0.08 -vf format=yuv420p10le -c:v libx264 -colorspace bt709",
        desk.path("film.mp4"),
    );
    desk.succeed(&format!("video film.mp4 {IDLE}"));
    let pixels = probe_film(&desk.path("film-dream.mp4"), "-show_entries stream=pix_fmt");
    assert_eq!(pixels, ["yuv420p10le"]);
}

#[test]
fn the_recipe_is_the_comment_and_makes_the_same_film_again() {
    let desk = Desk::new();
    make_film(
        &format!("{COLOURS} {USUAL} -metadata title=Clouds -metadata comment=mine"),
        desk.path("film.mp4"),
    );
    for out in ["dream.mp4", "dream.mkv"] {
        let dream = "--step 3 --seed 5 --carry 0.5 --per-frame 1";
        desk.succeed(&format!("video film.mp4 -o {out} {QUICK} {dream}"));
        desk.succeed(&format!("video film.mp4 -o again.mp4 --recipe {out} --device cpu"));
        desk.succeed(&format!("video film.mp4 -o other.mp4 --recipe {out} --device cpu --carry 0.9"));
        let frames = |name: &str| frames_of(&desk.path(name), "");
        assert_eq!(frames("again.mp4"), frames(out), "{out}");
        assert_ne!(frames("other.mp4"), frames(out), "{out}");
        let title = probe_film(&desk.path(out), "-show_entries format_tags=title");
        assert_eq!(title, ["Clouds"], "{out}");
    }
    let ran =
        desk.refuse("dream cat.png --recipe film.mp4 --device cpu", 1, &["'film.mp4' carries no recipe"]);
    assert_eq!(ran.err.lines().count(), 1);
}

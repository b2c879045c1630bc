//! Files that are no films, and places where no film can go.

use std::fs;

use testkit::{Desk, frame_times, make_film};

use super::{COLOURS, QUICK, TONE, USUAL};

#[test]
fn what_is_no_film_is_refused_in_one_line() {
    let desk = Desk::new();
    make_film(&format!("{TONE} -c:a aac"), desk.path("sound.mp4"));
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    make_film(&format!("{COLOURS} {USUAL} -color_trc smpte2084"), desk.path("hdr.mp4"));
    desk.put("text.mp4", "Dear diary, today I saw a dog in the clouds.");
    desk.put("text.txt", desk.read("text.mp4"));
    desk.put("empty.mp4", "");
    let film = desk.read("film.mp4");
    desk.put("cut.mp4", &film[..film.len() / 2]);
    fs::create_dir(desk.path("folder.mp4")).expect("made");
    for (name, words) in [
        ("gone.mp4", "there is no film 'gone.mp4'"),
        ("sound.mp4", "'sound.mp4' has no moving pictures: it holds sound"),
        ("hdr.mp4", "'hdr.mp4' is in HDR (PQ)"),
        ("text.mp4", "cannot read the film 'text.mp4'"),
        ("text.txt", "cannot read the film 'text.txt': it is in another format; accepted: MP4, MOV"),
        ("cat.png", "'cat.png' is a single picture, not a film. `puppyslug dream` dreams over it"),
        ("empty.mp4", "cannot read the film 'empty.mp4'"),
        ("cut.mp4", "cannot read the film 'cut.mp4'"),
        ("folder.mp4", "there are no pictures in 'folder.mp4'"),
        ("http://127.0.0.1/film.mp4", "there is no film 'http://127.0.0.1/film.mp4'"),
    ] {
        desk.refuse_at_once(&format!("video {name} -o dream.mp4 {QUICK}"), 1, &[words]);
    }
    let words = ["'film.mp4' is not a picture in a known format", "`puppyslug video` dreams over films"];
    desk.refuse_at_once("dream film.mp4 --device cpu", 1, &words);
    if cfg!(target_os = "linux") {
        let device = format!("video /dev/zero -o dream.mp4 {QUICK}");
        desk.refuse_at_once(&device, 1, &["'/dev/zero' is not a film: it is a device or a pipe"]);
    }
}

/// A playlist would have other files opened.
#[test]
fn playlists_are_not_followed() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    make_film(&format!("{COLOURS} {USUAL} -f mpegts"), desk.path("part.ts"));
    desk.put("hls.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npart.ts\n#EXT-X-ENDLIST\n");
    desk.put("concat.mp4", "ffconcat version 1.0\nfile film.mp4\n");
    for name in ["hls.mp4", "concat.mp4"] {
        let words = [&format!("cannot read the film '{name}'")[..], "accepted: MP4"];
        desk.refuse_at_once(&format!("video {name} -o dream.mp4 {QUICK}"), 1, &words);
    }
}

#[test]
fn places_for_no_film_are_refused() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    for out in ["dream", "dream.mp3", "dream.jpg", ".mp4"] {
        let words = [".mp4, .mov, .mkv", "or in a slash for a folder of pictures", out];
        desk.refuse_at_once(&format!("video film.mp4 -o {out} {QUICK}"), 2, &words);
    }
    let frames = desk.path("frames/%d.png");
    fs::create_dir(desk.path("frames")).expect("made");
    make_film(&format!("-i {}", desk.path("film.mp4").display()), frames);
    for out in ["frames", "./frames/"] {
        let words = [&format!("the output '{out}' is the input 'frames'")[..]];
        desk.refuse_at_once(&format!("video frames -o {out} {QUICK}"), 2, &words);
    }
    desk.refuse_at_once(&format!("video film.mp4 -o no/dream.mp4 {QUICK}"), 1, &["there is no folder 'no'"]);
}

#[test]
fn without_ffmpeg_there_is_a_line_that_says_so() {
    let desk = Desk::new();
    desk.put("film.mp4", "not looked at");
    let arguments = format!("video film.mp4 {QUICK}");
    let with = |variable: &str, value: &str| testkit::Ran::of(desk.command(&arguments).env(variable, value));
    let ran = with("PATH", "");
    ran.assert_failed("no path", 1, &["cannot start 'ffmpeg'", "ffmpeg 5.1", "PUPPYSLUG_FFMPEG"]);
    let ran = with("PUPPYSLUG_FFMPEG", "nowhere");
    ran.assert_failed("nowhere", 1, &["cannot start 'nowhere'", "Install an ordinary build of ffmpeg"]);
}

#[cfg(unix)]
#[test]
fn an_old_ffmpeg_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.put("film.mp4", "not looked at");
    for (said, words) in [
        (
            "ffmpeg version 4.4.2 Copyright\nlibavcodec     58.134.100 / 58.134.100",
            "is ffmpeg 4.4.2, which is too old",
        ),
        ("a program of another kind", "is not ffmpeg"),
    ] {
        desk.put("old/ffmpeg", format!("#!/bin/sh\necho '{said}'\n"));
        fs::set_permissions(desk.path("old/ffmpeg"), fs::Permissions::from_mode(0o755)).expect("mine");
        let ran =
            testkit::Ran::of(desk.command(&format!("video film.mp4 {QUICK}")).env("PUPPYSLUG_FFMPEG", "old"));
        ran.assert_failed("old", 1, &[words, "ffmpeg 5.1 or newer"]);
    }
}

#[test]
fn of_a_film_that_ends_early_there_is_what_there_was_and_it_is_said() {
    let desk = Desk::new();
    let colours = COLOURS.replace("0.2", "2");
    make_film(&format!("{colours} {USUAL} -g 10"), desk.path("film.mkv"));
    let film = desk.read("film.mkv");
    desk.put("cut.mkv", &film[..film.len() / 2]);
    let ran = desk.succeed(&format!("video cut.mkv {QUICK}"));
    let frames = frame_times(&desk.path("cut-dream.mp4")).len();
    assert!(0 < frames && frames < 50, "{frames}");
    let said = format!("; {frames} frames were read\n");
    assert!(ran.err.starts_with("'cut.mkv': ") && ran.err.contains(&said), "{}", ran.err);
}

#[test]
fn a_size_that_changes_ends_the_film_and_keeps_what_was_before() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL} -f mpegts"), desk.path("a.ts"));
    make_film(&format!("{} {USUAL} -f mpegts", COLOURS.replace("64x48", "96x64")), desk.path("b.ts"));
    desk.put("film.ts", [desk.read("a.ts"), desk.read("b.ts")].concat());
    let said = ["the size of the pictures changes", "frames dreamed by then are in film-dream.mp4"];
    desk.fail(&format!("video film.ts {QUICK}"), 1, &said);
    assert!(frame_times(&desk.path("film-dream.mp4")).len() <= 5);
}

/// Headers that say what cannot be: one line each, or a film nonetheless.
#[test]
fn numbers_that_cannot_be_are_refused_or_not_needed() {
    let desk = Desk::new();
    let wide = COLOURS.replace("64x48", "70000x2");
    make_film(&format!("{wide} -frames:v 1 -c:v ffv1 -pix_fmt bgr0"), desk.path("wide.mkv"));
    let words = ["'wide.mkv' cannot be dreamed over", "70000x2 is too large"];
    desk.refuse_at_once(&format!("video wide.mkv {QUICK}"), 1, &words);
    make_film(&format!("{TONE} -c:a flac"), desk.path("sound.mkv"));
    desk.refuse_at_once(&format!("video sound.mkv {QUICK}"), 1, &["no moving pictures: it holds sound"]);

    // A side that H.264 has no level for.
    let long = COLOURS.replace("64x48", "16400x16");
    make_film(&format!("{long} -frames:v 1 -c:v ffv1 -pix_fmt bgr0"), desk.path("long.mkv"));
    let words = ["h264 cannot encode frames of 16400x16: "];
    desk.refuse_at_once(&format!("video long.mkv {QUICK}"), 1, &words);

    // A clock that does not tick.
    make_film(&format!("{COLOURS} {USUAL} -colorspace bt709"), desk.path("film.mp4"));
    let mut film = desk.read("film.mp4");
    let scale = place_behind(&film, b"mdhd") + 12;
    film[scale..scale + 4].fill(0);
    desk.put("clock.mp4", film);
    desk.refuse_at_once(&format!("video clock.mp4 {QUICK}"), 1, &["'clock.mp4'"]);

    // No frames a second: the frames are there all the same.
    make_film(&format!("{COLOURS} -c:v mpeg4"), desk.path("film.avi"));
    let mut film = desk.read("film.avi");
    let rate = place_behind(&film, b"strh") + 24;
    film[rate..rate + 8].fill(0);
    desk.put("rate.avi", film);
    desk.succeed(&format!("video rate.avi {QUICK}"));
    assert_eq!(frame_times(&desk.path("rate-dream.mp4")).len(), 5);
}

/// Where a file goes on behind a name that it has once at least.
fn place_behind(file: &[u8], name: &[u8]) -> usize {
    let found = file.windows(name.len()).position(|window| window == name);
    found.expect("it has the name") + name.len()
}

#[cfg(unix)]
#[test]
fn an_ffmpeg_without_the_encoder_is_refused_before_any_work() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    let ran = super::without_parts(&desk, "encoder", &format!("video film.mp4 {QUICK}"));
    let words =
        ["built without libx264, which encodes H.264", "Install an ordinary build of ffmpeg 5.1 or newer"];
    ran.assert_failed("x264", 1, &words);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(!desk.path("film-dream.mp4").exists());
}

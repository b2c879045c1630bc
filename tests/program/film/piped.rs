//! Films through pipes, as NUT.

use testkit::{Desk, Ran, frame_times, frames_of, headers_of, make_film, probe_film};

use super::{COLOURS, QUICK, TONE, USUAL};

/// Raw pictures, as another program would send them.
fn nut(desk: &Desk, sources: &str, pixels: &str) -> Vec<u8> {
    make_film(&format!("{sources} -c:v rawvideo -pix_fmt {pixels} -f nut"), desk.path("sent.nut"));
    desk.read("sent.nut")
}

#[track_caller]
fn succeed(desk: &Desk, arguments: &str, input: &[u8]) -> Ran {
    let ran = desk.feed(arguments, input);
    assert_eq!(ran.code, Some(0), "{arguments}: {}", ran.err);
    ran
}

/// What comes through pipes is what lies in files, to the bit and to the tick; without ffmpeg.
#[test]
fn a_film_goes_through_pipes() {
    let desk = Desk::new();
    for (pixels, kept) in [("rgb24", "bgr0"), ("rgb48le", "gbrp16le")] {
        make_film(&format!("{COLOURS} -c:v ffv1 -pix_fmt {kept}"), desk.path("film.mkv"));
        desk.succeed(&format!("video film.mkv -o dream.mkv --codec ffv1 {QUICK}"));
        let sent = nut(&desk, &format!("-i {}", desk.path("film.mkv").display()), pixels);
        let mut command = desk.command(&format!("video - -o - {QUICK}"));
        command.env("PUPPYSLUG_FFMPEG", "nowhere");
        let ran = Ran::fed(&mut command, &sent);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{pixels}");
        desk.put("out.nut", &ran.out);
        assert_eq!(frames_of(&desk.path("out.nut"), ""), frames_of(&desk.path("dream.mkv"), ""), "{pixels}");
        assert_eq!(frame_times(&desk.path("out.nut")), frame_times(&desk.path("dream.mkv")), "{pixels}");
        let found = probe_film(&desk.path("out.nut"), "-show_entries stream=pix_fmt");
        assert_eq!(found, [pixels]);
    }
}

#[test]
fn of_a_pipe_the_pictures_are_read_and_the_rest_is_named() {
    let desk = Desk::new();
    let sent = nut(&desk, &format!("{TONE} {COLOURS} -c:a pcm_s16le"), "rgb24");
    let ran = succeed(&desk, &format!("video - {QUICK}"), &sent);
    assert!(ran.err.starts_with("'stdin': its other stream is left out"), "{}", ran.err);
    assert!(ran.err.ends_with("stdin-dream.mp4\n"), "{}", ran.err);
    assert_eq!(frame_times(&desk.path("stdin-dream.mp4")).len(), 5);
    let ran = succeed(&desk, &format!("video - -o - --from 1f --to 0.12 {QUICK}"), &sent);
    desk.put("out.nut", &ran.out);
    assert_eq!(frame_times(&desk.path("out.nut")), ["0.000000", "0.040000"]);
}

#[test]
fn a_film_in_a_file_goes_into_a_pipe() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {TONE} {USUAL}"), desk.path("film.mp4"));
    let ran = desk.succeed(&format!("video film.mp4 -o - {QUICK}"));
    desk.put("out.nut", &ran.out);
    assert_eq!(frame_times(&desk.path("out.nut")), frame_times(&desk.path("film.mp4")));
}

/// With `--drop late` the last frame always comes, and no frame comes twice.
#[test]
fn what_is_late_may_be_dropped() {
    let desk = Desk::new();
    let sent = nut(&desk, &COLOURS.replace("0.2", "4"), "rgb24");
    let ran = succeed(&desk, &format!("video - -o - --drop late {QUICK}"), &sent);
    desk.put("out.nut", &ran.out);
    let times = frame_times(&desk.path("out.nut"));
    assert!(times.is_sorted_by(|a, b| a.parse::<f64>().ok() < b.parse().ok()), "{times:?}");
    assert_eq!(times.last().map(String::as_str), Some("3.960000"));
}

/// What is encoded, or not in RGB, is what the file is that it comes from, and ffmpeg decodes it.
#[test]
fn what_ffmpeg_decodes_comes_through_a_pipe_too() {
    let desk = Desk::new();
    let send = |film: &str, how: &str| {
        make_film(&format!("-i {} {how} -f nut", desk.path(film).display()), desk.path("sent.nut"));
        desk.read("sent.nut")
    };
    make_film(&format!("{COLOURS} {TONE} {USUAL}"), desk.path("film.mp4"));
    let dream = format!("--codec ffv1 {QUICK}");
    desk.succeed(&format!("video film.mp4 -o film.mkv {dream}"));
    let sent = send("film.mp4", "-c copy");
    let ran = succeed(&desk, &format!("video - -o sent.mkv {dream}"), &sent);
    let left = "'stdin': its other stream is left out: only the pictures of a pipe are read\n";
    assert_eq!(ran.err, format!("{left}sent.mkv\n"));
    assert_eq!(frames_of(&desk.path("sent.mkv"), ""), frames_of(&desk.path("film.mkv"), ""));
    // To the thousandth, of which Matroska has no parts.
    let times = |name: &str| -> Vec<f64> {
        frame_times(&desk.path(name)).iter().map(|time| time.parse().expect("seconds")).collect()
    };
    let apart =
        times("sent.mkv").iter().zip(times("sent.nut")).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(times("sent.mkv").len() == 5 && apart < 0.0006, "{apart}");

    let sent = send("film.mp4", "-an -c:v rawvideo");
    let ran = succeed(&desk, &format!("video - -o - --from 1f --to 3f {QUICK}"), &sent);
    assert_eq!(ran.err, "'stdin': its colours are not specified, and are taken for BT.601\n");
    desk.put("out.nut", &ran.out);
    assert_eq!(frame_times(&desk.path("out.nut")), ["0.000000", "0.040000"]);
    let mut command = desk.command(&format!("video - -o - {QUICK}"));
    let ran = Ran::fed(command.env("PUPPYSLUG_FFMPEG", "nowhere"), &sent);
    let send_raw = "`ffmpeg -i FILM -f nut -c:v rawvideo -pix_fmt rgb24 -` sends that";
    ran.assert_failed("without ffmpeg", 1, &["its pictures are 'I420'", send_raw]);

    // To ffmpeg it is no error that the second half is missing.
    let sent = send("film.mp4", "-an -c:v mpeg4 -g 1");
    let ran = succeed(&desk, &format!("video - -o half.mkv {dream}"), &sent[..sent.len() / 2]);
    let frames = frame_times(&desk.path("half.mkv")).len();
    let said = format!("; {frames} frames were read\n");
    assert!(frames < 5 && ran.err.contains("'stdin': ") && ran.err.contains(&said), "{}", ran.err);

    let hdr = "-pix_fmt yuv420p10le -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084";
    let bright = "-c:v libx265 -x265-params log-level=error:max-cll=1000,400";
    make_film(&format!("{COLOURS} {hdr} {bright}"), desk.path("hdr.mp4"));
    let sent = send("hdr.mp4", "-c copy");
    desk.feed(&format!("video - {QUICK}"), &sent).assert_failed("HDR", 1, &["'stdin' is in HDR (PQ)"]);
    let ran = succeed(&desk, &format!("video - -o hdr.mkv --hdr keep {QUICK}"), &sent);
    assert!(ran.err.contains("its HDR (PQ) stays as it is coded"), "{}", ran.err);
    let fields = headers_of(&desk.path("hdr.mkv"));
    assert!(fields.iter().any(|field| field == "max_content_light_level = 1000"), "{fields:?}");
}

#[test]
fn what_is_no_film_from_a_pipe_is_refused() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    let refused = |arguments: &str, input: &[u8], code, words: &[&str]| {
        desk.feed(&format!("video {arguments} {QUICK}"), input).assert_failed(arguments, code, words);
    };
    let send = "`ffmpeg -i FILM -f nut -c:v rawvideo -pix_fmt rgb24 -` sends that";
    refused("-", &desk.read("film.mp4"), 1, &["from 'stdin': this is not NUT", send]);
    refused("-", b"", 1, &["from 'stdin': nothing comes", send]);
    let sent = nut(&desk, COLOURS, "rgb24");
    refused("- --fps 25", &sent, 2, &["'stdin' has its own timing"]);
    refused("- -o - --crf 20", &sent, 2, &["'stdout' is not encoded by ffmpeg"]);
    refused("film.mp4 --drop late", b"", 2, &["--drop is for a film from stdin"]);
    // What was dreamed of a film that ends in the middle is kept.
    refused("- -o cut.mp4", &sent[..sent.len() - 100], 1, &["the 4 frames dreamed by then are in cut.mp4"]);
    assert_eq!(frame_times(&desk.path("cut.mp4")).len(), 4);
}

//! Films: every frame dreamed, at its time, with the sound. They need ffmpeg, and fail where there is none.

mod carried;
mod kept;
mod light;
mod masks;
mod pictures;
mod piped;
mod refused;
mod segments;
#[cfg(unix)]
mod stopped;
mod times;

use std::fs;

use testkit::{Desk, frame_times, frames_of, make_film, probe_film};

/// What makes a dream quick.
const QUICK: &str = "--device cpu --octaves 1 --iterations 1 --layer conv2/3x3";

/// Five frames of moving colours, and a tone.
const COLOURS: &str = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.2";
const TONE: &str = "-f lavfi -i sine=frequency=440:duration=0.2";
const USUAL: &str = "-c:v libx264 -crf 10 -pix_fmt yuv420p -colorspace bt709 -c:a aac -shortest";

/// The packets of all sound, or of all subtitles, as they lie in the file.
fn packets(desk: &Desk, name: &str, streams: &str) -> Vec<String> {
    let entries = "-show_entries packet=pts_time,size,data_hash -show_data_hash md5";
    probe_film(&desk.path(name), &format!("-select_streams {streams} {entries}"))
}

/// Runs with an ffmpeg that says of its parts of this kind that it has none.
#[cfg(unix)]
fn without_parts(desk: &Desk, kind: &str, arguments: &str) -> testkit::Ran {
    use std::os::unix::fs::PermissionsExt;
    let poor = format!("case \"$*\" in *{kind}=*) echo none; exit;; esac");
    for (name, first) in [("ffmpeg", poor.as_str()), ("ffprobe", "")] {
        let name_there = format!("poor/{name}");
        desk.put(&name_there, format!("#!/bin/sh\n{first}\nexec {name} \"$@\"\n"));
        fs::set_permissions(desk.path(&name_there), fs::Permissions::from_mode(0o755)).expect("mine");
    }
    testkit::Ran::of(desk.command(arguments).env("PUPPYSLUG_FFMPEG", "poor"))
}

#[test]
fn a_film_becomes_a_film_with_its_sound() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {TONE} {USUAL}"), desk.path("film.mp4"));
    let before = desk.files();
    let ran = desk.succeed(&format!("video film.mp4 {QUICK}"));
    assert!(ran.out.is_empty() && ran.err.ends_with("film-dream.mp4\n"), "{}", ran.err);
    let made: Vec<String> = desk.files().difference(&before).cloned().collect();
    assert_eq!(made, ["film-dream.mp4"], "and nothing beside it");
    assert_eq!(frame_times(&desk.path("film-dream.mp4")), frame_times(&desk.path("film.mp4")));
    assert_eq!(packets(&desk, "film-dream.mp4", "a"), packets(&desk, "film.mp4", "a"));
    assert!(!packets(&desk, "film.mp4", "a").is_empty());
}

/// Before it is encoded, a frame of a film in which nothing is carried is the dream of that frame, bit for bit.
#[test]
fn frames_alone_are_dreams_of_themselves() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} -c:v ffv1 -pix_fmt bgr0"), desk.path("film.mkv"));
    let dream = "--device cpu --octaves 2 --iterations 2 --layer conv2/3x3";
    desk.succeed(&format!("video film.mkv -o dream.mkv --codec ffv1 --carry 0 {dream}"));
    let (before, after) = (frames_of(&desk.path("film.mkv"), ""), frames_of(&desk.path("dream.mkv"), ""));
    let length = 3 * 64 * 48;
    assert_eq!((before.len(), after.len()), (5 * length, 5 * length));
    for (number, (before, after)) in before.chunks(length).zip(after.chunks(length)).enumerate() {
        let frame = image::RgbImage::from_raw(64, 48, before.to_vec()).expect("its size");
        desk.save("frame.png", frame);
        desk.succeed(&format!("dream frame.png -o still.png {dream}"));
        let still = image::open(desk.path("still.png")).expect("a dream").into_rgb8();
        assert!(still.as_raw()[..] == *after, "frame {number}");
        assert_ne!(before, after, "frame {number}");
    }
}

#[test]
fn what_was_there_is_replaced_whole_or_not_at_all() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    desk.put("film-dream.mp4", "something old");
    desk.refuse_at_once("video film.mp4 --device cpu --layer nowhere", 2, &["nowhere"]);
    assert_eq!(desk.read("film-dream.mp4"), b"something old");
    desk.succeed(&format!("video film.mp4 {QUICK}"));
    assert_eq!(frame_times(&desk.path("film-dream.mp4")).len(), 5);
    desk.refuse_at_once(&format!("video film.mp4 -o ./film.mp4 {QUICK}"), 2, &["is the input 'film.mp4'"]);
}

#[test]
fn names_are_names_whatever_stands_in_them() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    for name in ["a b.mp4", "-v.mp4", "a:b.mp4", "%03d.mp4", "a\nb.mp4", "a'b\".mp4", "http:x.mp4"] {
        fs::copy(desk.path("film.mp4"), desk.path(name)).expect("copied");
        let mut command = desk.command(&format!("video {QUICK} --"));
        let ran = testkit::Ran::of(command.arg(name));
        assert_eq!(ran.code, Some(0), "{name:?}: {}", ran.err);
        let out = name.replace(".mp4", "-dream.mp4");
        assert_eq!(frame_times(&desk.path(&out)).len(), 5, "{name:?}");
    }
}

/// Ctrl-C leaves a film that plays up to there, and beside it what the rest needs.
#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_dreamed() {
    use std::process::{Command, Stdio};
    let desk = Desk::new();
    let long = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=40 -f lavfi -i sine=duration=40";
    make_film(&format!("{long} -c:v libx264 -preset ultrafast -c:a aac"), desk.path("film.mp4"));
    let before = desk.files();
    let mut child = desk
        .command(&format!("video film.mp4 -v --cuts 2f {QUICK}"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    wait_for_line(&mut child, "cut:     2f");
    let kill = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status();
    assert!(kill.expect("a shell").success());
    let ran = testkit::Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, Some(1));
    let made: Vec<String> = desk.files().difference(&before).cloned().collect();
    assert!(made.contains(&"film-dream.mp4".to_owned()), "{made:?}");
    let beside = made.iter().filter(|name| !name.starts_with("film-dream.mp4.part/")).count();
    assert!(beside == 1 && made.contains(&"film-dream.mp4.part/film.json".to_owned()), "{made:?}");
    let frames = frame_times(&desk.path("film-dream.mp4")).len();
    assert!((2..1000).contains(&frames), "{frames}");
    let said = format!(
        "error: stopped by Ctrl-C; the {frames} frames dreamed by then are in film-dream.mp4; \
         `puppyslug resume film-dream.mp4` continues it\n"
    );
    assert_eq!(ran.err, said);
    for end in probe_film(&desk.path("film-dream.mp4"), "-show_entries stream=duration") {
        let seconds: f64 = end.parse().expect("seconds");
        assert!((seconds - frames as f64 / 25.0).abs() < 0.1, "{seconds} of {frames} frames");
    }
}

/// Reads what a program says, a byte at a time so that nothing is lost, until a line begins so.
#[cfg(unix)]
fn wait_for_line(child: &mut std::process::Child, start: &str) {
    use std::io::Read;
    let talk = child.stderr.as_mut().expect("a pipe");
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        assert_ne!(talk.read(&mut byte).expect("it talks"), 0, "it ended before it began");
        line.push(byte[0]);
        if byte[0] == b'\n' {
            if line.starts_with(start.as_bytes()) {
                return;
            }
            line.clear();
        }
    }
}

/// What a dry run says holds for the film, and nothing is written.
#[test]
fn a_dry_run_looks_and_leaves_nothing() {
    let desk = Desk::new();
    let shots = "-f lavfi -i color=red:size=64x48:rate=25:duration=0.2,geq=r='X*4':g='Y*5':b=40 \
                 -f lavfi -i testsrc2=size=64x48:rate=25:duration=0.2 -filter_complex [0][1]concat";
    make_film(&format!("{shots} -c:v libx264 -crf 10 -pix_fmt yuv420p"), desk.path("film.mp4"));
    let before = desk.files();
    for out in ["dream.mp4", "dream/", "dream.gif"] {
        let said = desk.answer(&format!("video film.mp4 --dry-run --cuts 5f -o {out} {QUICK}"));
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[..2], ["frames:  10 of 64x48", "shots:   2, cut at 5f"], "{said}");
        assert!(lines[2].starts_with("memory:  ") && lines[3].starts_with("disk:    about "), "{said}");
        assert!(!lines[3].contains("about 0 B") && lines[4].starts_with("time:    about "), "{said}");
        assert_eq!(desk.files(), before, "{out}");
    }
    let said = desk.answer(&format!("video film.mp4 --dry-run --carry 0 {QUICK}"));
    assert!(said.contains("every frame is dreamed on its own"), "{said}");
}

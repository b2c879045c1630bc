//! Films that are stopped, by whatever, and what goes on from there.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use testkit::{Desk, Ran, frame_times, make_film};

use super::segments::recipe_of;
use super::{QUICK, packets, wait_for_line};

/// A film of two shots, and how it is dreamed.
const SHOTS: &str =
    "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.32 -c:v libx264 -pix_fmt yuv420p -colorspace bt709";
const CUTS: &str = "--cuts 4f --per-frame 1";

/// Puts a program between ours and ffmpeg that does something before a call of it, counted from 1: `$PPID` is ours. It
/// holds the pipe `alive` open for as long as ffmpeg runs.
fn intervene(desk: &Desk, call: usize, deed: &str) {
    desk.put("calls", "");
    let script = format!(
        "#!/bin/sh\nexec 9<>alive\necho >> calls\nif [ $(wc -l < calls) = {call} ]; then {deed}; fi\nexec ffmpeg \"$@\"\n"
    );
    desk.put("between/ffmpeg", script);
    desk.put("between/ffprobe", "#!/bin/sh\nexec ffprobe \"$@\"\n");
    for name in ["ffmpeg", "ffprobe"] {
        let path = desk.path(&format!("between/{name}"));
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("mine");
    }
}

/// Runs the program with that in between, and waits until all that it has started is at its end.
fn run_through(desk: &Desk, arguments: &str) -> Ran {
    let alive = desk.path("alive");
    if !alive.exists() {
        assert!(Command::new("mkfifo").arg(&alive).status().expect("a system with pipes").success());
    }
    // Open for writing too, so that reading begins before there is anybody else.
    let held = File::options().read(true).write(true).open(&alive).expect("a pipe");
    let mut reader = Command::new("cat").arg(&alive).stdout(Stdio::null()).spawn().expect("cat");
    let ran = Ran::of(desk.command(arguments).env("PUPPYSLUG_FFMPEG", "between"));
    drop(held);
    reader.wait().expect("it ends when nobody can write any more");
    ran
}

/// How often ffmpeg is called for a film.
fn calls(desk: &Desk) -> usize {
    desk.read("calls").len()
}

/// Killed before any of ffmpeg's last processes: those that encode the two segments, and the one that joins them. What is made of the rest is the film that nobody has stopped.
#[test]
fn a_film_that_is_killed_anywhere_becomes_the_same_film() {
    let desk = Desk::new();
    make_film(SHOTS, desk.path("film.mp4"));
    intervene(&desk, 0, "true");
    let whole = run_through(&desk, &format!("video film.mp4 -o whole.mp4 {QUICK} {CUTS}"));
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    let (last, before) = (calls(&desk), desk.files());
    for call in last - 2..=last {
        intervene(&desk, call, "kill -KILL $PPID");
        let killed = run_through(&desk, &format!("video film.mp4 -o dream.mp4 {QUICK} {CUTS}"));
        assert_eq!(killed.code, None, "call {call}: {}", killed.err);
        assert!(!desk.path("dream.mp4").exists());
        if call == last {
            let begun = "'dream.mp4' is not whole: its dream was begun";
            let words = [begun, "`puppyslug resume dream.mp4` continues it, --force starts again"];
            desk.refuse_at_once(&format!("video film.mp4 -o dream.mp4 {QUICK} {CUTS}"), 1, &words);
        }
        let ran = desk.succeed(if call == last { "resume dream.mp4.part" } else { "resume dream.mp4" });
        let done = 4 * (call + 2 - last);
        let said = format!("continuing after the {done} frames that are done\n");
        assert!(ran.err.contains(&said), "call {call}: {}", ran.err);
        assert!(desk.read("dream.mp4") == desk.read("whole.mp4"), "call {call}");
        fs::remove_file(desk.path("dream.mp4")).expect("it is there");
        assert_eq!(desk.files(), before, "call {call}");
    }
    desk.refuse_at_once(
        "resume whole.mp4",
        1,
        &["there is nothing beside the film 'whole.mp4' to continue from"],
    );
}

/// A shot of more than 250 frames is killed on its way: what is carried goes on.
#[test]
fn a_long_shot_goes_on_where_its_last_segment_ends() {
    let desk = Desk::new();
    let long = "-f lavfi -i testsrc2=size=32x32:rate=25:duration=10.4 -f lavfi -i sine=duration=10.4";
    make_film(&format!("{long} -c:v libx264 -pix_fmt yuv420p -c:a aac"), desk.path("film.mp4"));
    let dream = format!("{QUICK} --per-frame 1 --cuts 256f");
    desk.succeed(&format!("video film.mp4 -o whole.mp4 {dream}"));
    let frames =
        |segment: usize| recipe_of(&desk, "whole.mp4")["film"]["segments"][segment]["frames"].clone();
    assert_eq!([0, 1, 2].map(frames), [250, 6, 4]);
    assert_eq!(frame_times(&desk.path("whole.mp4")), frame_times(&desk.path("film.mp4")));
    assert_eq!(packets(&desk, "whole.mp4", "a"), packets(&desk, "film.mp4", "a"));
    let mut child = start(&desk, &format!("video film.mp4 -o dream.mp4 -v {dream}"));
    wait_for_line(&mut child, "cut:     256f");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let kept = desk.path("dream.mp4.part").join("000001.safetensors");
    assert!(kept.exists(), "{:?}", desk.files());
    let ran = desk.succeed("resume dream.mp4");
    assert!(ran.err.contains("continuing after the 250 frames that are done\n"), "{}", ran.err);
    assert!(desk.read("dream.mp4") == desk.read("whole.mp4"));
}

/// Ctrl-C, and an encoder that dies: what was dreamed plays, and the rest can follow.
#[test]
fn what_was_dreamed_plays_and_goes_on() {
    let desk = Desk::new();
    make_film(SHOTS, desk.path("film.mp4"));
    intervene(&desk, 0, "true");
    run_through(&desk, &format!("video film.mp4 -o whole.mp4 {QUICK} {CUTS}"));
    let second = calls(&desk) - 1;
    let full = "echo No space left on device >&2; exit 1";
    for (deed, words) in [("kill -INT $PPID", "stopped by Ctrl-C"), (full, "No space left on device")] {
        intervene(&desk, second, deed);
        let ran = run_through(&desk, &format!("video film.mp4 -o dream.mp4 {QUICK} {CUTS}"));
        let frames = frame_times(&desk.path("dream.mp4")).len();
        let part = format!("; the {frames} frames dreamed by then are in dream.mp4");
        ran.assert_failed(deed, 1, &[words, &part, "; `puppyslug resume dream.mp4` continues it"]);
        assert!((4..8).contains(&frames), "{deed}: {frames}");
        assert_eq!(recipe_of(&desk, "dream.mp4")["complete"], false);
        let ran = desk.succeed("resume dream.mp4");
        assert!(ran.err.contains("continuing after the 4 frames that are done\n"), "{}", ran.err);
        assert!(desk.read("dream.mp4") == desk.read("whole.mp4"), "{deed}");
    }
}

/// A disk that is full, for which a limit on the size of files stands: whatever it is that does not fit, what was dreamed is
/// kept, and goes on where there is room.
#[test]
fn a_full_disk_keeps_what_was_dreamed() {
    let desk = Desk::new();
    let noise = "-f lavfi -i color=gray:size=128x96:rate=25:duration=0.8,noise=alls=100:allf=t";
    let plain = "-f lavfi -i color=red:size=128x96:rate=25:duration=0.16";
    let full = |blocks: usize, arguments: &str, words: &[&str]| {
        // Without the trap it would be the limit that ends the program.
        let ran = desk.run_limited(&format!("trap '' XFSZ && ulimit -f {blocks}"), arguments);
        ran.assert_failed(arguments, 1, words);
    };
    let rest = "; `puppyslug resume dream.mp4` continues it";
    let kept = format!("; the 4 frames dreamed by then are in dream.mp4{rest}");
    let joined = format!("{plain} {noise} -filter_complex concat");
    // Segments of 2 and 200 kB, and two of 100 kB, of which the whole has no room. A block has 512 bytes.
    for (shots, cut, blocks, kept) in [(&joined[..], 4, 100, &kept[..]), (noise, 10, 300, rest)] {
        make_film(&format!("{shots} -c:v libx264 -crf 10 -pix_fmt yuv420p"), desk.path("film.mp4"));
        let dream = format!("video film.mp4 {QUICK} --per-frame 1 --cuts {cut}f -o");
        desk.succeed(&format!("{dream} whole.mp4"));
        full(blocks, &format!("{dream} dream.mp4"), &[&format!("File too large{kept}")]);
        if desk.path("dream.mp4").exists() {
            assert_eq!(frame_times(&desk.path("dream.mp4")).len(), 4);
        }
        desk.succeed("resume dream.mp4");
        assert!(desk.read("dream.mp4") == desk.read("whole.mp4"), "{cut}");
        fs::remove_file(desk.path("dream.mp4")).expect("it is there");
    }
    // Pictures are of 37 kB.
    let dream = format!("video film.mp4 {QUICK} -o");
    fs::create_dir(desk.path("frames")).expect("made");
    let before = desk.files();
    full(
        40,
        &format!("{dream} frames/%d.bmp"),
        &["cannot write 'frames/1.bmp': File too large (os error 27)"],
    );
    assert_eq!(desk.files(), before);
    // Frames of about 14 and 45 kB. What follows the last one, and what comes before the first and says how many there are.
    for (name, blocks, end, beginning) in [("dream.gif", 100, 1, 0), ("dream.png", 300, 12, 53)] {
        desk.succeed(&format!("{dream} whole-{name}"));
        full(
            16,
            &format!("{dream} {name}"),
            &[&format!("cannot write '{name}': File too large (os error 27)")],
        );
        assert!(!desk.path(name).exists(), "not one frame of {name} has room");
        full(
            blocks,
            &format!("{dream} {name}"),
            &[&format!(
                "cannot write '{name}': File too large (os error 27); the 3 frames dreamed by then are in {name}"
            )],
        );
        assert_eq!(frame_times(&desk.path(name)).len(), 3, "{name}");
        let (part, whole) = (desk.read(name), desk.read(&format!("whole-{name}")));
        let kept = beginning..part.len() - end;
        assert!(part[kept.clone()] == whole[kept], "{name}");
    }
}

/// What goes on has to be what was begun.
#[test]
fn another_film_is_not_gone_on_with() {
    let desk = Desk::new();
    make_film(SHOTS, desk.path("film.mp4"));
    intervene(&desk, 0, "true");
    run_through(&desk, &format!("video film.mp4 -o whole.mp4 {QUICK} {CUTS}"));
    intervene(&desk, calls(&desk) - 1, "kill -KILL $PPID");
    run_through(&desk, &format!("video film.mp4 -o dream.mp4 {QUICK} {CUTS}"));
    let (note, film) = (desk.read("dream.mp4.part/film.json"), desk.read("film.mp4"));
    make_film(&SHOTS.replace("testsrc2", "testsrc"), desk.path("film.mp4"));
    desk.refuse_at_once("resume dream.mp4", 1, &["is not what 'dream.mp4' was dreamed over"]);
    fs::remove_file(desk.path("film.mp4")).expect("it is there");
    desk.refuse_at_once("resume dream.mp4", 1, &["there is no film"]);
    desk.put("film.mp4", &film);
    for damaged in [&note[..note.len() / 2], b"{}"] {
        desk.put("dream.mp4.part/film.json", damaged);
        desk.refuse_at_once("resume dream.mp4", 1, &["what is kept in 'dream.mp4.part' cannot be continued"]);
    }
    desk.put("dream.mp4.part/film.json", &note);
    for flag in ["-o other.mp4", "--preview", "--steps-out steps"] {
        desk.refuse_at_once(
            &format!("resume dream.mp4 {flag}"),
            2,
            &["leave out -o, --steps-out and --preview"],
        );
    }
    // Somebody's own file in the folder stays, whatever becomes of the film.
    desk.put("dream.mp4.part/holidays.mp4", "mine");
    desk.succeed(&format!("video film.mp4 -o dream.mp4 --force {QUICK} {CUTS}"));
    assert!(desk.read("dream.mp4") == desk.read("whole.mp4"));
    let left = fs::read_dir(desk.path("dream.mp4.part")).expect("the folder stays");
    assert_eq!(left.count(), 1);
}

/// Two programs do not work at one film.
#[test]
fn a_film_at_work_is_left_alone() {
    let desk = Desk::new();
    let long = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=20 -c:v libx264 -preset ultrafast";
    make_film(long, desk.path("film.mp4"));
    let mut child = start(&desk, &format!("video film.mp4 -v {QUICK} --cuts 2f"));
    wait_for_line(&mut child, "cut:     2f");
    let words = ["what is kept in", "another program is working on it right now"];
    desk.fail("resume film-dream.mp4", 1, &words);
    desk.fail(&format!("video film.mp4 --force {QUICK}"), 1, &words);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

fn start(desk: &Desk, arguments: &str) -> Child {
    desk.command(arguments).stderr(Stdio::piped()).spawn().expect("it starts")
}

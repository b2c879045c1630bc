//! Films for tests: made by ffmpeg, and looked into by it.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

/// What a test that needs ffmpeg says where there is none.
const NONE: &str = "no ffmpeg to test with; tests/run.sh installs it on Debian and Ubuntu";

/// A path that ffmpeg takes for nothing else.
fn file(path: impl AsRef<OsStr>) -> OsString {
    let mut file = OsString::from("file:");
    file.push(path);
    file
}

/// Runs ffmpeg. What it complains of, if it failed.
fn run(arguments: &str, out: impl AsRef<OsStr>) -> Result<(), String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]).args(arguments.split_whitespace());
    let made = command.arg(file(out)).output().expect(NONE);
    if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

/// Makes a film: everything is said, apart from what ffmpeg says itself.
#[track_caller]
pub fn make_film(arguments: &str, out: impl AsRef<OsStr>) {
    run(arguments, out).unwrap_or_else(|error| panic!("{arguments}: {error}"));
}

/// The same film with a note that it is to be shown turned by a right angle, as cameras write it.
#[track_caller]
pub fn turn_film(film: &Path, out: &Path) {
    let film = film.display();
    // Versions before 6 know the one way only, and later ones the other.
    run(&format!("-display_rotation 90 -i {film} -c copy"), out)
        .or_else(|_| run(&format!("-i {film} -c copy -metadata:s:v rotate=90"), out))
        .unwrap_or_else(|error| panic!("{error}"));
}

/// What ffprobe says of a film, a line each.
#[track_caller]
pub fn probe_film(path: &Path, arguments: &str) -> Vec<String> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "csv=p=0"]).args(arguments.split_whitespace()).arg("-i");
    let said = command.arg(file(path)).output().expect(NONE);
    assert!(said.status.success(), "{arguments}: {}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    said.lines().map(|line| line.trim_end_matches(',').to_owned()).filter(|line| !line.is_empty()).collect()
}

/// The fields of all headers that a film's pictures have in their stream, as `name = value`.
#[track_caller]
pub fn headers_of(path: &Path) -> Vec<String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-i"]).arg(file(path)).args(["-map", "0:v:0", "-c", "copy"]);
    let said = command.args(["-bsf:v", "trace_headers", "-f", "null", "-"]).output().expect(NONE);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    // `[trace_headers @ 0x55d0] 24          max_content_light_level        0000001111101000 = 1000`
    let field = |line: &str| {
        let (field, value) = line.split_once(" = ")?;
        Some(format!("{} = {value}", field.split_whitespace().nth_back(1)?))
    };
    String::from_utf8_lossy(&said.stderr).lines().filter_map(field).collect()
}

/// When each frame is shown.
#[track_caller]
pub fn frame_times(path: &Path) -> Vec<String> {
    probe_film(path, "-select_streams v:0 -show_entries frame=pts_time")
}

/// The frames in red, green and blue, a byte each, as players have them.
#[track_caller]
pub fn frames_of(path: &Path, filter: &str) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(path).args([
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
    ]);
    let filter = if filter.is_empty() { "null" } else { filter };
    let made =
        command.args(["-vf", filter, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]).output().expect(NONE);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

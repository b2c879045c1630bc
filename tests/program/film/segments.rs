//! Films are encoded in segments, which nobody sees but who reads the recipe.

use serde_json::Value;
use testkit::{Desk, frame_times, make_film, probe_film};

use super::{COLOURS, QUICK, USUAL, packets};

/// The recipe that a film carries.
pub(super) fn recipe_of(desk: &Desk, film: &str) -> Value {
    let said = probe_film(&desk.path(film), "-of json -show_entries format_tags=comment").join("\n");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let tags = said["format"]["tags"].as_object().expect("tags");
    let comment = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case("comment")).expect("a comment").1;
    serde_json::from_str(comment.as_str().expect("a text")).expect("a recipe")
}

/// What a recipe says of all segments.
fn segments(recipe: &Value, key: &str) -> Vec<Value> {
    let segments = recipe["film"]["segments"].as_array().expect("a list").iter();
    segments.map(|segment| segment[key].clone()).collect()
}

/// Uneven frames, frames stored in another order, segments of one frame and of two: every frame has its time, the sound
/// is as it was, and the same film is the same file.
#[test]
fn segments_are_joined_without_a_trace() {
    let desk = Desk::new();
    let uneven = "-f lavfi -i testsrc2=size=64x64:rate=30000/1001:duration=0.7 -f lavfi -i sine=duration=0.7 \
                  -vf select=not(mod(n\\,3))+not(mod(n\\,4)) -fps_mode passthrough -c:a aac";
    make_film(&format!("{uneven} -c:v libx264 -bf 2 -video_track_timescale 90000"), desk.path("film.mp4"));
    let times = frame_times(&desk.path("film.mp4"));
    assert_eq!(times.len(), 11);
    for (out, codec) in [("dream.mp4", "h264"), ("dream.mov", "hevc"), ("dream.mkv", "ffv1")] {
        let dream = |out: &str| {
            desk.succeed(&format!(
                "video film.mp4 -o {out} --codec {codec} --cuts 1f,3f {QUICK} --per-frame 1"
            ));
        };
        dream(out);
        assert_eq!(segments(&recipe_of(&desk, out), "frames"), [1, 2, 8], "{codec}");
        let found = frame_times(&desk.path(out));
        if out == "dream.mkv" {
            // Which counts thousandths, and from where the sound begins.
            let seconds = |times: &[String], at: usize| -> f64 { times[at].parse().expect("seconds") };
            let since = |times: &[String], at| seconds(times, at) - seconds(times, 0);
            let apart = (0..11).map(|at| (since(&times, at) - since(&found, at)).abs());
            assert!(found.len() == 11 && apart.fold(0.0, f64::max) < 1e-3 + 1e-9, "{codec}: {found:?}");
        } else {
            assert_eq!(found, times, "{codec}");
            assert_eq!(packets(&desk, out, "a"), packets(&desk, "film.mp4", "a"), "{codec}");
        }
        let again = format!("again-{out}");
        dream(&again);
        assert!(desk.read(out) == desk.read(&again), "{codec}: another file");
    }
}

/// What encoders are told of the rate is the same for a segment of one frame as for any other.
#[test]
fn a_short_segment_is_no_fast_film() {
    let desk = Desk::new();
    let slow = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.16 -c:v libx264";
    make_film(slow, desk.path("film.mp4"));
    let level = |cuts: &str| {
        desk.succeed(&format!("video film.mp4 --cuts {cuts} {QUICK}"));
        probe_film(&desk.path("film-dream.mp4"), "-select_streams v -show_entries stream=level")
    };
    assert_eq!(level("1f"), level("none"));
}

/// After the cut the dream of two films in one is the dream of the second, to the bit.
#[test]
fn what_follows_a_cut_is_dreamed_as_if_the_film_began_there() {
    let desk = Desk::new();
    let (first, second) = ("testsrc2=size=64x48:rate=25", "mandelbrot=size=64x48:rate=25:start_scale=0.4");
    let lossless = "-c:v ffv1 -pix_fmt bgr0";
    make_film(&format!("-f lavfi -i {second} -frames:v 5 {lossless}"), desk.path("b.mkv"));
    let b = desk.path("b.mkv").display().to_string();
    let both = format!("-f lavfi -t 0.28 -i {first} -i {b} -filter_complex concat=n=2 {lossless}");
    make_film(&both, desk.path("ab.mkv"));
    for film in ["b", "ab"] {
        let dream = "--device cpu --octaves 2 --iterations 2 --layer conv2/3x3";
        desk.succeed(&format!("video {film}.mkv {dream}"));
    }
    let (b, both) = (recipe_of(&desk, "b-dream.mp4"), recipe_of(&desk, "ab-dream.mp4"));
    assert_eq!(segments(&both, "frames"), [7, 5]);
    for key in ["decoded", "dreamed"] {
        assert_eq!(segments(&both, key)[1..], segments(&b, key), "{key}");
        assert_ne!(segments(&both, key)[0], segments(&b, key)[0], "{key}");
    }
}

/// A film that is dreamed again is compared by the hashes in its recipe; who changes them is found out.
#[test]
fn a_replay_names_what_differs() {
    let desk = Desk::new();
    make_film(&format!("{COLOURS} {USUAL}"), desk.path("film.mp4"));
    desk.succeed(&format!("video film.mp4 -o dream.mkv --cuts 2f {QUICK} --carry 0.5"));
    let ran = desk.succeed("replay dream.mkv film.mp4");
    assert_eq!(ran.err, "dream-replay.mkv\nthe same as dream.mkv, packet by packet\n");
    assert!(desk.read("dream.mkv") == desk.read("dream-replay.mkv"));
    desk.refuse_at_once("replay dream.mkv", 1, &["'dream.mkv' was dreamed over a film", "Name its file"]);
    desk.refuse_at_once("replay dream.mkv dream.mkv", 1, &["is not what 'dream.mkv' was dreamed over"]);
    let recipe = recipe_of(&desk, "dream.mkv");
    let [decoded, dreamed] = ["decoded", "dreamed"].map(|key| segments(&recipe, key)[1].clone());
    let doctor = |hash: Option<&Value>, codec: &str| {
        let mut text = recipe.to_string();
        if let Some(hash) = hash.and_then(Value::as_str) {
            text = text.replacen(hash, &"0".repeat(64), 1);
        }
        let notes = text.replace(['\\', '=', ';', '#'], "\\$0");
        desk.put("notes", format!(";FFMETADATA1\ncomment={notes}\n"));
        let [film, notes] = ["dream.mkv", "notes"].map(|name| desk.path(name).display().to_string());
        let arguments = format!("-i {film} -f ffmetadata -i {notes} -map 0 -map_metadata 1 {codec}");
        make_film(&arguments, desk.path("doctored.mkv"));
    };
    for (hash, codec, words) in [
        (Some(&decoded), "-c copy", "in the decoder: frames 2 to 4"),
        (Some(&dreamed), "-c copy", "in the dream: frames 2 to 4"),
        (None, "-c:v libx264 -crf 30", "in the encoder: the frames are the same"),
    ] {
        doctor(hash, codec);
        desk.fail("replay doctored.mkv film.mp4", 1, &["it differs from doctored.mkv", words]);
    }
}

//! When frames are shown.

use testkit::{Desk, frame_times, make_film, probe_film};

use super::{QUICK, TONE, packets};

#[test]
fn uneven_frames_keep_their_times() {
    let desk = Desk::new();
    // Of 20 frames every third and fourth, at their own times.
    let uneven = "-f lavfi -i testsrc2=size=32x32:rate=30000/1001:duration=0.7 \
                  -vf select=not(mod(n\\,3))+not(mod(n\\,4)) -fps_mode passthrough";
    for name in ["film.mp4", "film.mkv", "film.mov"] {
        make_film(&format!("{uneven} -c:v libx264 -bf 2"), desk.path(name));
        let times = frame_times(&desk.path(name));
        assert!(times.len() > 8);
        desk.succeed(&format!("video {name} -o dream.mp4 {QUICK}"));
        assert_eq!(frame_times(&desk.path("dream.mp4")), times, "{name}");
    }
}

#[test]
fn a_film_that_begins_after_its_sound_does_so_again() {
    let desk = Desk::new();
    let late = format!("-itsoffset 0.5 -f lavfi -i testsrc2=size=32x32:rate=25:duration=0.2 {TONE}");
    make_film(&format!("{late} -fps_mode passthrough -c:v libx264 -c:a aac"), desk.path("film.mp4"));
    desk.succeed(&format!("video film.mp4 {QUICK}"));
    assert_eq!(frame_times(&desk.path("film-dream.mp4")), frame_times(&desk.path("film.mp4")));
    assert_eq!(packets(&desk, "film-dream.mp4", "a"), packets(&desk, "film.mp4", "a"));
    // By when exactly, versions of ffmpeg differ: half a second, or half and a frame.
    let start = |name| probe_film(&desk.path(name), "-select_streams v:0 -show_entries stream=start_time");
    assert_eq!(start("film-dream.mp4"), start("film.mp4"));
    assert!(start("film.mp4")[0].starts_with("0.5"), "{:?}", start("film.mp4"));
}

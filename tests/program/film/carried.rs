//! What of a frame's dream goes into the next frame, and where a film cuts.

use testkit::{Desk, frames_of, make_film};

/// Two octaves of two iterations, and of one in frames that go on.
const DREAM: &str = "--device cpu --octaves 2 --iterations 2 --per-frame 1 --layer conv2/3x3 --codec ffv1";

const LOSSLESS: &str = "-c:v ffv1 -pix_fmt bgr0";

/// A film whose first seven frames are of one picture that moves slowly, and the other five of another.
fn put_shots(desk: &Desk) {
    let first = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.28";
    make_film(&format!("{first} {LOSSLESS}"), desk.path("first.mkv"));
    let second = "-f lavfi -i mandelbrot=size=64x48:rate=25:start_scale=0.4";
    make_film(&format!("{second} -frames:v 5 {LOSSLESS}"), desk.path("second.mkv"));
    let [first, second] = ["first.mkv", "second.mkv"].map(|name| desk.path(name).display().to_string());
    let both = format!("-i {first} -i {second} -filter_complex concat=n=2 {LOSSLESS}");
    make_film(&both, desk.path("both.mkv"));
}

fn dream(desk: &Desk, film: &str, arguments: &str) -> Vec<Vec<u8>> {
    desk.succeed(&format!("video {film} -o dream.mkv {DREAM} {arguments}"));
    frames(desk, "dream.mkv")
}

fn frames(desk: &Desk, film: &str) -> Vec<Vec<u8>> {
    frames_of(&desk.path(film), "").chunks(3 * 64 * 48).map(<[u8]>::to_vec).collect()
}

/// The first frame of a film is the dream of a still; those after it are not, and the same every time.
#[test]
fn a_shot_begins_with_a_still_s_dream_and_goes_on() {
    let desk = Desk::new();
    put_shots(&desk);
    let alone = dream(&desk, "first.mkv", "--carry 0");
    let carried = dream(&desk, "first.mkv", "");
    assert_eq!((alone.len(), carried.len()), (7, 7));
    assert!(alone[0] == carried[0], "the first frame");
    for number in 1..7 {
        assert!(alone[number] != carried[number], "frame {number}");
    }
    assert!(dream(&desk, "first.mkv", "") == carried, "once more");
}

/// A still that is filmed: what the dream adds stays as it is. The frames of a still without grain would be dreamed alike
/// anyhow, so there is grain on it.
#[test]
fn a_dream_stays_where_nothing_moves() {
    let desk = Desk::new();
    let still = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.04 -vf loop=11:1,noise=alls=6:allf=t";
    make_film(&format!("{still} -frames:v 12 {LOSSLESS}"), desk.path("still.mkv"));
    let source: Vec<u8> = frames_of(&desk.path("still.mkv"), "");
    let change = |arguments: &str| -> f64 {
        let dreamed = dream(&desk, "still.mkv", arguments).concat();
        assert_eq!(dreamed.len(), source.len());
        let added: Vec<i32> =
            dreamed.iter().zip(&source).map(|(a, b)| i32::from(*a) - i32::from(*b)).collect();
        let frames: Vec<&[i32]> = added.chunks(3 * 64 * 48).collect();
        let apart =
            |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>();
        frames.windows(2).map(|pair| apart(pair[0], pair[1])).sum()
    };
    let (alone, carried) = (change("--carry 0"), change(""));
    assert!(carried < 0.5 * alone, "{carried} of {alone}");
}

/// After a cut a film is, to the bit, the film that begins there.
#[test]
fn nothing_goes_over_a_cut() {
    let desk = Desk::new();
    put_shots(&desk);
    let second = dream(&desk, "second.mkv", "");
    for cuts in ["", "--cuts auto", "--cuts 7f", "--cuts 0.28"] {
        let ran = desk.succeed(&format!("video both.mkv -o dream.mkv -v {DREAM} {cuts}"));
        let said: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("cut:")).collect();
        assert_eq!(said, ["cut:     7f"], "{cuts}");
        let both = frames(&desk, "dream.mkv");
        assert_eq!(both.len(), 12, "{cuts}");
        assert!(both[7..] == second[..], "{cuts}");
    }
    // The negative control: as one shot, it does.
    let both = dream(&desk, "both.mkv", "--cuts none");
    assert!(both[7] != second[0]);
}

/// A part of a film has its cuts where the whole has them.
#[test]
fn cuts_are_counted_in_the_film() {
    let desk = Desk::new();
    put_shots(&desk);
    let second = dream(&desk, "second.mkv", "");
    for part in ["--from 3f --cuts 7f", "--from 3f --cuts 0.28", "--from 0.12 --cuts 0.28"] {
        let frames = dream(&desk, "both.mkv", part);
        assert!(frames.len() == 9 && frames[4..] == second[..], "{part}");
    }
    let words = ["a cut at frame 7", "0.12 s", "both as frames"];
    desk.refuse(&format!("video both.mkv -o dream.mkv {DREAM} --from 0.12 --cuts 7f"), 2, &words);
}

/// Of seven frames the first, the fourth and the last are dreamed: to the bit as in the film that has only these.
#[test]
fn one_frame_of_three_is_dreamed_and_the_others_lie_between() {
    let desk = Desk::new();
    put_shots(&desk);
    let third = format!("-i {} -vf select=not(mod(n\\,3))", desk.path("first.mkv").display());
    make_film(&format!("{third} -fps_mode passthrough {LOSSLESS}"), desk.path("third.mkv"));
    let (every, alone) = (dream(&desk, "first.mkv", "--every 3"), dream(&desk, "third.mkv", ""));
    assert_eq!((every.len(), alone.len()), (7, 3));
    for (number, alone) in alone.iter().enumerate() {
        assert!(every[3 * number] == *alone, "frame {number} of those dreamed");
    }
    // Both ends of a shot are dreamed, and nothing goes over its end.
    let (both, second) = (dream(&desk, "both.mkv", "--every 3"), dream(&desk, "second.mkv", "--every 3"));
    assert!(both[..7] == every[..] && both[7..] == second[..]);
    // Where nothing moves, what lies between two dreams is a mix of both: between their levels, but for the rounding to
    // whole ones.
    let still = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.04 -vf loop=6:1";
    make_film(&format!("{still} -frames:v 7 {LOSSLESS}"), desk.path("still.mkv"));
    let (between, each) = (dream(&desk, "still.mkv", "--every 3"), dream(&desk, "still.mkv", ""));
    assert!(between[1] != between[0] && between[1] != each[1]);
    for number in [1, 2, 4, 5] {
        let ends = between[number / 3 * 3].iter().zip(&between[number / 3 * 3 + 3]);
        let lies = |(at, (a, b)): (&u8, (&u8, &u8))| (*a.min(b)..=*a.max(b)).contains(at);
        assert!(between[number].iter().zip(ends).all(lies), "frame {number}");
    }
}

#[test]
fn what_carries_nothing_is_refused() {
    let desk = Desk::new();
    desk.put("film.mkv", "not looked at");
    for (flag, words) in [
        ("--carry 1", "carry is 1, and must be from 0 to 0.99"),
        ("--carry -0.1", "from 0 to 0.99"),
        ("--carry nan", "from 0 to 0.99"),
        ("--per-frame 0", "per frame is 0, and must be from 1 to 1000000"),
        ("--per-frame 1.5", "a whole number is needed"),
        ("--every 0", "every is 0, and must be from 1 to 16"),
        ("--every 17", "from 1 to 16"),
        ("--cuts soon", "'soon' is not a list of cuts"),
        ("--cuts 1,,2", "accepted: auto, none, or moments like 12.5,1:30,2250f"),
    ] {
        desk.refuse_at_once(&format!("video film.mkv {flag}"), 2, &[words]);
    }
    put_shots(&desk);
    let words = ["it is not possible to dream only one frame in 2", "carry more than 0"];
    desk.refuse_at_once("video first.mkv --every 2 --carry 0", 2, &words);
}

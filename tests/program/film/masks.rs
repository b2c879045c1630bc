//! Masks that move with a film.

use std::fs;

use image::{Luma, Rgb};
use testkit::{Desk, frames_of, make_film};

use super::{COLOURS, QUICK};

/// Frames and masks are this large.
const SIZE: (u32, u32) = (64, 48);
const LENGTH: usize = 3 * 64 * 48;

/// A film of five frames, and as pictures.
fn film(desk: &Desk) {
    make_film(&format!("{COLOURS} -c:v ffv1 -pix_fmt bgr0"), desk.path("film.mkv"));
    let pixels = frames_of(&desk.path("film.mkv"), "");
    for (number, frame) in pixels.chunks(LENGTH).enumerate() {
        let frame = image::RgbImage::from_raw(SIZE.0, SIZE.1, frame.to_vec()).expect("its size");
        desk.save(&format!("film/f{number}.png"), frame);
    }
}

/// White in a column of eight, black elsewhere.
fn mask(desk: &Desk, name: &str, column: u32, (width, height): (u32, u32)) {
    let gray = |x: u32| if x * 8 / width == column { 255 } else { 0 };
    desk.save(name, image::GrayImage::from_fn(width, height, |x, _| Luma([gray(x)])));
}

/// In which column of eight each frame is another than that of the film.
fn columns(desk: &Desk, dream: &str) -> Vec<Vec<usize>> {
    let (before, after) = (frames_of(&desk.path("film.mkv"), ""), frames_of(&desk.path(dream), ""));
    let frame = |(before, after): (&[u8], &[u8])| {
        let differs = |&column: &usize| {
            let row = SIZE.0 as usize;
            let at = |place: usize| place / 3 % row * 8 / row == column;
            (0..LENGTH).any(|place| at(place) && before[place] != after[place])
        };
        (0..8).filter(differs).collect()
    };
    before.chunks(LENGTH).zip(after.chunks(LENGTH)).map(frame).collect()
}

const DREAM: &str = "video film.mkv -o dream.mkv --codec ffv1 --step 20";

#[test]
fn each_frame_is_dreamed_under_its_mask_and_the_last_stays() {
    let desk = Desk::new();
    film(&desk);
    for column in 0..3 {
        // Of another size: fitted as masks of pictures are.
        mask(&desk, &format!("masks/m{column}.png"), column, (32, 24));
    }
    for carry in ["", "--carry 0"] {
        desk.succeed(&format!("{DREAM} --mask masks {carry} {QUICK}"));
        let found = columns(&desk, "dream.mkv");
        // Enlarged, a column's border is soft: it reaches into its neighbours, and no further.
        for (number, found) in found.iter().enumerate() {
            let column = number.min(2);
            assert!(found.contains(&column), "{carry}, frame {number}: {found:?}");
            assert!(
                found.iter().all(|&other| other.abs_diff(column) <= 1),
                "{carry}, frame {number}: {found:?}"
            );
        }
    }
    // To the bit the dream of that frame under that mask.
    for (number, dreamed) in frames_of(&desk.path("dream.mkv"), "").chunks(LENGTH).enumerate() {
        let mask = number.min(2);
        let still = format!("dream film/f{number}.png -o still.png --mask masks/m{mask}.png --step 20");
        desk.succeed(&format!("{still} {QUICK}"));
        let still = image::open(desk.path("still.png")).expect("a dream").into_rgb8();
        assert!(still.as_raw()[..] == *dreamed, "frame {number}");
    }
}

#[test]
fn of_a_part_the_masks_of_it_count() {
    let desk = Desk::new();
    film(&desk);
    for column in 0..5 {
        mask(&desk, &format!("m{column}.png"), column, SIZE);
    }
    let part = "--carry 0 --mask m%d.png";
    desk.succeed(&format!("{DREAM} {part} --from 2f {QUICK}"));
    fs::copy(desk.path("film.mkv"), desk.path("whole.mkv")).expect("copied");
    make_film(
        &format!("-i {} -vf trim=start_frame=2 -c:v ffv1", desk.path("whole.mkv").display()),
        desk.path("film.mkv"),
    );
    assert_eq!(columns(&desk, "dream.mkv"), [[2], [3], [4]]);
    let words = ["it is not possible to dream only one frame in 2", "a mask that moves needs every frame"];
    desk.refuse(&format!("{DREAM} --mask m%d.png --every 2 {QUICK}"), 2, &words);
    let words = ["go with a film frame by frame", "give it as a frame (250f)"];
    desk.refuse(&format!("{DREAM} {part} --from 0.08 {QUICK}"), 2, &words);
}

#[test]
fn a_film_as_a_mask_goes_by_its_times() {
    let desk = Desk::new();
    film(&desk);
    for column in 0..2 {
        mask(&desk, &format!("m{column}.png"), column, SIZE);
    }
    // Two frames for a tenth of a second each: the film's third is shown at 0.08 seconds, its fourth at 0.12.
    let slow = format!("-framerate 10 -i {}", desk.path("m%d.png").display());
    make_film(&format!("{slow} -c:v ffv1"), desk.path("mask.mkv"));
    make_film(&format!("{slow} -f apng"), desk.path("mask.png"));
    for mask in ["mask.mkv", "mask.png"] {
        desk.succeed(&format!("{DREAM} --carry 0 --mask {mask} {QUICK}"));
        assert_eq!(columns(&desk, "dream.mkv"), [[0], [0], [0], [1], [1]], "{mask}");
    }
    // Beside a still one, each with objectives of its own.
    mask(&desk, "still.png", 6, SIZE);
    let objectives = "--objective l2:conv2/3x3#1 --objective l2:conv1/7x7_s2#2";
    let flags = "--device cpu --octaves 1 --iterations 1";
    desk.succeed(&format!("{DREAM} --carry 0 --mask still.png --mask mask.mkv {objectives} {flags}"));
    assert_eq!(columns(&desk, "dream.mkv"), [[0, 6], [0, 6], [0, 6], [1, 6], [1, 6]]);
}

#[test]
fn what_is_no_mask_is_refused() {
    let desk = Desk::new();
    film(&desk);
    desk.put("text.txt", "no mask");
    desk.put("damaged.png", "no mask");
    fs::create_dir(desk.path("empty")).expect("made");
    desk.save("odd.png", image::RgbImage::from_pixel(3, 2, Rgb([255; 3])));
    for (mask, words) in [
        ("gone.png", "gone.png"),
        ("text.txt", "cannot read the film 'text.txt'"),
        ("damaged.png", "damaged.png"),
        ("empty", "there are no pictures in 'empty'"),
    ] {
        desk.refuse(&format!("{DREAM} --mask {mask} {QUICK}"), 1, &[words]);
    }
    desk.succeed(&format!("{DREAM} --mask odd.png {QUICK}"));
}

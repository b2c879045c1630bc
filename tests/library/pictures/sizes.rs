//! Sizes, and pictures resized.

use puppyslug::extent::Extent;
use puppyslug::picture::{MAX_SIDE, Picture, PictureError, Size};

use super::{BLUE, GREEN, RED, alpha, assert_close, colour, fixture, open, sample};

#[test]
fn sizes_are_read_as_written() {
    for (text, size) in [
        ("640", Size::Within(640)),
        ("1", Size::Within(1)),
        ("65535", Size::Within(65_535)),
        ("640x480", Size::Box(Extent::new(480, 640))),
    ] {
        assert_eq!(text.parse(), Ok(size));
        assert_eq!(size.to_string(), text);
    }
    assert_eq!("640X480".parse::<Size>(), "640x480".parse());
}

#[test]
fn other_sizes_are_refused_with_the_reason() {
    let cases = [
        ("0", "zero"),
        ("640x0", "zero"),
        ("65536", "too long"),
        ("640x99999999999999999999999", "too long"),
        ("", "whole numbers"),
        ("big", "whole numbers"),
        ("-5", "whole numbers"),
        ("+5", "whole numbers"),
        ("1.5", "whole numbers"),
        ("640x", "whole numbers"),
        ("1x2x3", "whole numbers"),
        ("640 x 480", "whole numbers"),
    ];
    for (text, reason) in cases {
        let message = text.parse::<Size>().expect_err(text).to_string();
        for part in [&format!("'{text}'"), reason, "640x480", "65535"] {
            assert!(message.contains(part), "no {part:?} in: {message}");
        }
    }
}

#[test]
fn fitting_keeps_the_shape_inside_the_box() {
    let wide_box = Size::Box(Extent::new(10, 100));
    for (size, from, to) in [
        (Size::Within(320), (640, 480), (320, 240)),
        (Size::Within(320), (480, 640), (240, 320)),
        (Size::Within(1280), (640, 480), (1280, 960)),
        (Size::Within(100), (50, 50), (100, 100)),
        (Size::Within(10), (1000, 3), (10, 1)),
        (Size::Within(100), (300, 200), (100, 67)),
        (wide_box, (50, 50), (10, 10)),
        (wide_box, (1000, 10), (100, 1)),
        (wide_box, (20, 2), (100, 10)),
        (Size::Within(MAX_SIDE), (MAX_SIDE, 1), (MAX_SIDE, 1)),
    ] {
        let [from, to] = [from, to].map(|(width, height)| Extent { height, width });
        assert_eq!(size.fit(from), to, "{from} to {size}");
    }
}

#[test]
fn fitting_never_leaves_the_box() {
    let sides = [1, 2, 3, 7, 10, 99, 100, 101, 1000];
    let all = || sides.iter().flat_map(|&height| sides.map(|width| Extent { height, width }));
    for from in all() {
        for within in all() {
            let size = Size::Box(within);
            let to = size.fit(from);
            assert!((1..=within.width).contains(&to.width) && (1..=within.height).contains(&to.height));
            assert!(to.width == within.width || to.height == within.height, "{from} to {size}");
        }
    }
}

#[test]
fn resizing_keeps_flat_colours_and_stays_in_range() {
    let plane = [[3.25; 35], [128.0; 35], [251.75; 35]].concat();
    let flat = Picture::from_rgb(Extent::new(5, 7), plane).expect("a good size");
    for (width, height) in [(7, 5), (3, 2), (1, 1), (40, 30), (1, 64)] {
        let resized = flat.resized(Extent { height, width }).expect("a good size");
        assert_eq!((resized.width(), resized.height()), (width, height));
        assert_eq!(resized.alpha(), None);
        for (x, y) in [(0, 0), (width - 1, height - 1), (width / 2, height / 2)] {
            assert_close(colour(&resized, x, y), [3.25, 128.0, 251.75], 1e-3, "flat");
        }
    }
    // Hard edges make the filter ring; the range holds all the same.
    let rung = open(fixture("palette.png")).resized(Extent::new(77, 101)).expect("a good size");
    assert!(rung.rgb().iter().all(|sample| (0.0..=255.0).contains(sample)));
}

#[test]
fn resizing_keeps_squares_and_alpha_in_place() {
    let picture = open(fixture("palette_clear_white.png"));
    for side in [8, 64] {
        let resized = picture.fit(Size::Within(side)).expect("a good size");
        let (low, high) = (side / 4, 3 * side / 4);
        assert_close(colour(&resized, low, low), RED, 8.0, "red");
        assert_close(colour(&resized, high, low), GREEN, 8.0, "green");
        assert_close(colour(&resized, low, high), BLUE, 8.0, "blue");
        assert!(alpha(&resized, low, low) > Some(63_000));
        assert!(alpha(&resized, high, high) < Some(2_000));
    }
}

#[test]
fn resizing_to_nothing_or_too_much_is_refused() {
    let picture = sample(4, 4);
    assert!(matches!(picture.resized(Extent::new(4, 0)), Err(PictureError::NoPixels { .. })));
    assert!(matches!(picture.fit(Size::Within(MAX_SIDE)), Err(PictureError::TooLarge { .. })));
}

//! Light beyond white and below what bytes can say: OpenEXR and Radiance.

use puppyslug::extent::Extent;
use puppyslug::picture::{Depth, SaveOptions};
use testkit::Random;

use super::{at, fixture, folder, light, noise, open, through};

/// The rows of the OpenEXR fixtures, and those of their half clear right half.
const LIGHT: [[f32; 3]; 4] = [[0.0, 0.0, 0.0], [0.5, 0.25, 0.125], [24.0, 12.0, 0.75], [-0.25, 0.5, 1.0]];

/// sRGB-coded levels of 0.5, 0.25 and 0.125, from the formula: 255 * (1.055 * v^(1/2.4) - 0.055).
const CODED: [f32; 3] = [187.516, 136.9602, 99.0861];

#[test]
fn light_becomes_coded_levels() {
    for name in ["half.exr", "whole.exr"] {
        let picture = open(fixture(name));
        let row = |row: usize, x: usize| [0, 1, 2].map(|channel| picture.rgb()[channel * 16 + row * 4 + x]);
        assert_eq!(row(0, 0), [0.0; 3]);
        assert_eq!((row(2, 0)[0], row(2, 0)[1]), (255.0, 255.0), "a lamp is white");
        assert_eq!((row(3, 0)[0], row(3, 0)[2]), (0.0, 255.0), "what is below black is black");
        for (found, expected) in row(1, 0).iter().zip(CODED) {
            // Digits of the constants.
            assert!((found - expected).abs() < 1e-3, "{name}: {found} for {expected}");
        }
        let alpha = picture.alpha().expect("half of it is half clear");
        assert_eq!((alpha[0], alpha[2]), (u16::MAX, 32_768));
        for (clear, solid) in row(1, 2).iter().zip(row(1, 0)) {
            // Alpha is 32768/65535 for a half: 1.5e-5 of the light, and less of its root, of 255 levels.
            assert!((clear - solid).abs() < 255.0 * 2e-5, "the colour under the alpha");
        }
    }
    assert_eq!(open(fixture("half.exr")).depth(), Depth::Sixteen);
    assert_eq!(open(fixture("whole.exr")).depth(), Depth::ThirtyTwo);
}

#[test]
fn half_floats_come_back_bit_equal() {
    let folder = folder();
    let path = folder.path().join("again.exr");
    open(fixture("half.exr")).save(&path).expect("saved");
    // Every step errs by parts of 2^-24 and a half float knows 2^-11: it rounds to where it came from.
    assert_eq!(light(&path).as_raw(), light(fixture("half.exr")).as_raw());
    let row = |y| *light(&path).get_pixel(0, y);
    assert_eq!([0, 1, 2, 3].map(|y| [row(y).0[0], row(y).0[1], row(y).0[2]]), LIGHT);
}

#[test]
fn whole_floats_come_back_to_their_last_bits() {
    let folder = folder();
    let (first, path) = (folder.path().join("first.exr"), folder.path().join("again.exr"));
    let mut random = Random::named("light");
    // From 2^-16 to 2^16, so that some is excess.
    let values = (0..3 * 32 * 32).map(|_| 2f32.powi(random.below(32) as i32 - 16) * 1.234_567);
    let image = image::Rgb32FImage::from_raw(32, 32, values.collect()).expect("as many");
    image.save(&first).expect("a fixture is encoded");
    open(&first).save(&path).expect("saved");
    let (before, after) = (light(&first), light(&path));
    for (before, after) in before.as_raw().iter().zip(after.as_raw()) {
        // Rounded twice: as a level, where 2^-24 of it is at most 2.4 times that of the light (the curve is
        // a power of 2.4 or flatter), and as light again.
        let tolerance = before * 3.4 * 2f32.powi(-24);
        assert!((before - after).abs() <= tolerance, "{after} for {before}");
    }
}

#[test]
fn radiance_comes_back_byte_for_byte() {
    let folder = folder();
    let path = folder.path().join("again.hdr");
    let picture = open(fixture("light.hdr"));
    picture.save(&path).expect("saved");
    let pixels = light(fixture("light.hdr"));
    // 128 of 2^(129 - 136), and so on.
    assert_eq!(pixels.get_pixel(0, 0).0, [1.0, 0.5, 0.25, 1.0]);
    assert_eq!(pixels.get_pixel(1, 1).0, [31.875, 0.0, 0.125, 1.0]);
    assert_eq!(light(&path).as_raw(), pixels.as_raw());
    // Fine enough for all three bytes and the exponent.
    let whole = through(&picture, "exr", &SaveOptions::default());
    assert_eq!(whole.depth(), Depth::ThirtyTwo);
    whole.save(&path).expect("saved");
    assert_eq!(light(&path).as_raw(), pixels.as_raw());
}

#[test]
fn radiance_rounds_to_the_nearest_byte() {
    let folder = folder();
    let path = folder.path().join("noise.hdr");
    noise(Depth::Sixteen, false).save(&path).expect("saved");
    let exact = folder.path().join("noise.exr");
    noise(Depth::Sixteen, false).save_as(&exact, &at(Depth::ThirtyTwo)).expect("saved");
    let mut below = 0;
    for (rough, exact) in light(&path).pixels().zip(light(&exact).pixels()) {
        let largest = exact.0[..3].iter().fold(0.0, |largest: f32, light| largest.max(*light));
        for (rough, exact) in rough.0.iter().zip(exact.0) {
            // The largest of the three has at least 128 steps: half a step is a 256th of it. Where it rounds
            // up to the next exponent, steps are twice as long and the other two are cut off there.
            assert!((rough - exact).abs() <= largest / 128.0, "{rough} for {exact}");
            below += usize::from(*rough < exact);
        }
    }
    // Of 627 samples, cutting off would put nearly all below; 13 is the standard deviation of the half.
    assert!((250..380).contains(&below), "{below} of 627");
}

#[test]
fn very_dark_light_is_black_and_not_a_lamp() {
    let dark = image::Rgb32FImage::from_pixel(2, 2, image::Rgb([1e-40, 1e-39, 0.0]));
    let folder = folder();
    let (from, to) = (folder.path().join("dark.exr"), folder.path().join("dark.hdr"));
    dark.save(&from).expect("a fixture is encoded");
    open(&from).save(&to).expect("saved");
    assert!(light(&to).pixels().all(|pixel| pixel.0[..3] == [0.0; 3]));
}

#[test]
fn light_that_is_no_number_does_no_harm() {
    let pixels = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 0.5, 0.0];
    let image = image::Rgb32FImage::from_raw(2, 1, pixels.to_vec()).expect("six");
    let folder = folder();
    let path = folder.path().join("odd.exr");
    image.save(&path).expect("a fixture is encoded");
    let picture = open(&path);
    assert!(picture.rgb().iter().all(|level| (0.0..=255.0).contains(level)));
    let large = picture.resized(Extent::new(7, 9)).expect("a good size");
    for (picture, depth) in [(&picture, 16), (&picture, 32), (&large, 16), (&large, 32)] {
        let depth = if depth == 16 { Depth::Sixteen } else { Depth::ThirtyTwo };
        picture.save_as(&path, &at(depth)).expect("saved");
        assert!(light(&path).as_raw().iter().all(|light| light.is_finite()));
    }
}

#[test]
fn a_lamp_stays_a_lamp_through_levels_that_change() {
    let mut picture = open(fixture("half.exr"));
    // A dream paints over everything.
    picture.rgb_mut().fill(128.0);
    let folder = folder();
    let path = folder.path().join("dreamed.exr");
    picture.save(&path).expect("saved");
    let gray = ((128.0f32 / 255.0 + 0.055) / 1.055).powf(2.4);
    let lamp = light(&path).get_pixel(0, 2).0;
    // 24 is an excess of 23; half floats near 24 are 2^-6 apart.
    assert!((lamp[0] - (gray + 23.0)).abs() <= 2f32.powi(-7), "{lamp:?}");
    assert!((lamp[2] - gray).abs() <= 2f32.powi(-13), "{lamp:?}");
    // No other format knows of it.
    assert!(through(&picture, "png", &SaveOptions::default()).rgb().iter().all(|level| *level == 128.0));
}

#[test]
fn a_lamp_is_resized_with_its_picture() {
    let mut pixels = image::Rgb32FImage::from_pixel(40, 30, image::Rgb([0.25; 3]));
    for (x, y) in [(19, 14), (20, 14), (19, 15), (20, 15)] {
        pixels.put_pixel(x, y, image::Rgb([101.0; 3]));
    }
    let folder = folder();
    let path = folder.path().join("lamp.exr");
    pixels.save(&path).expect("a fixture is encoded");
    let picture = open(&path);
    for (width, height) in [(20, 15), (13, 29), (80, 60)] {
        picture.resized(Extent { height, width }).expect("a good size").save(&path).expect("saved");
        let resized = light(&path);
        assert_eq!(resized.dimensions(), (width as u32, height as u32));
        let excess = |light: f32| f64::from((light - 1.0).max(0.0));
        let total: f64 = resized.pixels().map(|pixel| excess(pixel.0[0])).sum();
        // The excess of four pixels, as much area as before. Weights over the border and samples between
        // the new ones cost some; a lamp lost or doubled would cost half.
        let share = total / (4.0 * 100.0) * (40.0 * 30.0) / (width * height) as f64;
        assert!((0.8..1.2).contains(&share), "{width}x{height}: {share}");
        let brightest = resized.pixels().fold(0.0f32, |most, pixel| most.max(pixel.0[0]));
        assert!(brightest > 10.0 && brightest <= 101.1, "{brightest}");
        // Far from the lamp there is none.
        assert!(resized.get_pixel(1, 1).0[0] < 0.26);
    }
}

#[test]
fn what_is_stored_outside_the_window_is_not_seen() {
    let picture = open(fixture("window.exr"));
    assert_eq!((picture.width(), picture.height()), (6, 2));
    let alpha = picture.alpha().expect("nothing is stored on the right");
    // Columns 1 to 6 of which 1 to 3 are stored; rows 1 and 2.
    assert_eq!(alpha[..6], [u16::MAX, 32_768, 32_768, 0, 0, 0]);
    assert_eq!(picture.rgb()[6], 255.0, "the lamp is in the second row");
}

//! HDR and transparency of films.

use testkit::{Desk, frames_of, headers_of, make_film, probe_film};

use super::COLOURS;
#[cfg(unix)]
use super::without_parts;

/// What leaves every frame as it is.
const IDLE: &str = "--device cpu --octaves 1 --iterations 1 --layer conv1/7x7_s2 --strength 0";

/// A plain colour of SDR, as HDR shows it whose white is that of paper.
const COLOUR: [u8; 3] = [200, 50, 20];

fn make_hdr(desk: &Desk, name: &str, transfer: &str) {
    let [red, green, blue] = COLOUR;
    make_film(
        &format!(
            "-f lavfi -i color=c=0x{red:02x}{green:02x}{blue:02x}:size=32x32:rate=25:duration=0.08,format=gbrp10le \
             -vf zscale=matrixin=gbr:rangein=full:transferin=bt709:primariesin=bt709:transfer={transfer}\
             :primaries=bt2020:matrix=2020_ncl:range=limited:npl=203,format=yuv420p10le -c:v libx264 -crf 1 \
             -colorspace bt2020nc -color_primaries bt2020 -color_trc {transfer} -color_range tv"
        ),
        desk.path(name),
    );
}

fn notes(desk: &Desk, name: &str) -> Vec<String> {
    let entries = "-show_entries stream=pix_fmt,color_space,color_transfer,color_primaries";
    probe_film(&desk.path(name), &format!("-select_streams v {entries}"))
}

/// How far the farthest sample is from the colour of SDR.
fn farthest(desk: &Desk, name: &str, matrix: &str) -> u8 {
    let pixels = frames_of(&desk.path(name), &format!("scale=in_color_matrix={matrix}:in_range=tv"));
    let apart = pixels.chunks(3).flat_map(|pixel| pixel.iter().zip(COLOUR).map(|(a, b)| a.abs_diff(b)));
    apart.max().expect("pixels")
}

#[test]
fn hdr_becomes_sdr_or_stays_as_wished() {
    let desk = Desk::new();
    for (transfer, name) in [("smpte2084", "PQ"), ("arib-std-b67", "HLG")] {
        make_hdr(&desk, "hdr.mp4", transfer);
        let words = [
            &format!("'hdr.mp4' is in HDR ({name})")[..],
            "`--hdr tonemap` makes it SDR",
            "`--hdr keep` keeps it",
        ];
        desk.refuse_at_once(&format!("video hdr.mp4 {IDLE}"), 1, &words);

        let ran = desk.succeed(&format!("video hdr.mp4 -o sdr.mp4 --hdr tonemap {IDLE}"));
        assert!(ran.err.contains(&format!("'hdr.mp4': its HDR ({name}) becomes SDR")), "{}", ran.err);
        assert_eq!(notes(&desk, "sdr.mp4"), ["yuv420p10le,bt709,bt709,bt709"]);
        // The curve bends what is brighter than 0.3 of white: red, of 0.58 in linear light, comes to 0.53, which is 9
        // levels less; the encoder takes 4 more at most.
        let apart = farthest(&desk, "sdr.mp4", "bt709");
        assert!(apart <= 13, "{name}: {apart}");

        let ran = desk.succeed(&format!("video hdr.mp4 -o kept.mp4 --hdr keep {IDLE}"));
        assert!(ran.err.contains(&format!("its HDR ({name}) stays as it is coded")), "{}", ran.err);
        assert_eq!(notes(&desk, "kept.mp4"), notes(&desk, "hdr.mp4"));
        assert_eq!(notes(&desk, "kept.mp4"), [format!("yuv420p10le,bt2020nc,{transfer},bt2020")]);
        let [before, after] = ["hdr.mp4", "kept.mp4"].map(|name| frames_of(&desk.path(name), ""));
        let apart = before.iter().zip(&after).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(before.len() == after.len() && apart <= Some(4), "{name}: {apart:?}");
        // Taken for SDR, as it is coded, it is another colour.
        assert!(farthest(&desk, "kept.mp4", "bt2020") > 40, "{name}");

        let ran = desk.succeed(&format!("video hdr.mp4 -o kept.mkv --codec ffv1 --hdr keep {IDLE}"));
        let said = format!("there is no place to note that its light is {name}");
        assert!(ran.err.contains(&said), "{}", ran.err);
    }
    desk.refuse_at_once(&format!("video hdr.mp4 --hdr maybe {IDLE}"), 2, &["accepted: tonemap, keep"]);
}

/// What an encoder is told of a display of P3 that reaches 1000 cd/m2, and of frames as bright as it and of 400 on average.
const DISPLAY: &str = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";

/// How bright HDR is meant to be, in every codec that has a place for it, from one that has it in another unit too.
#[test]
fn kept_hdr_says_how_bright_it_is() {
    let desk = Desk::new();
    let light = "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -color_range tv";
    let make = |name: &str, options: &str| {
        let colours = COLOURS.replace("64x48", "96x64"); // less is too little for some
        let codec = format!("-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=error{options}");
        make_film(&format!("{colours} {light} {codec}"), desk.path(name));
    };
    make("hdr.mp4", &format!(":master-display={DISPLAY}:max-cll=1000,400"));
    make("dark.mp4", "");
    let keep = |from: &str, out: &str, codec: &str| {
        desk.succeed(&format!("video {from} -o {out} --codec {codec} --hdr keep {IDLE}")).err
    };
    let lost = "there is no place to note its mastering display and peak brightness";
    for (from, out, codec) in [
        ("hdr.mp4", "h264.mp4", "h264"),
        ("hdr.mp4", "hevc.mp4", "hevc"),
        ("hdr.mp4", "av1.mkv", "av1"),
        ("av1.mkv", "again.mkv", "hevc"),
    ] {
        let said = keep(from, out, codec);
        assert!(!said.contains("no place"), "{codec}: {said}");
        let fields = headers_of(&desk.path(out));
        let expected: &[&str] = match codec {
            // Parts of 2^16, 2^8 and 2^14, rounded.
            "av1" => &[
                "primary_chromaticity_x[1] = 17367",
                "white_point_chromaticity_y = 21561",
                "luminance_max = 256000",
                "luminance_min = 82",
                "max_cll = 1000",
                "max_fall = 400",
            ],
            _ => &[
                "display_primaries_x[0] = 13250",
                "display_primaries_y[2] = 16000",
                "white_point_x = 15635",
                "max_display_mastering_luminance = 10000000",
                "min_display_mastering_luminance = 50",
                "max_content_light_level = 1000",
                "max_pic_average_light_level = 400",
            ],
        };
        for field in expected {
            assert!(fields.iter().any(|found| found == field), "{codec}: {field} is not in {fields:?}");
        }
    }
    let said = keep("hdr.mp4", "vp9.webm", "vp9");
    assert!(said.contains(lost), "{said}");
    // Of a film that says nothing of it, nothing is said.
    let said = keep("dark.mp4", "dark.webm", "vp9");
    assert!(!said.contains("no place"), "{said}");
    keep("dark.mp4", "out.mp4", "hevc");
    let fields = headers_of(&desk.path("out.mp4"));
    assert!(!fields.iter().any(|field| field.contains("light_level") || field.contains("mastering")));
    assert!(fields.iter().any(|field| field == "transfer_characteristics = 16"), "{fields:?}");
}

#[cfg(unix)]
#[test]
fn without_the_filter_there_is_another_way() {
    let desk = Desk::new();
    make_hdr(&desk, "hdr.mp4", "smpte2084");
    let run =
        |hdr: &str| without_parts(&desk, "filter", &format!("video hdr.mp4 -o dream.mp4 --hdr {hdr} {IDLE}"));
    let words = ["built without zscale, which converts HDR to SDR", "`--hdr keep` works without it"];
    run("tonemap").assert_failed("tonemap", 1, &words);
    assert_eq!(run("keep").code, Some(0));
}

/// Colours that are clear at the left and solid at the right.
fn clear() -> String {
    format!("{COLOURS},format=rgba,geq=r=r(X\\,Y):g=g(X\\,Y):b=b(X\\,Y):a=4*X")
}

/// The transparency of all frames, as a decoder has it that looks for it.
fn alpha(desk: &Desk, name: &str, decoder: &str) -> Vec<u8> {
    let grey = format!("{name}.grey.mkv");
    let path = desk.path(name);
    let source = format!("{decoder} -i {} -vf alphaextract,format=gray -c:v ffv1", path.display());
    make_film(&source, desk.path(&grey));
    frames_of(&desk.path(&grey), "").into_iter().step_by(3).collect()
}

#[test]
fn transparency_goes_through_where_there_is_a_place_for_it() {
    let desk = Desk::new();
    let vp9 = "-c:v libvpx-vp9";
    let (mov, webm) = (("out.mov", "--codec prores", ""), ("out.webm", "--cuts 2f", vp9));
    let (mkv, png) = (("out.mkv", "--codec ffv1", ""), ("out.png", "", ""));
    // What decodes and what encodes do not know each other, unless no ffmpeg is between them.
    let sources = [
        ("film.mov", "-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le", "", &[mov, webm, mkv, png][..]),
        ("film.webm", "-c:v libvpx-vp9 -b:v 0 -crf 10 -auto-alt-ref 0 -pix_fmt yuva420p", vp9, &[mkv]),
        ("film.png", "-f apng", "", &[mkv, png]),
    ];
    for (name, codec, decoder, places) in sources {
        make_film(&format!("{} {codec}", clear()), desk.path(name));
        let before = alpha(&desk, name, decoder);
        assert!(
            before.len() == 5 * 64 * 48 && before.contains(&0) && before.iter().any(|&a| a > 240),
            "{name}"
        );
        for &(out, codec, decoder) in places {
            let ran = desk.succeed(&format!("video {name} -o {out} {codec} {IDLE}"));
            assert!(!ran.err.contains("transparency"), "{name} to {out}: {}", ran.err);
            let after = alpha(&desk, out, decoder);
            let apart: u64 = before.iter().zip(&after).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            // Levels that codecs with loss are off by on average.
            assert!(
                before.len() == after.len() && apart <= 3 * before.len() as u64,
                "{name} to {out}: {apart}"
            );
        }
        let ran = desk.succeed(&format!("video {name} -o out.mp4 {IDLE}"));
        assert!(ran.err.contains(&format!("'{name}': its transparency is lost")), "{}", ran.err);
    }
    let ran = desk.succeed(&format!("video film.png -o out/%d.jpg {IDLE}"));
    assert!(ran.err.contains("its transparency is lost"), "{}", ran.err);
}

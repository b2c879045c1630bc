//! Arguments that are refused, and with which words.

use testkit::Desk;

#[test]
fn unknown_words_are_refused() {
    let desk = Desk::new();
    desk.refuse_at_once("dreem", 2, &["unrecognized subcommand 'dreem'"]);
    desk.refuse_at_once("dream --colour", 2, &["'--colour'"]);
    desk.refuse_at_once("dream cat.png dog.png", 2, &["'dog.png'"]);
    desk.refuse_at_once("probe cat.png --layer data", 2, &["required"]);
    desk.refuse_at_once("probe -o out.safetensors --layer data", 2, &["required"]);
    desk.refuse_at_once("dream -o", 2, &["a value is required for '--out <FILE>'"]);
    desk.refuse_at_once("dream cat.png --octaves 1 --octaves 2", 2, &["cannot be used multiple times"]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let desk = Desk::new();
    for (flag, name) in
        [("octaves", "N|auto"), ("iterations", "N[,N...]"), ("jitter", "N[,N...]"), ("seed", "N")]
    {
        for value in ["-1", "x", "1.5", "nan", "1e3"] {
            let words = [&format!("'{value}'"), &format!("--{flag} <{name}>"), "a whole number is needed"];
            desk.refuse_at_once(&format!("dream cat.png --{flag}={value}"), 2, &words);
        }
        let words = [&format!("--{flag} <{name}>"), "too large"];
        desk.refuse_at_once(&format!("dream cat.png --{flag} 99999999999999999999999"), 2, &words);
    }
    for (flag, name) in [("octave-scale", "X"), ("step", "X[,X...]")] {
        for value in ["x", "1,5,", "1..2"] {
            let words = [&format!("'{value}'"), &format!("--{flag} <{name}>"), "a number is needed"];
            desk.refuse_at_once(&format!("dream cat.png --{flag}={value}"), 2, &words);
        }
    }
    desk.refuse_at_once("dream cat.png --jitter -1", 2, &["'-1'", "--jitter"]);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let desk = Desk::new();
    for (flag, values, accepted) in [
        ("octaves", &["0", "101"][..], "from 1 to 100"),
        ("iterations", &["0", "1000001"], "from 1 to 1000000"),
        ("jitter", &["65536", "4294967295"], "from 0 to 65535"),
        ("octave-scale", &["1", "0.5", "0", "-2", "101", "nan", "inf", "-inf"], "above 1 and at most 100"),
        ("step", &["0", "-0", "1001", "-1001", "1e39", "nan", "NaN", "inf", "-inf"], "from -1000 to 1000"),
    ] {
        for value in values {
            desk.refuse_at_once(
                &format!("dream cat.png --{flag}={value}"),
                2,
                &[accepted, &flag.replace('-', " ")],
            );
        }
    }
}

#[test]
fn means_and_sizes_that_are_none_are_refused() {
    let desk = Desk::new();
    for mean in ["1,2", "1,2,3,4", "a,b,c", "256,0,0", "-1,0,0", "nan,0,0", "inf,0,0", "104;116;122", ","] {
        let words = [&format!("'{mean}'"), "--mean", "three numbers from 0 to 255"];
        desk.refuse_at_once(&format!("dream cat.png --mean={mean}"), 2, &words);
        desk.refuse_at_once(&format!("probe cat.png -o o.safetensors --layer data --mean={mean}"), 2, &words);
    }
    for size in ["0", "0x5", "5x0", "x", "-5", "5x", "65536", "1.5", "nan", "1x2x3", "999999999999999999999"]
    {
        let words = [&format!("'{size}'"), "--size", "640x480", "65535"];
        desk.refuse_at_once(&format!("dream cat.png --size={size}"), 2, &words);
    }
}

#[test]
fn objectives_that_are_none_are_refused() {
    let desk = Desk::new();
    for (flag, words) in [
        ("--objective inception_4c/output", "no colon"),
        ("--objective l3:data", "no kind of objective is called 'l3'"),
        ("--objective channel:data", "wrong number of fields"),
        ("--objective channel:data:x", "'x' is not a channel number"),
        ("--objective neuron:data:0:1", "not a row and a column"),
        ("--objective l2:data*nan", "weight 'nan'"),
        ("--objective l2:data*0", "weight '0'"),
        ("--objective l2:data*@0", "'0' is not a range of octaves"),
        ("--objective l2:", "nothing follows the colon"),
        ("--layer data=inf", "weight 'inf'"),
        ("--layer data=0", "weight '0'"),
        ("--layer =1", "a layer's name is needed"),
    ] {
        desk.refuse_at_once(&format!("dream cat.png {flag}"), 2, &[words]);
    }
    desk.refuse_at_once("probe cat.png -o o.safetensors --objective l2", 2, &["no colon"]);
}

#[test]
fn names_that_are_not_there_get_the_nearest_that_are() {
    let desk = Desk::new();
    let layer = ["no layer 'inception_4c/outptu'", "nearest: inception_4c/output", "`puppyslug layers`"];
    let class = ["no class 'sunflwer'", "nearest: sunflower"];
    for name in ["inception_4c", "mixed4c", "inception4c"] {
        let words = [&format!("no layer '{name}'"), "nearest: inception_4c/output,"];
        desk.refuse_at_once(&format!("dream cat.png --layer {name}"), 2, &words);
        desk.refuse_at_once(&format!("probe cat.png -o o.safetensors --layer {name}"), 2, &words);
    }
    for (command, output) in [("dream", "o.png"), ("probe", "o.safetensors")] {
        let start = format!("{command} cat.png -o {output} --device cpu");
        desk.refuse_at_once(&format!("{start} --objective l2:inception_4c/outptu"), 2, &layer);
        desk.refuse_at_once(&format!("{start} --layer inception_4c/outptu"), 2, &layer);
        desk.refuse_at_once(&format!("{start} --objective logit:sunflwer"), 2, &class);
        desk.refuse_at_once(
            &format!("{start} --objective logit:1000"),
            2,
            &["no class 1000; accepted: 0 to 999"],
        );
        desk.refuse_at_once(
            &format!("{start} --objective channel:inception_3a/output:256"),
            2,
            &["'inception_3a/output' has no channel 256; accepted: 0 to 255"],
        );
        desk.refuse_at_once(
            &format!("{start} --objective neuron:inception_3a/output:0:4,5"),
            1,
            &["neuron 4,5 lies outside layer 'inception_3a/output'", "4 rows by 5 columns", "40x32"],
        );
        let far = "neuron:inception_3a/output:0:0,18446744073709551615";
        desk.refuse_at_once(
            &format!("{start} --objective {far}"),
            1,
            &["lies outside", "4 rows by 5 columns"],
        );
    }
    for device in ["cqu", "4096", "-"] {
        let words = [&format!("no device '{device}'"), "nearest: ", "`puppyslug devices`"];
        desk.refuse_at_once(&format!("dream cat.png --device {device}"), 2, &words);
        desk.refuse_at_once(
            &format!("probe cat.png -o o.safetensors --layer data --device {device}"),
            2,
            &words,
        );
    }
}

#[test]
fn a_probe_of_nothing_is_refused() {
    Desk::new().refuse_at_once(
        "probe cat.png -o o.safetensors",
        2,
        &["nothing to probe", "--layer", "--objective"],
    );
}

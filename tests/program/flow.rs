//! `puppyslug flow`.

use std::fs;

use puppyslug::flow::read_flo;
use puppyslug::picture::Picture;
use testkit::Desk;

#[test]
fn a_flow_is_kept_as_numbers_as_colours_and_as_a_mask() {
    let desk = Desk::new();
    let ran = desk.run("flow cat.png cat.png -o still.flo --mask mask.png --device cpu");
    assert_eq!((ran.code, &ran.text()[..], &ran.err[..]), (Some(0), "", "mask.png\nstill.flo\n"));
    let flow = read_flo(&desk.path("still.flo")).expect("a flow");
    assert_eq!((flow.extent().width, flow.extent().height), (40, 32));
    // A picture lies where it lies: nothing pulls a patch away, so that only rounding moves it.
    let most = flow.down().iter().chain(flow.right()).fold(0.0f32, |most, part| most.max(part.abs()));
    assert!(most < 1e-3, "{most}");
    let mask = Picture::open(desk.path("mask.png")).expect("a picture");
    assert_eq!(mask.luma()[20 * 40 + 20], 255.0);
    desk.succeed("flow cat.png cat.png -o still.png --device cpu");
    assert_eq!(Picture::open(desk.path("still.png")).expect("a picture").width(), 40);
    let ran = desk.run("flow cat.png cat.png -o still.flo --verbose --device cpu");
    assert!(ran.err.contains("40x32: ") && ran.err.contains(" ms on cpu"), "{}", ran.err);
}

#[test]
fn what_no_flow_can_be_of_is_refused() {
    let desk = Desk::new();
    desk.paint("other.png", 41, 32);
    let refused = desk.run("flow cat.png other.png -o o.flo --device cpu");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("40x32") && refused.err.contains("41x32"), "{}", refused.err);
    desk.refuse_at_once("flow cat.png cat.png -o o.xyz", 2, &["'o.xyz'", "png, jpg"]);
    desk.refuse_at_once("flow cat.png cat.png -o cat.png", 2, &["is the input"]);
    desk.refuse_at_once("flow cat.png cat.png -o missing/o.flo", 1, &["there is no folder 'missing'"]);
    fs::write(desk.path("no.flo"), "PIEH").expect("written");
    assert!(read_flo(&desk.path("no.flo")).is_err());
}

//! Whole dreams: the notebook's golden one, two machines beside each other, and what the library promises.

mod agreement;
mod carried;
mod library;
mod notebook;
mod runs;
mod scipy;

use libtest_mimic::Failed;
use testkit::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("a wrong picture is noticed", a_wrong_picture_is_noticed)];
    trials.extend(library::trials());
    trials.extend(agreement::trials());
    trials.extend(notebook::trials());
    trials.extend(runs::trials());
    trials.extend(carried::trials());
    trials
}

fn ensure(holds: bool, complaint: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint().into()) }
}

/// Whether two pictures are as near as `floor` decibels. Says how near they are.
fn near(what: &str, found: &[f32], expected: &[f32], floor: f64) -> Result<(), Failed> {
    let distance = testkit::psnr(found, expected);
    eprintln!("{what}: {distance:.1} dB, at least {floor}");
    ensure(distance >= floor, || format!("{what}: {distance:.2} dB, at least {floor} expected"))
}

/// The negative control.
fn a_wrong_picture_is_noticed() -> Result<(), Failed> {
    let picture: Vec<f32> = (0..300u16).map(|n| f32::from(n % 256)).collect();
    near("itself", &picture, &picture, f64::INFINITY)?;
    // One gray level everywhere is 20 log10(255) = 48.13 dB.
    let brighter: Vec<f32> = picture.iter().map(|sample| sample + 1.0).collect();
    near("a gray level more", &brighter, &picture, 48.1)?;
    let mut broken = picture.clone();
    broken[7] = f32::NAN;
    for (what, wrong, floor) in [("a gray level more", brighter, 48.2), ("a NaN", broken, 0.0)] {
        ensure(near(what, &wrong, &picture, floor).is_err(), || format!("{what} was not noticed"))?;
    }
    Ok(())
}

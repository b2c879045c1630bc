use std::path::Path;

use super::*;
use crate::cpu::Cpu;
use crate::dream::recipe::FileMark;
use crate::dream::{Config, DreamError, Objective};
use crate::extent::Extent;
use crate::picture::{Format, Picture};
use crate::studio::replay::Verdict;
use crate::studio::room::small::{Knows, small};
use crate::studio::{
    Delivery, Destination, GivenPictures, Network, Previews, Product, Replay, Resume, Subject,
};

const SIZE: Extent = Extent::new(32, 40);
/// More iterations than any test waits for.
const ENDLESS: usize = 1_000_000;

/// A dream over a sky in two octaves of this many iterations.
fn request(iterations: usize, delivery: Delivery) -> Request {
    let config = Config {
        objectives: vec![Objective::l2("conv2/3x3")],
        octaves: 2.into(),
        iterations: iterations.into(),
        ..Config::default()
    };
    Request::new(Network::embedded(), Subject::Sky { seed: 3 }, SIZE, config, delivery)
}

fn png(to: Destination) -> Delivery {
    Delivery::to(to, FileMark { format: Format::Png, depth: None, quality: None })
}

fn bytes() -> Destination {
    Destination::Bytes { name: "the test".to_owned() }
}

fn room() -> Arc<Room> {
    Room::on(Box::new(Cpu::new()))
}

fn done(job: Job) -> Product {
    match job.last() {
        Some(Event::Done(product)) => *product,
        other => panic!("{other:?}"),
    }
}

/// Waits for the first iteration.
fn wait_for_iteration(job: &mut Job) {
    assert!(job.any(|event| matches!(event, Event::Iteration(_))), "it dreams");
}

#[test]
fn events_come_in_order() {
    let delivery = Delivery { previews: Previews::Octaves, ..Delivery::nowhere() };
    let words = Job::start(request(2, delivery), &room()).map(|event| match event {
        Event::Planned(planned) => format!("planned {}", planned.octaves.len()),
        Event::Octave { number, of, size } => format!("octave {number}/{of} {size}"),
        Event::Iteration(now) => format!("iteration {}", now.iteration),
        Event::Preview(picture) => format!("preview {}", picture.width()),
        Event::Landed { done, of } => format!("landed {done}/{of}"),
        Event::Done(product) => format!("done {}", product.picture.width()),
        other => format!("{other:?}"),
    });
    let octave = |number: usize, size: &str, width: usize| {
        let words = [format!("octave {number}/2 {size}"), "iteration 1".into(), "iteration 2".into()];
        [&words[..], &[format!("preview {width}"), format!("landed {number}/2")]].concat()
    };
    let expected = [
        vec!["planned 2".to_owned()],
        octave(1, "29x23", 29),
        octave(2, "40x32", 40),
        vec!["done 40".into()],
    ];
    assert_eq!(words.collect::<Vec<_>>(), expected.concat());
}

#[test]
fn a_picture_can_be_seen_every_so_often() {
    let delivery = Delivery { previews: Previews::Iterations(2), ..Delivery::nowhere() };
    let mut seen = Vec::new();
    for event in Job::start(request(9, delivery), &room()) {
        if let Event::Preview(picture) = event {
            seen.push(picture.width());
        }
    }
    // Previews come after the second, fourth, sixth and eighth iteration of each octave, if another iteration
    // follows.
    assert_eq!(seen, [29, 29, 29, 29, 40, 40, 40, 40]);
}

#[test]
fn a_job_makes_what_the_loop_alone_makes() {
    let product = done(Job::start(request(2, png(bytes())), &room()));
    let encoded = product.bytes.expect("asked for");
    let decoded = Picture::decode(&encoded, "the dream").expect("a picture");
    let Request { config, network, .. } = request(2, Delivery::nowhere());
    let source = crate::picture::sky::sky(SIZE, 3).expect("a sky");
    let mut dream =
        crate::dream::Dream::prepare(&Cpu::new(), &network.weights, SIZE, &config).expect("a dream");
    let alone = dream.run(&source, &mut |_| std::ops::ControlFlow::Continue(())).expect("it runs").picture;
    assert_eq!(product.picture.rgb(), alone.rgb());
    assert_eq!(decoded.extent(), SIZE);
}

#[test]
fn a_job_that_is_cancelled_in_an_octave_has_a_part_to_show() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("part.png");
    let delivery = Delivery { part: true, ..png(Destination::File(out.clone())) };
    let mut job = Job::start(request(ENDLESS, delivery), &room());
    wait_for_iteration(&mut job);
    let canceller = job.canceller();
    std::thread::spawn(move || canceller.cancel()).join().expect("no panic");
    let Some(Event::Stopped(part)) = job.last() else { panic!("it was cancelled") };
    assert_eq!((part.done, part.octaves, &part.checkpoint), (0, 2, &None));
    let product = part.product.expect("it had begun");
    assert!(!product.recipe.complete && product.picture.width() == 40, "carried up to full size");
    assert_eq!(Picture::open(&out).expect("delivered").width(), 40);
    assert!(matches!(Replay::open(&out), Err(JobError::Unfinished { .. })));
}

#[test]
fn a_job_that_is_cancelled_delivers_nothing_unless_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("part.png");
    let mut job = Job::start(request(ENDLESS, png(Destination::File(out.clone()))), &room());
    wait_for_iteration(&mut job);
    job.cancel();
    assert!(matches!(job.last(), Some(Event::Stopped(_))));
    assert!(!out.exists());
}

#[test]
fn dropping_a_job_cancels_it() {
    let room = room();
    let mut job = Job::start(request(ENDLESS, Delivery::nowhere()), &room);
    wait_for_iteration(&mut job);
    let canceller = job.canceller();
    drop(job);
    assert!(canceller.is_cancelled());
    assert_eq!(Arc::strong_count(&room), 1, "its thread has left the room");
}

#[test]
fn a_dream_goes_on_from_a_checkpoint_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = folder.path().join("c.safetensors");
    let delivery = Delivery { checkpoint: Some(checkpoint.clone()), ..png(bytes()) };
    let whole = done(Job::start(request(3, delivery), &room())).bytes.expect("asked for");
    let resume = Resume::open(&checkpoint).expect("a checkpoint");
    assert_eq!(resume.out(), Path::new("-"));
    let mut resumed = None;
    let mut rest = None;
    for event in Job::start(resume.request(Network::embedded(), bytes()), &room()) {
        match event {
            Event::Resumed { done } => resumed = Some(done),
            Event::Octave { number, .. } => assert_eq!(number, 2, "the first octave is not dreamed again"),
            Event::Done(product) => rest = product.bytes,
            _ => {}
        }
    }
    assert_eq!(resumed, Some(1));
    assert!(rest.expect("asked for") == whole, "the rest makes the same file");
}

#[test]
fn a_replay_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("dream.png");
    let dreamed = done(Job::start(request(1, png(Destination::File(out.clone()))), &room()));
    let replay = Replay::open(&out).expect("a recipe");
    let network = Network::of_recipe(&replay.recipe().weights, None).expect("embedded");
    let given = GivenPictures::default();
    let again = replay.request(network, None, given, Destination::Nowhere).expect("a sky needs nothing");
    let mut product = done(Job::start(again, &room()));
    assert_eq!(product.picture.rgb(), dreamed.picture.rgb());
    assert_eq!(replay.judge(&product.picture).expect("it can be read"), Verdict::Same);
    let sample = &mut product.picture.rgb_mut()[7];
    *sample = if *sample > 100.0 { *sample - 2.0 } else { *sample + 2.0 };
    let different = Verdict::Different { samples: 1, of: 3 * 40 * 32, most: 2 };
    assert_eq!(replay.judge(&product.picture).expect("it can be read"), different);
}

#[test]
fn two_jobs_share_a_room() {
    // The memory that one job needs, including the weights that stay on the machine.
    let (large, _hears) = small(u64::MAX, Knows::Beforehand);
    done(Job::start(request(1, Delivery::nowhere()), &Room::on(Box::new(large.clone()))));
    let (machine, _hears) = small(large.most() * 3 / 2, Knows::Beforehand);
    let room = Room::on(Box::new(machine.clone()));
    let mut first = Job::start(request(ENDLESS, Delivery::nowhere()), &room);
    wait_for_iteration(&mut first);
    let mut second = Job::start(request(1, Delivery::nowhere()), &room);
    assert!(matches!(second.next(), Some(Event::Waiting)), "there is no room for two");
    drop(first);
    assert_eq!(done(second).picture.width(), 40);
    assert_eq!(machine.most(), large.most());
}

#[test]
fn a_job_that_cannot_be_done_says_why() {
    let mut unknown = request(1, Delivery::nowhere());
    unknown.config.objectives = vec![Objective::l2("conv9")];
    let events: Vec<Event> = Job::start(unknown, &room()).collect();
    let [Event::Failed(JobError::Dream(DreamError::Objective(_)))] = &events[..] else {
        panic!("{events:?}")
    };
    // An error that is only detected while dreaming: a picture too small for its layer.
    let mut small = request(1, Delivery::nowhere());
    small.size = Extent::square(1);
    small.config.objectives = vec![Objective::l2("inception_4c/output")];
    let failed = Job::start(small, &room()).last();
    assert!(matches!(failed, Some(Event::Failed(JobError::Dream(DreamError::Lower(_))))), "{failed:?}");
}

use std::io::{PipeReader as End, PipeWriter, Write, pipe};
use std::thread;

use super::*;
use crate::extent::Extent;
use crate::film::TimeBase;
use crate::film::nut::{Layout, Stream, Writer};

/// A frame of this size is three times as large as the buffers of a pipe and a reader. Once one frame is written,
/// the one before it has been received completely.
const LARGE: Extent = Extent::new(256, 512);
const SMALL: Extent = Extent::new(2, 3);

fn stream(size: Extent) -> Stream {
    Stream { size, layout: Layout::Rgb24, time_base: TimeBase::MILLISECOND, aspect: (1, 1) }
}

/// Writes frames at these times to a pipe, and returns the writer.
fn send(to: PipeWriter, size: Extent, times: &[u64]) -> Writer<PipeWriter> {
    let mut writer = Writer::begin(to, stream(size), None).expect("it is read");
    for &time in times {
        let pixels = vec![time as u8; stream(size).frame()];
        writer.frame(time, &pixels).expect("it is read");
    }
    writer
}

fn piped(from: End, drop: Dropping) -> Piped {
    Piped::open(Box::new(from), Path::new("stdin"), drop, None).expect("a film")
}

fn rest(inlet: &mut Inlet) -> Vec<i64> {
    std::iter::from_fn(|| inlet.next_frame().expect("sound").map(|frame| frame.time)).collect()
}

#[test]
fn without_a_wish_nothing_is_dropped() {
    let (from, to) = pipe().expect("a pipe");
    let times: Vec<u64> = (0..20).collect();
    let sender = thread::spawn(move || drop(send(to, LARGE, &times)));
    let mut inlet = Inlet::start(&piped(from, Dropping::Nothing), Span::default()).expect("it starts");
    assert_eq!(rest(&mut inlet), (0..20).collect::<Vec<_>>());
    sender.join().expect("no panic");
}

#[test]
fn what_is_late_is_dropped_but_for_the_newest_and_the_last() {
    let (from, to) = pipe().expect("a pipe");
    let (ready, go) = sync_channel(0);
    let sender = thread::spawn(move || {
        let writer = send(to, LARGE, &[0, 1, 2, 3, 4, 5]);
        ready.send(writer).expect("it is awaited");
    });
    let mut inlet = Inlet::start(&piped(from, Dropping::Late), Span::default()).expect("it starts");
    // All have been written, so all but the last have been received, each replacing the one before.
    let mut writer = go.recv().expect("written");
    let first = inlet.next_frame().expect("sound").expect("a frame").time;
    assert!(first >= 4, "{first}");
    writer.frame(6, &vec![6; stream(LARGE).frame()]).expect("it is read");
    drop(writer);
    let rest = rest(&mut inlet);
    assert!(rest.last() == Some(&6) && rest.is_sorted() && rest.len() <= 2, "{rest:?}");
    sender.join().expect("no panic");
}

#[test]
fn a_part_is_counted_or_timed() {
    let of = |from: Option<Moment>, to: Option<Moment>| {
        let (end, begin) = pipe().expect("a pipe");
        drop(send(begin, SMALL, &[0, 40, 80, 120, 160]));
        rest(&mut Inlet::start(&piped(end, Dropping::Nothing), Span { from, to }).expect("it starts"))
    };
    assert_eq!(of(Some(Moment::Frame(1)), Some(Moment::Frame(3))), [40, 80]);
    assert_eq!(of(Some(Moment::Seconds(0.05)), Some(Moment::Seconds(0.16))), [80, 120]);
    assert_eq!(of(None, Some(Moment::Frame(0))), Vec::<i64>::new());
}

#[test]
fn what_ends_in_the_middle_or_comes_twice_is_said() {
    let (from, mut to) = pipe().expect("a pipe");
    let mut bytes = Vec::new();
    let mut writer = Writer::begin(&mut bytes, stream(SMALL), None).expect("memory takes it");
    for time in [0, 40] {
        writer.frame(time, &[7; 18]).expect("memory takes it");
    }
    to.write_all(&bytes[..bytes.len() - 5]).expect("it fits");
    drop(to);
    let piped = piped(from, Dropping::Nothing);
    let mut inlet = Inlet::start(&piped, Span::default()).expect("it starts");
    assert_eq!(inlet.next_frame().expect("sound").map(|frame| frame.time), Some(0));
    let error = inlet.next_frame().expect_err("cut").to_string();
    assert!(error.contains("'stdin' cannot be read beyond frame 1: it ends in the middle"), "{error}");
    let error = Inlet::start(&piped, Span::default()).expect_err("read before").to_string();
    assert!(error.contains("only once"), "{error}");
}

#[test]
fn times_that_no_clock_has_are_refused() {
    let (from, to) = pipe().expect("a pipe");
    drop(send(to, SMALL, &[LAST_TICK, LAST_TICK + 1]));
    let mut inlet = Inlet::start(&piped(from, Dropping::Nothing), Span::default()).expect("it starts");
    assert_eq!(inlet.next_frame().expect("sound").map(|frame| frame.time), Some(LAST_TICK as i64));
    assert!(inlet.next_frame().expect_err("too late").to_string().contains("which no clock has"));
}

#[test]
fn what_is_no_film_is_said() {
    for (bytes, words) in
        [(&b""[..], "nothing comes"), (b"\x89PNG\r\n\x1a\n and on and on and on", "this is not NUT")]
    {
        let error =
            Piped::open(Box::new(bytes), Path::new("stdin"), Dropping::Nothing, None).expect_err("no film");
        assert!(error.to_string().contains(words), "{error}");
    }
}

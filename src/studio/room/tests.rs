use std::thread;

use super::small::{Knows, small};
use super::*;
use crate::cpu::Cpu;
use crate::dream::Objective;
use crate::extent::Extent;

const SMALL: Extent = Extent::new(32, 40);
const OTHER: Extent = Extent::new(40, 32);

fn wanted(size: Extent) -> Wanted {
    let objectives = vec![Objective::l2("conv2/3x3")];
    let config = Config { objectives, octaves: 1.into(), ..Config::default() };
    Wanted {
        weights: Weights::embedded(),
        references: Arc::default(),
        size,
        config,
        purpose: Purpose::default(),
    }
}

/// Loads a dream that is not cancelled, and returns its size in bytes.
fn load(seat: &mut Seat, size: Extent) -> Result<u64, JobError> {
    let dream = seat.dream(wanted(size), &Cancel::default(), &mut || ())?;
    Ok(dream.expect("it is not cancelled").bytes())
}

/// The bytes that one dream needs.
fn bytes_of(size: Extent) -> u64 {
    load(&mut Room::on(Box::new(Cpu::new())).seat(), size).expect("a dream")
}

#[test]
fn a_dream_without_room_waits_for_it() {
    let one = bytes_of(SMALL);
    for knows in [Knows::Beforehand, Knows::TooLate] {
        let (machine, hears) = small(2 * one - 1, knows);
        let room = Room::on(Box::new(machine.clone()));
        let mut first = room.seat();
        load(&mut first, SMALL).expect("there is room for one");
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let loaded = load(&mut room.seat(), SMALL);
                machine.tell(); // so that nobody waits if nothing was requested
                loaded
            });
            hears.recv().expect("the second asks");
            // The lock is available once the second dream waits, or has wrongly been loaded.
            drop(lock(&room.taken));
            drop(first);
            assert_eq!(second.join().expect("no panic").expect("there is room again"), one);
        });
        assert_eq!(machine.most(), one);
    }
}

#[test]
fn a_dream_that_waits_can_be_cancelled() {
    let one = bytes_of(SMALL);
    let (machine, _hears) = small(2 * one - 1, Knows::Beforehand);
    let room = Room::on(Box::new(machine));
    let mut first = room.seat();
    load(&mut first, SMALL).expect("there is room for one");
    let cancel = Cancel::default();
    let mut waited = 0;
    let mut waiting = || {
        waited += 1;
        cancel.cancel();
    };
    let mut second = room.seat();
    let loaded = second.dream(wanted(SMALL), &cancel, &mut waiting).expect("no error").is_some();
    assert!(!loaded && waited == 1, "{loaded} {waited}");
}

#[test]
fn a_dream_with_room_does_not_wait() {
    let one = bytes_of(SMALL);
    for knows in [Knows::Beforehand, Knows::TooLate] {
        let (machine, _hears) = small(2 * one, knows);
        let room = Room::on(Box::new(machine.clone()));
        let (mut first, mut second) = (room.seat(), room.seat());
        load(&mut first, SMALL).expect("there is room for one");
        load(&mut second, SMALL).expect("and for another");
        assert_eq!(machine.most(), 2 * one);
    }
}

#[test]
fn nobody_waits_for_what_never_comes() {
    for knows in [Knows::Beforehand, Knows::TooLate] {
        // Too little even for the smallest tiles.
        let (machine, _hears) = small(1000, knows);
        let refused = load(&mut Room::on(Box::new(machine)).seat(), SMALL);
        let Err(JobError::Dream(error)) = refused else { panic!("{refused:?}") };
        let too_large =
            matches!(error, DreamError::TooLarge { .. } | DreamError::Machine(MachineError::TooLarge(_)));
        assert!(too_large, "{error}");
    }
}

#[test]
fn however_little_room_there_is_everybody_dreams() {
    let most = bytes_of(SMALL).max(bytes_of(OTHER));
    for knows in [Knows::Beforehand, Knows::TooLate] {
        let (machine, _hears) = small(most, knows);
        let room = Room::on(Box::new(machine.clone()));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut seat = room.seat();
                    for size in [SMALL, OTHER, OTHER, SMALL] {
                        load(&mut seat, size).expect("after the others at the latest");
                    }
                });
            }
        });
        assert_eq!(machine.most(), most);
    }
}

use std::thread;

use super::small::{Knows, small};
use super::*;
use crate::carry::{Carrier, Law, Tracker};
use crate::cpu::Cpu;
use crate::dream::Objective;
use crate::dream::tiles::{MemoryPlan, TileMode, Tiling};
use crate::extent::Extent;
use crate::plan::carry::{CarrySettings, plan_carry};
use crate::plan::motion::{MotionSettings, plan_motion};

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

/// The memory of a film's dream on this machine, in one piece or in tiles of this side.
fn of_film(seat: &mut Seat, tile: Option<usize>) -> Result<MemoryPlan, JobError> {
    let mut wanted = wanted(SMALL);
    wanted.purpose.carried = true;
    wanted.config.tiling = Tiling { tile, tile_mode: tile.map(|_| TileMode::Fast), memory_limit: None };
    let dream = seat.dream(wanted, &Cancel::default(), &mut || ())?;
    Ok(dream.expect("it is not cancelled").memory())
}

/// The same without what carries it, and what that takes: the plans of motion and of carrying.
fn without_companions(tile: Option<usize>) -> (MemoryPlan, [u64; 2]) {
    let Wanted { weights, references, size, mut config, .. } = wanted(SMALL);
    config.tiling = Tiling { tile, tile_mode: tile.map(|_| TileMode::Fast), memory_limit: None };
    let purpose = Purpose { carried: true, ..Purpose::default() };
    let dream = Dream::prepare_for(purpose, &Cpu::new(), &weights, size, &config, &references);
    let (motion, octaves) = (plan_motion(size, &MotionSettings::default()), vec![size]);
    let carry = CarrySettings { octaves, bounds: [(-100.0, 155.0); 3] };
    (dream.expect("a dream").memory(), [motion.plan.bytes(), plan_carry(&carry).plan.bytes()])
}

#[test]
fn what_carries_a_dream_is_counted_where_it_is() {
    for tile in [None, Some(24)] {
        let (machine, _hears) = small(1 << 40, Knows::TooLate);
        let room = Room::on(Box::new(machine.clone()));
        let mut seat = room.seat();
        let found = of_film(&mut seat, tile).expect("a dream");
        let (bare, [motion, carry]) = without_companions(tile);
        assert!(motion > 0 && carry > 0);
        let expected = match tile {
            None => (bare.device + motion + carry, 0),
            Some(_) => (bare.device + motion, bare.pictures + carry),
        };
        assert_eq!((found.device, found.pictures), expected, "{tile:?}");
        // It is what is loaded in the end.
        let _tracker = Tracker::new(&machine, SMALL).expect("there is room");
        let law = Law { carry: 0.9, shares: vec![1.0] };
        let _carrier = match tile {
            None => Carrier::new(&machine, law, vec![SMALL], [0.0; 3]).map(Some).expect("there is room"),
            Some(_) => None,
        };
        assert_eq!(machine.most(), found.device, "{tile:?}");
    }
}

#[test]
fn a_dream_that_fits_without_what_carries_it_is_not_taken_in_one_piece() {
    let (bare, companions) = without_companions(None);
    let all = bare.device + companions.iter().sum::<u64>();
    let is_whole = |bytes: u64| {
        let (machine, _hears) = small(bytes, Knows::Beforehand);
        let loaded = of_film(&mut Room::on(Box::new(machine)).seat(), None);
        loaded.is_ok_and(|memory| memory.tiles.is_none())
    };
    assert!(is_whole(all) && !is_whole(all - 1) && !is_whole(bare.device));
}

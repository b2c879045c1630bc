//! A device's memory, shared by dreams that run at a time: who finds no room waits until another has left.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::dream::tiles::Others;
use crate::dream::{Config, Dream, DreamError, References};
use crate::machine::{Kind, Machine, MachineError};
use crate::net::Weights;

/// The device's memory, and who has taken how much of it.
pub(super) struct Room<'a> {
    machine: &'a dyn Machine,
    weights: &'a Weights,
    references: &'a References,
    taken: Mutex<Taken>,
    freed: Condvar,
}

/// What the dreams at work hold.
#[derive(Default)]
struct Taken {
    /// Bytes of each.
    shares: Vec<u64>,
    /// Bytes that were free when there was none. What they touch goes from what is free now: it would count twice.
    room: Option<u64>,
}

/// A worker's place in the room, with the dream that it loaded last.
pub(super) struct Seat<'a> {
    room: &'a Room<'a>,
    loaded: Option<(Key, Dream)>,
}

/// What a loaded dream is good for: pictures of this height and width, and these settings.
type Key = ((usize, usize), Config);

impl<'a> Room<'a> {
    pub(super) fn new(machine: &'a dyn Machine, weights: &'a Weights, references: &'a References) -> Self {
        Self { machine, weights, references, taken: Mutex::default(), freed: Condvar::new() }
    }

    pub(super) fn seat(&'a self) -> Seat<'a> {
        Seat { room: self, loaded: None }
    }

    /// Loads a dream, once there is room for it beside the others.
    fn load(&self, size: (usize, usize), config: &Config) -> Result<Dream, DreamError> {
        let mut taken = lock(&self.taken);
        loop {
            let Self { machine, weights, references, .. } = *self;
            if taken.shares.is_empty() {
                taken.room = machine.room();
            }
            let others = Others { bytes: taken.shares.iter().sum(), room: taken.room };
            match Dream::prepare_beside(others, machine, weights, size, config, references) {
                Err(DreamError::TooLarge { .. } | DreamError::Machine(MachineError::TooLarge(_)))
                    if !taken.shares.is_empty() =>
                {
                    taken = self.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
                }
                Ok(dream) => {
                    taken.shares.push(self.share(&dream));
                    return Ok(dream);
                }
                failed => return failed,
            }
        }
    }

    /// Bytes that a dream takes on the machine; whole pictures are the computer's affair.
    fn share(&self, dream: &Dream) -> u64 {
        if self.machine.kind() == Kind::Cpu { dream.bytes() } else { dream.memory().device }
    }
}

impl Seat<'_> {
    /// The dream for these pictures: the one at hand, or a new one in its place.
    pub(super) fn dream(&mut self, size: (usize, usize), config: &Config) -> Result<&mut Dream, DreamError> {
        if !self.loaded.as_ref().is_some_and(|(key, _)| (key.0, &key.1) == (size, config)) {
            self.free();
        }
        let loaded = match self.loaded.take() {
            Some(loaded) => loaded,
            None => ((size, config.clone()), self.room.load(size, config)?),
        };
        Ok(&mut self.loaded.insert(loaded).1)
    }

    fn free(&mut self) {
        if let Some((_, dream)) = self.loaded.take() {
            let share = self.room.share(&dream);
            drop(dream);
            let shares = &mut lock(&self.room.taken).shares;
            if let Some(at) = shares.iter().position(|&other| other == share) {
                shares.swap_remove(at);
            }
            self.room.freed.notify_all();
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.free();
    }
}

/// A worker that panicked leaves what is counted as it was.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;

    use super::*;
    use crate::cpu::Cpu;
    use crate::dream::Objective;
    use crate::machine::{Ceiling, Execution, Next, Turn, TurnTimes, Turned};
    use crate::plan::{PhaseId, Plan, View};

    const SMALL: (usize, usize) = (32, 40);
    const OTHER: (usize, usize) = (40, 32);

    /// Who knows how much memory there is.
    #[derive(Clone, Copy, PartialEq)]
    enum Knows {
        /// The machine says it beforehand, as the processor does.
        Beforehand,
        /// It turns out when there is none left, as on a GPU.
        TooLate,
    }

    /// A machine with so many bytes of memory.
    struct Small {
        bytes: u64,
        knows: Knows,
        use_of: Arc<Mutex<Use>>,
        /// Told each time that there may be no room, or is none.
        asked: Mutex<Sender<()>>,
    }

    #[derive(Default)]
    struct Use {
        now: u64,
        most: u64,
    }

    fn small(bytes: u64, knows: Knows) -> (Small, Receiver<()>) {
        let (asked, hears) = channel();
        (Small { bytes, knows, use_of: Arc::default(), asked: Mutex::new(asked) }, hears)
    }

    impl Small {
        fn tell(&self) {
            lock(&self.asked).send(()).expect("the test listens");
        }

        fn most(&self) -> u64 {
            lock(&self.use_of).most
        }
    }

    impl Machine for Small {
        fn name(&self) -> String {
            "small".to_owned()
        }

        fn kind(&self) -> Kind {
            Kind::Cpu
        }

        fn weight_bytes(&self, _: &Plan, _: &Weights) -> u64 {
            0
        }

        fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
            let mut used = lock(&self.use_of);
            if self.knows == Knows::TooLate && used.now + plan.bytes() > self.bytes {
                self.tell();
                return Err(MachineError::TooLarge("nothing is left".to_owned()));
            }
            used.now += plan.bytes();
            used.most = used.most.max(used.now);
            let execution = Cpu::new().load(plan, weights)?;
            Ok(Box::new(Loaded { execution, bytes: plan.bytes(), use_of: Arc::clone(&self.use_of) }))
        }

        fn check(&self, plan: &Plan) -> Result<(), MachineError> {
            match self.knows {
                Knows::Beforehand if plan.bytes() > self.bytes => {
                    Err(MachineError::TooLarge("it is small".to_owned()))
                }
                _ => Ok(()),
            }
        }

        fn room(&self) -> Option<u64> {
            self.tell();
            // What is free at this moment: as if dreams touched all of their memory at once.
            (self.knows == Knows::Beforehand).then(|| self.bytes - lock(&self.use_of).now)
        }

        fn ceiling(&self) -> Result<Ceiling, MachineError> {
            Cpu::new().ceiling()
        }
    }

    /// A plan on it, which gives its memory back.
    struct Loaded {
        execution: Box<dyn Execution>,
        bytes: u64,
        use_of: Arc<Mutex<Use>>,
    }

    impl Drop for Loaded {
        fn drop(&mut self) {
            lock(&self.use_of).now -= self.bytes;
        }
    }

    impl Execution for Loaded {
        fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
            self.execution.write(view, data)
        }

        fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
            self.execution.read(view)
        }

        fn run(
            &mut self,
            phase: PhaseId,
            turns: &[Turn<'_>],
            report: View,
            look: View,
            watch: &mut dyn FnMut(Turned) -> Next,
        ) -> Result<Vec<Vec<f32>>, MachineError> {
            self.execution.run(phase, turns, report, look, watch)
        }

        fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError> {
            self.execution.run_once(phase, dials)
        }

        fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
            self.execution.time(phase, dials)
        }
    }

    fn config() -> Config {
        Config { objectives: vec![Objective::l2("conv2/3x3")], octaves: 1.into(), ..Config::default() }
    }

    /// What one dream takes.
    fn bytes_of(size: (usize, usize)) -> u64 {
        Dream::prepare(&Cpu::new(), &Weights::embedded(), size, &config()).expect("a dream").bytes()
    }

    #[test]
    fn who_finds_no_room_waits_for_it() {
        let one = bytes_of(SMALL);
        for knows in [Knows::Beforehand, Knows::TooLate] {
            let (machine, hears) = small(2 * one - 1, knows);
            let (weights, config, none) = (Weights::embedded(), config(), References::default());
            let room = Room::new(&machine, &weights, &none);
            let mut first = room.seat();
            first.dream(SMALL, &config).expect("there is room for one");
            thread::scope(|scope| {
                let second = scope.spawn(|| {
                    let loaded = room.seat().dream(SMALL, &config).map(|dream| dream.bytes());
                    machine.tell(); // so that nobody waits where nothing was asked
                    loaded
                });
                hears.recv().expect("the second asks");
                // Which is had once the second waits, or has loaded where it should have waited.
                drop(lock(&room.taken));
                drop(first);
                assert_eq!(second.join().expect("no panic").expect("there is room again"), one);
            });
            assert_eq!(machine.most(), one);
        }
    }

    #[test]
    fn who_finds_room_does_not_wait() {
        let one = bytes_of(SMALL);
        for knows in [Knows::Beforehand, Knows::TooLate] {
            let (machine, _hears) = small(2 * one, knows);
            let (weights, config, none) = (Weights::embedded(), config(), References::default());
            let room = Room::new(&machine, &weights, &none);
            let (mut first, mut second) = (room.seat(), room.seat());
            first.dream(SMALL, &config).expect("there is room for one");
            second.dream(SMALL, &config).expect("and for another");
            assert_eq!(machine.most(), 2 * one);
        }
    }

    #[test]
    fn nobody_waits_for_what_never_comes() {
        for knows in [Knows::Beforehand, Knows::TooLate] {
            // Too little for the smallest of tiles.
            let (machine, _hears) = small(1000, knows);
            let (weights, config, none) = (Weights::embedded(), config(), References::default());
            let room = Room::new(&machine, &weights, &none);
            let refused = room.seat().dream(SMALL, &config).map(|dream| dream.bytes());
            let too_large = matches!(
                refused,
                Err(DreamError::TooLarge { .. } | DreamError::Machine(MachineError::TooLarge(_)))
            );
            assert!(too_large, "{refused:?}");
        }
    }

    #[test]
    fn however_little_room_there_is_everybody_dreams() {
        let most = bytes_of(SMALL).max(bytes_of(OTHER));
        for knows in [Knows::Beforehand, Knows::TooLate] {
            let (machine, _hears) = small(most, knows);
            let (weights, config, none) = (Weights::embedded(), config(), References::default());
            let room = Room::new(&machine, &weights, &none);
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        let mut seat = room.seat();
                        for size in [SMALL, OTHER, OTHER, SMALL] {
                            seat.dream(size, &config).expect("after the others at the latest");
                        }
                    });
                }
            });
            assert_eq!(machine.most(), most);
        }
    }
}

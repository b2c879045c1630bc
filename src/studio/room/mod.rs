//! A device's memory, shared by dreams that run at the same time. A dream that does not fit waits until another
//! one has finished.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Cancel, JobError};
use crate::carry;
use crate::dream::tiles::{Beside, Companions, Others};
use crate::dream::{Config, Dream, DreamError, Purpose, References};
use crate::extent::Extent;
use crate::machine::{Kind, Machine, MachineError};
use crate::net::Weights;

/// How often a waiting dream checks whether it was cancelled.
const PATIENCE: Duration = Duration::from_millis(100);

/// The memory of a device, and how much of it is in use by whom.
pub struct Room {
    machine: Arc<dyn Machine>,
    taken: Mutex<Taken>,
    freed: Condvar,
}

/// What the loaded dreams hold.
#[derive(Default)]
struct Taken {
    /// The bytes of each dream, and of what carries it from frame to frame.
    shares: Vec<u64>,
    /// The bytes that were free when no dream was loaded. What is free now excludes memory that dreams already
    /// use, which would then count twice.
    room: Option<u64>,
    /// The bytes of the weights that the dreams loaded, which they share.
    weights: u64,
    /// How many dreams have been unloaded so far.
    left: u64,
}

/// A worker's access to the room, with the dream that it loaded last.
#[derive(Debug)]
pub struct Seat {
    room: Arc<Room>,
    loaded: Option<(Wanted, Dream)>,
}

/// What a loaded dream is used for: pictures of this size, with these weights, references and settings.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) weights: Weights,
    pub(super) references: Arc<References>,
    pub(super) size: Extent,
    pub(super) config: Config,
    pub(super) purpose: Purpose,
}

impl Wanted {
    /// Whether a dream loaded for one can be used for the other.
    fn is_same(&self, other: &Self) -> bool {
        self.weights.is_same(&other.weights)
            && Arc::ptr_eq(&self.references, &other.references)
            && (self.size, &self.config, self.purpose) == (other.size, &other.config, other.purpose)
    }
}

impl Room {
    /// The memory of a device.
    pub fn on(machine: Box<dyn Machine>) -> Arc<Self> {
        Arc::new(Self { machine: machine.into(), taken: Mutex::default(), freed: Condvar::new() })
    }

    /// The device.
    pub fn machine(&self) -> &dyn Machine {
        &*self.machine
    }

    /// Access for one dream at a time.
    pub fn seat(self: &Arc<Self>) -> Seat {
        Seat { room: Arc::clone(self), loaded: None }
    }

    /// Loads a dream, once it fits beside the others. `waiting` is called if it does not fit yet. Nothing is
    /// loaded if the dream is cancelled while it waits.
    fn load(
        &self,
        wanted: &Wanted,
        cancel: &Cancel,
        waiting: &mut dyn FnMut(),
    ) -> Result<Option<Dream>, DreamError> {
        let mut taken = lock(&self.taken);
        let mut waits = false;
        while !cancel.is_cancelled() {
            if taken.shares.is_empty() {
                *taken = Taken { room: self.machine.room(), left: taken.left, ..Taken::default() };
            }
            let bytes = taken.shares.iter().sum::<u64>();
            let others = Others { bytes, weights: taken.weights, room: taken.room };
            match self.prepare(wanted, others) {
                Err(DreamError::TooLarge { .. } | DreamError::Machine(MachineError::TooLarge(_)))
                    if !taken.shares.is_empty() =>
                {
                    if !std::mem::replace(&mut waits, true) {
                        waiting();
                    }
                    taken = self.wait(taken, cancel);
                }
                Ok(dream) => {
                    taken.shares.push(self.share(&dream));
                    taken.weights += dream.memory().weights;
                    return Ok(Some(dream));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn prepare(&self, wanted: &Wanted, others: Others) -> Result<Dream, DreamError> {
        let Wanted { weights, references, size, config, purpose } = wanted;
        let beside = match purpose.carried {
            true => Beside { others, companions: carry::companions },
            false => Beside { others, companions: |_| Companions::default() },
        };
        Dream::prepare_beside(beside, *purpose, &*self.machine, weights, *size, config, references)
    }

    /// Waits until another dream has been unloaded, or this one is cancelled.
    fn wait<'a>(&self, mut taken: MutexGuard<'a, Taken>, cancel: &Cancel) -> MutexGuard<'a, Taken> {
        let before = taken.left;
        while taken.left == before && !cancel.is_cancelled() {
            let waited = self.freed.wait_timeout(taken, PATIENCE);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        taken
    }

    /// The bytes that a dream needs on the machine. Whole pictures are in the computer's memory.
    fn share(&self, dream: &Dream) -> u64 {
        if self.machine.kind() == Kind::Cpu { dream.bytes() } else { dream.memory().device }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room on {}", self.machine.name())
    }
}

impl Seat {
    /// The device.
    pub(super) fn machine(&self) -> Arc<dyn Machine> {
        Arc::clone(&self.room.machine)
    }

    /// Returns the requested dream: the one already loaded, or a new one that replaces it; `None` if it is
    /// cancelled while it waits for memory.
    pub(super) fn dream(
        &mut self,
        wanted: Wanted,
        cancel: &Cancel,
        waiting: &mut dyn FnMut(),
    ) -> Result<Option<&mut Dream>, JobError> {
        if !self.loaded.as_ref().is_some_and(|(loaded, _)| loaded.is_same(&wanted)) {
            self.free();
        }
        let loaded = match self.loaded.take() {
            Some(loaded) => loaded,
            None => match self.room.load(&wanted, cancel, waiting)? {
                Some(dream) => (wanted, dream),
                None => return Ok(None),
            },
        };
        Ok(Some(&mut self.loaded.insert(loaded).1))
    }

    fn free(&mut self) {
        if let Some((_, dream)) = self.loaded.take() {
            let share = self.room.share(&dream);
            drop(dream);
            let mut taken = lock(&self.room.taken);
            if let Some(at) = taken.shares.iter().position(|&other| other == share) {
                taken.shares.swap_remove(at);
            }
            taken.left += 1;
            drop(taken);
            self.room.freed.notify_all();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.free();
    }
}

/// Ignores poisoning: a worker that panicked leaves the counts consistent.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(super) mod small;
#[cfg(test)]
mod tests;

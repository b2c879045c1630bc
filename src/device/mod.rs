//! From a request (`auto`, `gpu`, `cpu`, a name or a number) to a machine.

#[cfg(not(feature = "gpu"))]
mod no_gpu;

use crate::machine::{Habits, Kind, Machine, MachineError};
use crate::spelling::nearest;

#[cfg(feature = "gpu")]
pub use crate::gpu::{Adapter, adapters};
#[cfg(not(feature = "gpu"))]
pub use no_gpu::{Adapter, adapters};

/// What a request resolves to.
#[derive(Debug)]
pub enum Choice {
    /// The processor.
    Cpu,
    /// This adapter.
    Gpu(Box<Adapter>),
}

/// Opens the machine that `wish` means: `auto` (a real GPU if there is one, else the processor), `gpu` (a
/// real GPU), `cpu`, the number of an adapter in [`adapters`], or a part of its name.
///
/// # Errors
/// If there is no such device, if it cannot be opened, or if this build does not include its machine.
pub fn open(wish: &str, habits: &Habits) -> Result<Box<dyn Machine>, MachineError> {
    Ok(match choose(wish, adapters)? {
        Choice::Cpu => host()?,
        Choice::Gpu(adapter) => adapter.open(habits)?,
    })
}

/// The computer's own processor: what whole pictures are kept on whose
/// network runs in tiles, on whatever device.
///
/// # Errors
/// If this build does not include the processor machine, or the system gives it no thread.
pub fn host() -> Result<Box<dyn Machine>, MachineError> {
    processor("a dream in tiles keeps its whole pictures on the processor")
}

/// The processor machine; an error gives the `reason` that it was wanted for.
#[cfg(feature = "cpu")]
fn processor(_reason: &str) -> Result<Box<dyn Machine>, MachineError> {
    Ok(Box::new(crate::cpu::Cpu::open()?))
}

#[cfg(not(feature = "cpu"))]
fn processor(reason: &str) -> Result<Box<dyn Machine>, MachineError> {
    Err(MachineError::NotBuilt { kind: Kind::Cpu, reason: reason.to_owned() })
}

/// Decides without opening anything. Adapters are only looked for if the request needs them.
pub fn choose(wish: &str, adapters: impl FnOnce() -> Vec<Adapter>) -> Result<Choice, MachineError> {
    match wish {
        "cpu" => processor("'cpu' was asked for").map(|_| Choice::Cpu),
        "auto" => {
            let found = adapters();
            let names = list(&found);
            match first_real(found) {
                Some(adapter) => Ok(Choice::Gpu(Box::new(adapter))),
                None => processor(&format!("no GPU was found ({names})")).map(|_| Choice::Cpu),
            }
        }
        "gpu" if cfg!(not(feature = "gpu")) => {
            Err(MachineError::NotBuilt { kind: Kind::Gpu, reason: "'gpu' was asked for".to_owned() })
        }
        "gpu" => {
            let found = adapters();
            let names = list(&found);
            first_real(found).map(|adapter| Choice::Gpu(Box::new(adapter))).ok_or_else(|| {
                MachineError::NoDevice(format!("no GPU was found ({names}); install a Vulkan driver"))
            })
        }
        _ => named(wish, adapters()),
    }
}

/// A software adapter does not count as a GPU: it runs on the same processor as `cpu`, ten times slower.
fn first_real(adapters: Vec<Adapter>) -> Option<Adapter> {
    adapters.into_iter().find(|adapter| !adapter.is_software())
}

fn named(wish: &str, adapters: Vec<Adapter>) -> Result<Choice, MachineError> {
    let titles: Vec<String> = adapters.iter().map(Adapter::title).collect();
    let index = match wish.parse::<usize>() {
        Ok(index) => Some(index),
        Err(_) if wish.is_empty() => None,
        Err(_) => titles.iter().position(|title| title.to_lowercase().contains(&wish.to_lowercase())),
    };
    let found = index.and_then(|index| adapters.into_iter().nth(index));
    found.map(|adapter| Choice::Gpu(Box::new(adapter))).ok_or_else(|| {
        let known = words().chain(titles.iter().map(String::as_str));
        MachineError::UnknownDevice(format!(
            "there is no device '{wish}'; nearest: {}",
            nearest(wish, known).join(", ")
        ))
    })
}

/// What can be requested besides adapters.
fn words<'a>() -> impl Iterator<Item = &'a str> {
    let words = [("auto", true), ("gpu", cfg!(feature = "gpu")), ("cpu", cfg!(feature = "cpu"))];
    words.into_iter().filter_map(|(word, built)| built.then_some(word))
}

fn list(adapters: &[Adapter]) -> String {
    if adapters.is_empty() {
        return "no adapter at all".to_owned();
    }
    let titles: Vec<String> = adapters.iter().map(Adapter::title).collect();
    format!("only software: {}", titles.join(", "))
}

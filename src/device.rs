//! From a wish (`auto`, `gpu`, `cpu`, a name or a number) to a machine.

use crate::cpu::Cpu;
use crate::gpu::{Adapter, Gpu, Habits, adapters};
use crate::machine::{Machine, MachineError};
use crate::spelling::nearest;

/// What a wish comes down to.
pub enum Choice {
    /// The processor.
    Cpu,
    /// This adapter.
    Gpu(Box<Adapter>),
}

/// Opens the machine that `wish` means: `auto` (a real GPU if there is one, else the processor), `gpu` (a
/// real GPU), `cpu`, the number of an adapter in [`adapters`], or a part of its name.
pub fn open(wish: &str, habits: &Habits) -> Result<Box<dyn Machine>, MachineError> {
    Ok(match choose(wish, adapters)? {
        Choice::Cpu => Box::new(Cpu::new()),
        Choice::Gpu(adapter) => Box::new(Gpu::open(&adapter, habits)?),
    })
}

/// The computer's own processor: what whole pictures are kept on whose network runs in tiles, on whatever device.
///
/// # Errors
/// None while the processor machine is part of the program.
pub fn host() -> Result<Box<dyn Machine>, MachineError> {
    Ok(Box::new(Cpu::new()))
}

/// Decides without opening. Adapters are only looked for where the wish needs them.
pub fn choose(wish: &str, adapters: impl FnOnce() -> Vec<Adapter>) -> Result<Choice, MachineError> {
    match wish {
        "cpu" => Ok(Choice::Cpu),
        "auto" => Ok(first_real(adapters()).map_or(Choice::Cpu, |adapter| Choice::Gpu(Box::new(adapter)))),
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

/// A software adapter counts as no GPU: it runs on the same processor as `cpu`, ten times slower.
fn first_real(adapters: Vec<Adapter>) -> Option<Adapter> {
    adapters.into_iter().find(|adapter| !adapter.is_software())
}

fn named(wish: &str, mut adapters: Vec<Adapter>) -> Result<Choice, MachineError> {
    let matches = |adapter: &Adapter| adapter.title().to_lowercase().contains(&wish.to_lowercase());
    let index = match wish.parse::<usize>() {
        Ok(index) => Some(index).filter(|&index| index < adapters.len()),
        Err(_) if wish.is_empty() => None,
        Err(_) => adapters.iter().position(matches),
    };
    match index {
        Some(index) => Ok(Choice::Gpu(Box::new(adapters.swap_remove(index)))),
        None => {
            let titles: Vec<String> = adapters.iter().map(Adapter::title).collect();
            let known = ["auto", "gpu", "cpu"].into_iter().chain(titles.iter().map(String::as_str));
            Err(MachineError::UnknownDevice(format!(
                "there is no device '{wish}'; nearest: {}",
                nearest(wish, known).join(", ")
            )))
        }
    }
}

fn list(adapters: &[Adapter]) -> String {
    if adapters.is_empty() {
        return "no adapter at all".to_owned();
    }
    let titles: Vec<String> = adapters.iter().map(Adapter::title).collect();
    format!("only software: {}", titles.join(", "))
}

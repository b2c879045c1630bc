//! How much of their tolerances the machines use: a tolerance that nobody comes near proves little.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use puppyslug::machine::Machine;

/// The largest share of each kind of step on each machine.
static SHARES: Mutex<BTreeMap<(String, &str), f64>> = Mutex::new(BTreeMap::new());

/// Remembers the share that a case used.
pub(crate) fn note(machine: &dyn Machine, kind: &'static str, share: f64) {
    let mut shares = SHARES.lock().unwrap_or_else(PoisonError::into_inner);
    let largest = shares.entry((machine.name(), kind)).or_default();
    *largest = largest.max(share);
}

/// Prints a line for each machine.
pub(crate) fn tell() {
    let shares = SHARES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((machine, kind), share) in shares.iter() {
        lines.entry(machine).or_default().push(format!("{kind} {:.0} %", 100.0 * share));
    }
    for (machine, kinds) in lines {
        eprintln!("largest share of a tolerance on {machine}: {}", kinds.join(", "));
    }
}

//! The memory that the program's own limits leave: of its addresses (`ulimit -v`) and of its data (`ulimit -d`).

use std::fs;
use std::path::Path;

use super::kibibytes;

/// Each limit, and what of the program counts there.
const LIMITS: [(&str, &str); 2] = [("Max address space", "VmSize"), ("Max data size", "VmData")];

/// Addresses that the C library takes for threads it has not seen yet, 64 MiB each, whether or not they are used.
pub(super) const ARENAS: u64 = 2 * (64 << 20);

/// Bytes left by the tightest.
pub(super) fn left(root: &Path) -> Option<u64> {
    let limits = fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let status = fs::read_to_string(root.join("proc/self/status")).ok()?;
    let left = LIMITS.into_iter().filter_map(|(limit, taken)| {
        Some(soft(&limits, limit)?.saturating_sub(kibibytes(&status, taken).unwrap_or(0) + ARENAS))
    });
    left.min()
}

/// The limit that counts, the first of two; `None` if it is unlimited.
fn soft(limits: &str, name: &str) -> Option<u64> {
    let rest = limits.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

//! The memory that the program's own limits leave: on its address space (`ulimit -v`) and on its data (`ulimit
//! -d`).

use std::fs;
use std::path::Path;

use super::kibibytes;

/// Each limit, and the usage that counts towards it.
const LIMITS: [(&str, &str); 2] = [("Max address space", "VmSize"), ("Max data size", "VmData")];

/// Address space that the C library reserves for threads it has not seen before, 64 MiB each, whether or not they
/// use it.
pub(super) const ARENAS: u64 = 2 * (64 << 20);

/// Bytes left by the tightest limit.
pub(super) fn left(root: &Path) -> Option<u64> {
    let limits = fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let status = fs::read_to_string(root.join("proc/self/status")).ok()?;
    let left = LIMITS.into_iter().filter_map(|(limit, taken)| {
        Some(soft(&limits, limit)?.saturating_sub(kibibytes(&status, taken).unwrap_or(0) + ARENAS))
    });
    left.min()
}

/// The soft limit, the first of two; `None` if it is unlimited.
fn soft(limits: &str, name: &str) -> Option<u64> {
    let rest = limits.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

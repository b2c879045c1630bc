//! Free memory: the tightest of all limits.
//!
//! A system may have much more memory than the program is allowed: it may have its own limit (`ulimit -v`), or
//! that of a container. Beyond the first, its allocations fail; beyond the second, it is killed. So part of
//! either is reserved for what is not planned.

mod cgroup;
mod limits;

use std::fs;
use std::path::Path;

/// Bytes of a hard limit that plans leave to everything else: the program, its threads, a picture being read or
/// written.
const KEPT_BACK: u64 = 64 << 20;

/// Bytes that are free at this moment, if the system says so.
pub(super) fn free_memory() -> Option<u64> {
    free_in(Path::new("/"))
}

/// The same for a system whose files lie below `root`.
fn free_in(root: &Path) -> Option<u64> {
    let hard = limits::left(root).into_iter().chain(cgroup::left(root)).min();
    let hard = hard.map(|left| left.saturating_sub(KEPT_BACK));
    available(root).into_iter().chain(hard).min()
}

/// What the system can give without swapping.
fn available(root: &Path) -> Option<u64> {
    kibibytes(&fs::read_to_string(root.join("proc/meminfo")).ok()?, "MemAvailable")
}

/// A size as `/proc` writes it: `NAME:   123 kB`.
fn kibibytes(report: &str, name: &str) -> Option<u64> {
    let mut sizes = report.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let size: u64 = sizes.next()?.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// A system of these files.
    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        root
    }

    fn free(files: &[(&str, &str)]) -> Option<u64> {
        free_in(system(files).path())
    }

    const MEMORY: (&str, &str) =
        ("proc/meminfo", "MemTotal:  16777216 kB\nMemAvailable:    8388608 kB\nSwapFree: 0 kB\n");
    const STATUS: (&str, &str) = ("proc/self/status", "VmSize:\t 1048576 kB\nVmData:\t  524288 kB\n");

    #[test]
    fn without_limits_it_is_what_the_system_has() {
        assert_eq!(free(&[MEMORY]), Some(8 * GIB));
        assert_eq!(free(&[]), None);
        let unlimited = "Max address space         unlimited            unlimited            bytes     \n";
        assert_eq!(free(&[MEMORY, STATUS, ("proc/self/limits", unlimited)]), Some(8 * GIB));
    }

    #[test]
    fn limits_of_the_program_count_with_what_it_has_taken() {
        for (limit, left) in [
            ("Max address space         4294967296           unlimited            bytes     \n", 3 * GIB),
            ("Max data size             2147483648           unlimited            bytes     \n", 3 * GIB / 2),
        ] {
            let found = free(&[MEMORY, STATUS, ("proc/self/limits", limit)]);
            assert_eq!(found, Some(left - limits::ARENAS - KEPT_BACK), "{limit}");
        }
        let exceeded = "Max address space         4096           unlimited            bytes     \n";
        assert_eq!(free(&[MEMORY, STATUS, ("proc/self/limits", exceeded)]), Some(0));
    }

    /// The group's own limit, or that of any of its ancestors.
    #[test]
    fn a_container_counts_by_either_kind_of_group() {
        let two = "25 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let group = ("proc/self/cgroup", "0::/a/b\n");
        for (limited, inactive, left) in
            [("a/b", "0", GIB), ("a", "0", GIB), ("a/b", "536870912", 3 * GIB / 2)]
        {
            let file = |name: &str| format!("sys/fs/cgroup/{limited}/memory.{name}");
            let (max, current, stat) = (file("max"), file("current"), file("stat"));
            let stats = format!("anon 5\ninactive_file {inactive}\n");
            let found = free(&[
                MEMORY,
                group,
                ("proc/self/mountinfo", two),
                ("sys/fs/cgroup/a/memory.max", "max\n"),
                ("sys/fs/cgroup/a/b/memory.max", "max\n"),
                (&max, "2147483648\n"),
                (&current, "1073741824\n"),
                (&stat, &stats),
            ]);
            assert_eq!(found, Some(left - KEPT_BACK), "{limited}");
        }
        let one = "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n\
                   36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        let found = free(&[
            MEMORY,
            ("proc/self/cgroup", "5:cpu:/a\n4:memory:/a\n0::/\n"),
            ("proc/self/mountinfo", one),
            ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3221225472\n"),
            ("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "2147483648\n"),
            ("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 0\n"),
            // The value that means no limit.
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "5\n"),
        ]);
        assert_eq!(found, Some(GIB - KEPT_BACK));
    }

    /// In a container the group has its outside name, and its folder is the top of what is mounted.
    #[test]
    fn a_group_is_found_where_only_it_is_seen() {
        let mount = "35 31 0:32 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        for group in ["4:memory:/docker/ab\n", "4:memory:/elsewhere\n"] {
            let found = free(&[
                MEMORY,
                ("proc/self/cgroup", group),
                ("proc/self/mountinfo", mount),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "536870912\n"),
            ]);
            assert_eq!(found, Some(GIB / 2 - KEPT_BACK), "{group}");
        }
    }
}

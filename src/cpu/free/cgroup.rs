//! The memory that the program's control groups leave. A container is such a group.

use std::fs;
use std::path::{Path, PathBuf};

/// Where one version of control groups keeps its files.
struct Version {
    /// The type of its file system.
    kind: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// The line of `memory.stat` for the part of the usage that is file cache, which is given up when memory is
    /// needed.
    copies: &'static str,
}

const TWO: Version =
    Version { kind: "cgroup2", limit: "memory.max", usage: "memory.current", copies: "inactive_file" };
const ONE: Version = Version {
    kind: "cgroup",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    copies: "total_inactive_file",
};

/// Bytes left by the tightest of the program's group and its ancestors.
pub(super) fn left(root: &Path) -> Option<u64> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).ok()?;
    let versions =
        [(&TWO, own.lines().find_map(|line| line.strip_prefix("0::"))), (&ONE, memory_group(&own))];
    let left = versions.into_iter().filter_map(|(version, group)| {
        let mount = mounts.lines().find_map(|line| Mount::read(line, version))?;
        version.left(root, &mount, Path::new(group?))
    });
    left.min()
}

/// The version 1 group that accounts for memory: `4:memory:/path`.
fn memory_group(own: &str) -> Option<&str> {
    own.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|name| name == "memory").then_some(path)
    })
}

/// Where the groups are mounted.
struct Mount<'a> {
    /// The group that the mount's top folder stands for.
    group: &'a Path,
    folder: &'a Path,
}

impl<'a> Mount<'a> {
    /// Reads a line of `mountinfo`: id, parent, device, root, folder, options, tags `-` type, source, options.
    fn read(line: &'a str, version: &Version) -> Option<Self> {
        let (place, what) = line.split_once(" - ")?;
        let (mut place, mut what) = (place.split(' ').skip(3), what.split(' '));
        let (group, folder) = (Path::new(place.next()?), Path::new(place.next()?));
        let (kind, options) = (what.next()?, what.nth(1).unwrap_or(""));
        let counts = kind == TWO.kind || options.split(',').any(|option| option == "memory");
        (kind == version.kind && counts).then_some(Self { group, folder })
    }
}

impl Version {
    fn left(&self, root: &Path, mount: &Mount<'_>, group: &Path) -> Option<u64> {
        let top = root.join(mount.folder.strip_prefix("/").unwrap_or(mount.folder));
        // Inside a container, the group may have a name that is only valid outside it.
        let below = group.strip_prefix(mount.group).unwrap_or(Path::new(""));
        let groups = below.ancestors().map(|below| top.join(below));
        groups.filter_map(|folder| self.left_in(&folder)).min()
    }

    /// Bytes that the group of a folder has left, if it has a limit.
    fn left_in(&self, folder: &Path) -> Option<u64> {
        let limit = number(folder.join(self.limit))?;
        let usage = number(folder.join(self.usage)).unwrap_or(0);
        Some(limit.saturating_sub(usage.saturating_sub(self.copies_in(folder))))
    }

    fn copies_in(&self, folder: &Path) -> u64 {
        let report = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let mut lines = report.lines().filter_map(|line| line.strip_prefix(self.copies)?.strip_prefix(' '));
        lines.next().and_then(|bytes| bytes.parse().ok()).unwrap_or(0)
    }
}

/// The number in a file; `None` for `max`.
fn number(file: PathBuf) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

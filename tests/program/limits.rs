//! The program where a system gives it little: threads, addresses, no windows. It does with less, or says what it lacks.
#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use image::{ImageBuffer, Rgb};
use testkit::{Desk, Ran, program};

const QUICK: &str = "dream cat.png -o a.png --octaves 1 --iterations 1 --layer conv1/7x7_s2 --device cpu";

/// A run as a user who has no processes but this, and may have so many threads; `None` where that cannot be arranged.
fn with_threads(desk: &Desk, threads: usize, arguments: &str) -> Option<Ran> {
    let folder = desk.path("cat.png").parent().expect("a folder").to_owned();
    fs::set_permissions(folder, Permissions::from_mode(0o777)).expect("mine");
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "64321", "--clear-groups", "prlimit", &format!("--nproc={threads}")]);
    command.arg(program()).args(arguments.split_whitespace());
    desk.settle(&mut command);
    let ran = Ran::of(command.env("RAYON_NUM_THREADS", "8").env("PUPPYSLUG_CACHE", ""));
    let refused = ran.err.contains("setpriv:") || ran.err.contains("Permission denied");
    if refused {
        eprintln!("ignored: only root can become a user without processes ({})", ran.err.trim());
    }
    (!refused).then_some(ran)
}

/// Whatever there is of threads, and from one run to the next: the picture, or one line.
#[test]
fn without_spare_threads_there_is_a_picture_or_an_error() {
    let desk = Desk::new();
    for threads in 1..=12 {
        let Some(ran) = with_threads(&desk, threads, QUICK) else { return };
        match ran.code {
            Some(0) => assert!(threads > 1 && desk.files().contains("a.png"), "{threads}: {}", ran.err),
            _ => ran.assert_failed("few threads", 1, &["no thread can be started"]),
        }
        assert!(!ran.err.contains("panicked"), "{threads}: {}", ran.err);
        // Of its four threads at least one computes.
        assert!(threads < 6 || ran.code == Some(0), "{threads}: {}", ran.err);
    }
}

/// Every limit between too little for anything and enough for all.
#[test]
fn with_few_addresses_there_is_a_picture_or_an_error() {
    let desk = Desk::new();
    let mut dreamed = Vec::new();
    for mebibytes in [200, 250, 300, 350, 400, 500, 700, 1000, 1500] {
        let ran = desk.run_with_memory(1024 * mebibytes, &format!("{QUICK} --size 1000"));
        match ran.code {
            Some(0) => dreamed.push(mebibytes),
            _ => ran.assert_failed("few addresses", 1, &[]),
        }
        assert!(!ran.err.contains("panicked"), "{mebibytes}: {}", ran.err);
    }
    assert!(dreamed.contains(&1500), "enough only for {dreamed:?}");
}

/// Drivers look for a window system, and a library of theirs complains where there is none.
#[test]
fn where_no_window_can_be_nobody_hears_of_it() {
    let desk = Desk::new();
    for folder in [None, Some("not/absolute")] {
        let mut command = desk.command("devices");
        command.env_remove("XDG_RUNTIME_DIR").envs(folder.map(|folder| ("XDG_RUNTIME_DIR", folder)));
        let ran = Ran::of(&mut command);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    }
}

/// A control group whose memory is limited, of either version; gone when it is dropped.
struct Group {
    folder: PathBuf,
    /// Where groups are seen, and what mounts their file system there.
    top: &'static str,
    mount: &'static str,
}

impl Group {
    /// One with so many bytes; `None` where none can be made.
    fn of(bytes: u64) -> Option<Self> {
        let own = format!("puppyslug-{}-{bytes}", std::process::id());
        let versions = [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "mount -t cgroup -o memory none"),
            ("/sys/fs/cgroup", "memory.max", "mount -t cgroup2 none"),
        ];
        versions.into_iter().find_map(|(top, limit, mount)| {
            let folder = Path::new(top).join(&own);
            fs::create_dir(&folder).ok()?;
            let group = Self { folder, top, mount };
            fs::write(group.folder.join(limit), bytes.to_string()).ok().map(|()| group)
        })
    }

    /// Runs in it; as a container is run, which sees nothing of the groups around its own, or not.
    fn run(&self, desk: &Desk, arguments: &str, contained: bool) -> Ran {
        let program = format!("exec {} {arguments}", program().display());
        let within = format!("echo 0 >{}/cgroup.procs || exit 99;", self.folder.display());
        let mut command = Command::new("sh");
        command.arg("-c").arg(match contained {
            false => format!("{within} {program}"),
            true => {
                let Self { top, mount, .. } = self;
                format!("{within} exec unshare --cgroup --mount sh -c 'umount {top} && {mount} {top} && {program}'")
            }
        });
        desk.settle(&mut command);
        Ran::of(command.env("RAYON_NUM_THREADS", "2").env("PUPPYSLUG_CACHE", ""))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Who has ended may still be counted for a moment.
        for _ in 0..100 {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whoever takes more than a group may have is killed. That does not happen: there is a picture, or one line.
#[test]
fn in_a_container_there_is_a_picture_or_an_error_and_nobody_is_killed() {
    let desk = Desk::new();
    desk.save("large.jpg", ImageBuffer::from_pixel(5000, 3000, Rgb([90u8, 120, 200])));
    let reading = QUICK.replace("cat.png", "large.jpg");
    for contained in [false, true] {
        let mut endings = Vec::new();
        for mebibytes in [120, 160, 200, 250, 300, 400, 600, 1000] {
            let Some(group) = Group::of(mebibytes << 20) else {
                return eprintln!("ignored: no control group can be made here");
            };
            for arguments in [format!("{QUICK} --size 1000"), format!("{reading} --size 200")] {
                let ran = group.run(&desk, &arguments, contained);
                if ran.code == Some(99) || ran.err.contains("unshare:") || ran.err.contains("mount:") {
                    return eprintln!("ignored: no container can be made here ({})", ran.err.trim());
                }
                match ran.code {
                    Some(0) => {}
                    _ => ran.assert_failed(&format!("{mebibytes} MiB, {contained}: {arguments}"), 1, &[]),
                }
                endings.push(ran.code);
            }
        }
        assert!(endings.contains(&Some(0)) && endings.contains(&Some(1)), "{endings:?}");
    }
}

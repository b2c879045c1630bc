//! The program where a system gives it little: threads, addresses, no windows. It does with less, or says what it lacks.
#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

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

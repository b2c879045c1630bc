//! Suppresses a message of GPU drivers. They look for a window system, and where there is none (on servers, in
//! containers, over ssh), one of its libraries complains on stderr. This program opens no window, so that line is
//! dropped.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

/// The beginning of libwayland's message.
const COMPLAINT: &[u8] = b"error: XDG_RUNTIME_DIR is invalid or not set";

/// Runs `work`, which may make a driver look for a window system. Anything else printed to stderr meanwhile is
/// printed afterwards.
pub(crate) fn without_window_complaints<R>(work: impl FnOnce() -> R) -> R {
    let known = std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).is_absolute());
    // If there is a window system, or stderr cannot be redirected, nothing is suppressed.
    let _aside = if known { None } else { Aside::begin().ok() };
    work()
}

/// Redirects stderr into a file until this is dropped.
struct Aside {
    stderr: OwnedFd,
    said: File,
}

impl Aside {
    fn begin() -> io::Result<Self> {
        let said = tempfile::tempfile()?;
        let stderr = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3)?;
        rustix::stdio::dup2_stderr(&said)?;
        Ok(Self { stderr, said })
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // If this fails, the error cannot be reported anywhere.
        let _ = rustix::stdio::dup2_stderr(&self.stderr);
        let mut said = Vec::new();
        let _ = self.said.rewind().and_then(|()| self.said.read_to_end(&mut said));
        let others = said.split_inclusive(|&byte| byte == b'\n').filter(|line| !line.starts_with(COMPLAINT));
        others.for_each(|line| drop(io::stderr().write_all(line)));
    }
}

//! A file from a server, which continues where it stopped the last time.
//!
//! What has arrived is kept in a `.part` file; beside it a note says which version of which address it is the
//! beginning of. A server is asked for the rest on condition that it still has that version (`If-Range`);
//! one that gave its version no name, or knows no ranges, sends the whole file again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body};

use crate::files::bytes::ByteSize;
use crate::remedy::Fault;

/// No GoogLeNet takes a third of this.
const LARGEST_FILE: u64 = 256 << 20;
/// How long a server may stay silent.
const PATIENCE: Duration = Duration::from_secs(60);
const CHUNK: usize = 64 << 10;

/// What to download, to where.
#[derive(Clone, Debug)]
pub struct Download {
    /// The address, `http://` or `https://`.
    pub url: String,
    /// Where it is gathered.
    pub part: PathBuf,
    /// The most bytes it may have.
    pub limit: u64,
    /// How long the server may stay silent.
    pub patience: Duration,
}

/// Why a download ended early.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No answer.
    #[error("'{url}' cannot be reached: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// What was in the way.
        reason: String,
    },
    /// An answer, and not the file.
    #[error("'{url}' answered {status}")]
    Refused {
        /// The address.
        url: String,
        /// What it answered.
        status: StatusCode,
    },
    /// The connection broke. What had arrived is kept.
    #[error("the connection broke after {done} bytes ({reason}); another attempt continues from there")]
    CutOff {
        /// How much there is now.
        done: u64,
        /// What the system said.
        reason: String,
    },
    /// More than anything that was meant.
    #[error("the file is larger than {}, too large for a GoogLeNet", ByteSize(*limit))]
    TooLarge {
        /// What was allowed.
        limit: u64,
    },
    /// Somebody else writes the same file.
    #[error("another program is downloading to '{}'", .0.display())]
    Busy(PathBuf),
    /// The disk does not take it.
    #[error("cannot write '{}': {source}", part.display())]
    Write {
        /// The file that was written.
        part: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Fault for DownloadError {}

/// How far a download is: bytes, of how many if the server says.
pub type Watch<'a> = dyn FnMut(u64, Option<u64>) + 'a;

/// What the server sends: bytes from `start` on, of `total`.
struct Coming {
    start: u64,
    total: Option<u64>,
    body: Body,
}

impl Download {
    /// A download with the usual limits.
    pub fn new(url: &str, part: PathBuf) -> Self {
        Self { url: url.to_owned(), part, limit: LARGEST_FILE, patience: PATIENCE }
    }

    /// Downloads, telling `watch` how far it is. The whole file then lies in the part file.
    pub fn run(&self, watch: &mut Watch<'_>) -> Result<(), DownloadError> {
        let mut file = self.open().map_err(|source| self.unwritten(source))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy(self.part.clone())),
            // Some file systems have no locks; most downloads are alone.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let have = file.metadata().map_err(|source| self.unwritten(source))?.len();
        // Nothing came, so nothing is kept.
        let coming = self.ask(have).inspect_err(|_| {
            if have == 0 {
                self.discard()
            }
        })?;
        match coming {
            None => Ok(()),
            Some(coming) => self.receive(&mut file, coming, watch),
        }
    }

    /// Forgets what has arrived: it is of no use, or has been used.
    pub fn discard(&self) {
        let _ = fs::remove_file(&self.part);
        let _ = fs::remove_file(self.note());
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.part)
    }

    /// Where it is kept what the part file is the beginning of.
    fn note(&self) -> PathBuf {
        let mut name = self.part.clone().into_os_string();
        name.push(".from");
        name.into()
    }

    /// Asks for what is missing after `have` bytes. `None`: nothing is.
    fn ask(&self, have: u64) -> Result<Option<Coming>, DownloadError> {
        let agent = self.agent();
        if let Some(version) = read_note(&self.note(), &self.url).filter(|_| have > 0) {
            let rest = agent
                .get(&self.url)
                .header(header::RANGE, format!("bytes={have}-"))
                .header(header::IF_RANGE, &version)
                .call()
                .map_err(|error| self.unreachable(&error))?;
            let range = rest.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            match (rest.status(), range.and_then(parse_range)) {
                (StatusCode::PARTIAL_CONTENT, Some((Some(start), total))) if start == have => {
                    return self.accept(rest, start, total).map(Some);
                }
                (StatusCode::RANGE_NOT_SATISFIABLE, Some((None, Some(total)))) if total == have => {
                    return Ok(None);
                }
                (StatusCode::OK, _) => return self.accept_whole(rest).map(Some),
                // Whatever that was, the whole file may still be available.
                _ => {}
            }
        }
        let whole = agent.get(&self.url).call().map_err(|error| self.unreachable(&error))?;
        self.accept_whole(whole).map(Some)
    }

    fn agent(&self) -> Agent {
        Agent::config_builder()
            .user_agent(concat!("puppyslug/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // What was asked for over TLS is not brought without it, whatever a redirect says.
            .https_only(self.url.starts_with("https://"))
            .timeout_resolve(Some(self.patience))
            .timeout_connect(Some(self.patience))
            .timeout_recv_response(Some(self.patience))
            .timeout_per_read(Some(self.patience))
            .build()
            .into()
    }

    fn accept_whole(&self, response: Response<Body>) -> Result<Coming, DownloadError> {
        let status = response.status();
        if status != StatusCode::OK {
            return Err(DownloadError::Refused { url: self.url.clone(), status });
        }
        let total = response.body().content_length();
        let coming = self.accept(response, 0, total)?;
        Ok(coming)
    }

    /// Notes which version this is, before the first of its bytes is kept.
    fn accept(
        &self,
        response: Response<Body>,
        start: u64,
        total: Option<u64>,
    ) -> Result<Coming, DownloadError> {
        if total.is_some_and(|total| total > self.limit) {
            return Err(DownloadError::TooLarge { limit: self.limit });
        }
        if start == 0 {
            let version = version_of(response.headers()).unwrap_or_default();
            let note = format!("{}\n{version}\n", self.url);
            fs::write(self.note(), note).map_err(|source| self.unwritten(source))?;
        }
        Ok(Coming { start, total, body: response.into_body() })
    }

    fn receive(
        &self,
        file: &mut File,
        mut coming: Coming,
        watch: &mut Watch<'_>,
    ) -> Result<(), DownloadError> {
        let unwritten = |source| self.unwritten(source);
        let mut done = coming.start;
        file.set_len(done).map_err(unwritten)?;
        file.seek(SeekFrom::Start(done)).map_err(unwritten)?;
        let mut body = coming.body.with_config().limit(u64::MAX).reader();
        let mut chunk = vec![0; CHUNK];
        watch(done, coming.total);
        loop {
            match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    done += read as u64;
                    if done > self.limit {
                        return Err(DownloadError::TooLarge { limit: self.limit });
                    }
                    file.write_all(&chunk[..read]).map_err(unwritten)?;
                    watch(done, coming.total);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DownloadError::CutOff { done, reason: error.to_string() }),
            }
        }
        match coming.total {
            Some(total) if done != total => {
                Err(DownloadError::CutOff { done, reason: format!("{total} were announced") })
            }
            _ => Ok(()),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> DownloadError {
        let reason = match error {
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        DownloadError::Unreachable { url: self.url.clone(), reason }
    }

    fn unwritten(&self, source: io::Error) -> DownloadError {
        DownloadError::Write { part: self.part.clone(), source }
    }
}

/// The version noted for this address, if the note is for it.
fn read_note(note: &Path, url: &str) -> Option<String> {
    let note = fs::read_to_string(note).ok()?;
    let (noted, version) = note.strip_suffix('\n')?.split_once('\n')?;
    (noted == url && !version.is_empty()).then(|| version.to_owned())
}

/// What the server calls this version of the file: its tag, or the time of its last change. A weak tag says
/// that versions mean the same, not that they have the same bytes.
fn version_of(headers: &HeaderMap) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = header(header::ETAG).filter(|tag| !tag.starts_with("W/"));
    tag.or_else(|| header(header::LAST_MODIFIED)).map(str::to_owned)
}

/// `bytes 5-9/10` as (5, 10), `bytes */10` as (nothing, 10); a total may be unknown.
fn parse_range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    if range == "*" {
        return Some((None, total));
    }
    let (start, _) = range.split_once('-')?;
    Some((Some(start.parse().ok()?), total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((Some(5), Some(10))));
        assert_eq!(parse_range("bytes 5-9/*"), Some((Some(5), None)));
        assert_eq!(parse_range("bytes */10"), Some((None, Some(10))));
        for text in ["", "bytes", "bytes 5/10", "bytes x-9/10", "items 5-9/10", "bytes 5-9/ten"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }

    #[test]
    fn a_version_is_a_strong_tag_or_a_time() {
        let version = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for &(name, value) in headers {
                map.insert(name, value.parse().expect("a header's value"));
            }
            version_of(&map)
        };
        let time = "Tue, 15 Nov 1994 12:45:26 GMT";
        assert_eq!(version(&[("etag", "\"x\""), ("last-modified", time)]).as_deref(), Some("\"x\""));
        assert_eq!(version(&[("etag", "W/\"x\""), ("last-modified", time)]).as_deref(), Some(time));
        assert_eq!(version(&[("etag", "W/\"x\"")]), None);
    }
}

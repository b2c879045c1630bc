//! Decides which requests are let in. Other pages in the same browser can send requests here, and foreign host
//! names can be made to resolve to this server. So every request is judged by the address that the server listens
//! on, never by what the request says of itself.
//!
//! 1. `Host` must be exactly one of ours, else 421. This prevents DNS rebinding.
//! 2. `Origin`, if sent, must be the same host, else 403; `null` counts as foreign too.
//! 3. `Sec-Fetch-Site`, if sent, must name this page or the user, else 403. Opening the page is exempt.
//! 4. Everything under `/api` except `/api/health` requires the cookie, for which a token is exchanged, once.
//! 5. Requests that change something also require a header of ours, which no form and no image can send.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use crate::files::digest::{hex, sha256};

/// The header that every request that changes something must have.
const MARK: &str = "x-puppyslug";

/// The security headers of every response: a page loads nothing from elsewhere, cannot be framed, and has no
/// content type guessed.
const SHIELDS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), usb=()"),
    ("cache-control", "no-store"),
];

/// Called with an address at which the page can be opened; each address works once.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// The gate of a server.
pub(super) struct Gate {
    /// The accepted values of `Host`.
    hosts: Vec<String>,
    /// The name of the cookie. It contains the port, because browsers share cookies between all ports of a host.
    cookie: String,
    secret: String,
    token: Mutex<String>,
    tell: Tell,
}

/// Marks a response to a client that has the cookie: its connection is not closed to make room for others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known;

impl Gate {
    /// The gate of a server that can be reached under these hosts (with port); the first is used in the address
    /// that it announces.
    pub(super) fn new(hosts: Vec<String>, port: u16, tell: Tell) -> Result<Self, getrandom::Error> {
        let (secret, token) = (random()?, Mutex::new(random()?));
        Ok(Self { hosts, cookie: format!("puppyslug-{port}"), secret, token, tell })
    }

    /// Announces where the page can be opened.
    pub(super) fn invite(&self) {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        (self.tell)(&format!("http://{}/?token={token}", self.hosts[0]));
    }

    /// Exchanges a token for the cookie, and announces a new token for the next browser.
    pub(super) fn redeem(&self, token: &str) -> Result<HeaderValue, Refusal> {
        let mut wanted = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if !same(token, &wanted) {
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "this address has been used already, or belongs to another run; the terminal shows a new one",
            ));
        }
        *wanted = random().map_err(Refusal::failed)?;
        drop(wanted);
        self.invite();
        let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, self.secret);
        HeaderValue::try_from(cookie).map_err(Refusal::failed)
    }

    fn check(&self, head: &Parts) -> Result<bool, Refusal> {
        let host = self.host(head)?;
        check_origin(&head.headers, host)?;
        check_site(head)?;
        let known = self.is_known(&head.headers);
        let path = head.uri.path();
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        let is_open = reads && (!path.starts_with("/api/") || path == "/api/health");
        if !known && !is_open {
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "this page is private; open the address that the program printed last in its terminal",
            ));
        }
        if !reads && !head.headers.contains_key(MARK) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "a change needs the header X-Puppyslug"));
        }
        Ok(known)
    }

    /// The requested host, if it is one of ours.
    fn host<'a>(&self, head: &'a Parts) -> Result<&'a str, Refusal> {
        let mut hosts = head.headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_ours = |host: &str| self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host));
        let named = head.uri.authority().is_none_or(|authority| is_ours(authority.as_str()));
        if hosts.next().is_none() && is_ours(host) && named {
            return Ok(host);
        }
        let accepted = self.hosts.join(", ");
        let message = format!("this server answers to {accepted} only, not to another name");
        Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, message))
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.cookie && same(value, &self.secret))
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Gate of {}", self.hosts.join(", "))
    }
}

fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let ours = |origin: &HeaderValue| {
        origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://"))
            .is_some_and(|origin| origin == host)
    };
    match headers.get_all(header::ORIGIN).iter().all(ours) {
        true => Ok(()),
        false => Err(Refusal::new(StatusCode::FORBIDDEN, "this server answers to its own page only")),
    }
}

/// Refuses requests made by other pages; a link on one of them may still open ours.
fn check_site(head: &Parts) -> Result<(), Refusal> {
    let value = |name: &str| head.headers.get(name).map(HeaderValue::as_bytes);
    let opens = head.method == Method::GET
        && head.uri.path() == "/"
        && value("sec-fetch-mode") == Some(b"navigate")
        && value("sec-fetch-dest") == Some(b"document");
    match value("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if opens => Ok(()),
        Some(_) => Err(Refusal::new(StatusCode::FORBIDDEN, "this server answers to its own page only")),
    }
}

/// Lets in the requests that pass the gate, and adds the security headers to every response.
pub(super) async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let mut answer = match gate.check(&head) {
        Ok(known) => {
            let mut answer = next.run(Request::from_parts(head, body)).await;
            if known {
                answer.extensions_mut().insert(Known);
            }
            answer
        }
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in SHIELDS {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().entry(HeaderName::from_static(name)).or_insert(value);
    }
    answer
}

/// Whether two texts are equal. The hashes are compared, so the time taken does not reveal how much of the texts
/// agrees.
fn same(one: &str, other: &str) -> bool {
    sha256(one.as_bytes()) == sha256(other.as_bytes())
}

/// 192 random bits, in hexadecimal.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

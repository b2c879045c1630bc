//! The page's server from outside: the program itself, and sockets that say whatever a test wants.

mod attacks;
mod client;
#[cfg(unix)]
mod crowds;
mod films;
mod floods;
mod jobs;
mod kept;
